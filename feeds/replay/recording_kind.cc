#include "feeds/replay/recording_kind.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>
#include <cstddef>
#include <utility>
#include <vector>

#include "feeds/csv/book_rows.h"
#include "feeds/iex/segment.h"
#include "feeds/itch/framing.h"
#include "feeds/packets/capture_reader.h"
#include "feeds/packets/datagram.h"
#include "feeds/replay/byte_source.h"
#include "feeds/ticklog/log_format.h"
#include "gateway/base/strings.h"

namespace streamhub {
namespace {

using Bytes = std::span<const uint8_t>;

constexpr size_t kStartBytes = 64 * 1024;
constexpr size_t kShownBytes = 8;

constexpr char kRecognised[] =
    "pcap or pcapng (itch-mold, iex), SoupBinTCP (itch-soup), DBN, a FIX log, "
    "a crypto capture, a tick log, CSV with a known header; --format says what "
    "it is";

constexpr std::array<std::pair<RecordingKind, std::string_view>, 12> kNames = {{
    {RecordingKind::kItch, "itch"},
    {RecordingKind::kItchMold, "itch-mold"},
    {RecordingKind::kItchSoup, "itch-soup"},
    {RecordingKind::kCsv, "csv"},
    {RecordingKind::kDbn, "dbn"},
    {RecordingKind::kFix, "fix"},
    {RecordingKind::kIex, "iex"},
    {RecordingKind::kCrypto, "crypto"},
    {RecordingKind::kTickLog, "ticklog"},
    {RecordingKind::kTardisBook, "tardis-book"},
    {RecordingKind::kTardisSnapshot, "tardis-snapshot"},
    {RecordingKind::kLobster, "lobster"},
}};

bool BeginsWith(Bytes start, std::initializer_list<uint8_t> magic) {
  return start.size() >= magic.size() &&
         std::equal(magic.begin(), magic.end(), start.begin());
}

// pcap of micro- or nanoseconds, either byte order; pcapng.
bool IsCapture(Bytes start) {
  return BeginsWith(start, {0xA1, 0xB2, 0xC3, 0xD4}) ||
         BeginsWith(start, {0xD4, 0xC3, 0xB2, 0xA1}) ||
         BeginsWith(start, {0xA1, 0xB2, 0x3C, 0x4D}) ||
         BeginsWith(start, {0x4D, 0x3C, 0xB2, 0xA1}) ||
         BeginsWith(start, {0x0A, 0x0D, 0x0D, 0x0A});
}

// Is one of the first packets IEX's? Its segments say what they are, those of
// MoldUDP64 do not.
bool HoldsIex(Bytes start) {
  packets::CaptureReader capture;
  for (;;) {
    packets::Packet packet;
    switch (capture.Read(&packet)) {
      case packets::CaptureReader::Next::kNeedMore: {
        if (start.empty()) return false;
        const std::span<uint8_t> room = capture.Room();
        const size_t bytes = std::min(room.size(), start.size());
        std::copy_n(start.begin(), bytes, room.begin());
        capture.Filled(bytes);
        start = start.subspan(bytes);
        break;
      }
      case packets::CaptureReader::Next::kPacket: {
        packets::Datagram datagram;
        iex::Segment segment;
        if (packets::ParseDatagram(capture.link(), packet, &datagram) ==
                packets::Parsed::kDatagram &&
            iex::ParseSegment(datagram.payload, &segment) ==
                iex::SegmentFault::kNone) {
          return true;
        }
        break;
      }
      case packets::CaptureReader::Next::kEnd:
      case packets::CaptureReader::Next::kDamaged:
        return false;
    }
  }
}

// The login that a SoupBinTCP server accepts comes first: 31 bytes, type A. An
// A of ITCH has 36.
bool IsSoup(Bytes start) { return BeginsWith(start, {0, 31, 'A'}); }

bool IsFix(std::string_view start) {
  const size_t at = start.substr(0, 1024).find("8=FIX");
  return at != start.npos && start.size() > at + 5 &&
         (start[at + 5] == '.' || start[at + 5] == 'T');
}

// "1723161256000000000 {" or "1618677817.123: {", or with "[".
bool IsCrypto(std::string_view start) {
  const size_t end = start.find_first_not_of("0123456789.");
  if (end == 0 || end == start.npos) return false;
  start.remove_prefix(end);
  if (start.starts_with(':')) start.remove_prefix(1);
  return start.starts_with(" {") || start.starts_with(" [");
}

// The first bytes of a file, decompressed; never none.
absl::StatusOr<std::vector<uint8_t>> StartOf(const std::string& path) {
  const auto source = ByteSource::Open(path);
  if (!source.ok()) return source.status();
  std::vector<uint8_t> start(kStartBytes);
  size_t size = 0;
  while (size < start.size()) {
    size_t bytes = 0;
    const auto result =
        (*source)->Read(std::span(start).subspan(size), 0, &bytes);
    if (result == ByteSource::Result::kFailed && size == 0) {
      return (*source)->status();
    }
    if (result == ByteSource::Result::kEnd ||
        result == ByteSource::Result::kFailed) {
      break;
    }
    size += bytes;
  }
  if (size == 0) {
    return absl::DataLossError(absl::StrCat((*source)->name(), ": is empty"));
  }
  start.resize(size);
  return start;
}

}  // namespace

std::string_view NameOf(RecordingKind kind) {
  for (const auto& [known, name] : kNames) {
    if (known == kind) return name;
  }
  return {};
}

std::optional<RecordingKind> FindKind(std::string_view name) {
  for (const auto& [kind, known] : kNames) {
    if (known == name) return kind;
  }
  return std::nullopt;
}

bool IsItch(RecordingKind kind) {
  return kind == RecordingKind::kItch || kind == RecordingKind::kItchMold ||
         kind == RecordingKind::kItchSoup;
}

std::optional<RecordingKind> KindOfBytes(Bytes start) {
  if (BeginsWith(start, {'D', 'B', 'N'})) return RecordingKind::kDbn;
  if (IsCapture(start)) {
    return HoldsIex(start) ? RecordingKind::kIex : RecordingKind::kItchMold;
  }
  if (IsSoup(start)) return RecordingKind::kItchSoup;
  const std::string_view text(reinterpret_cast<const char*>(start.data()),
                              start.size());
  if (text.starts_with(ticklog::kFileMagic)) return RecordingKind::kTickLog;
  if (IsFix(text)) return RecordingKind::kFix;
  if (IsCrypto(text)) return RecordingKind::kCrypto;
  return FindKind(csv::BookFormOfStart(text));
}

absl::Status CheckUnknownStart(std::string_view name, Bytes start) {
  itch::FrameReader frames;
  const std::span<uint8_t> room = frames.Room();
  const size_t bytes = std::min(room.size(), start.size());
  std::copy_n(start.begin(), bytes, room.begin());
  frames.Filled(bytes);
  Bytes message;
  if (frames.Read(&message) != itch::FrameReader::Next::kDamaged) {
    return absl::OkStatus();
  }
  std::string hex;
  for (const uint8_t byte : start.first(std::min(start.size(), kShownBytes))) {
    absl::StrAppend(&hex, hex.empty() ? "" : " ",
                    absl::Hex(byte, absl::kZeroPad2));
  }
  return absl::DataLossError(absl::StrCat(
      ToAbsl(name), ": its format is not recognised: at byte 0 is ", hex,
      "; it is no ITCH 5.0 recording (", frames.status().message(),
      "), nor does it begin as one of ", kRecognised));
}

absl::Status CheckUnknownFile(const std::string& path) {
  const auto start = StartOf(path);
  return start.ok() ? CheckUnknownStart(path, *start) : absl::OkStatus();
}

absl::StatusOr<std::optional<RecordingKind>> KindOfFile(
    const std::string& path) {
  const auto start = StartOf(path);
  if (!start.ok()) return start.status();
  return KindOfBytes(*start);
}

}  // namespace streamhub
