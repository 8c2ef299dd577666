#include "feeds/replay/recording_start.h"

#include <absl/strings/str_cat.h>
#include <sys/stat.h>

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>

#include "feeds/csv/line_reader.h"
#include "feeds/csv/row_reader.h"
#include "feeds/itch/framing.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/lobster_files.h"
#include "feeds/tick_record.h"
#include "feeds/ticklog/log_reader.h"
#include "gateway/base/strings.h"

namespace streamhub {
namespace {

constexpr int64_t kBytesMax = 64 * 1024;

absl::Status Wrong(const ByteSource& source, std::string_view kind,
                   std::string_view what) {
  return absl::DataLossError(absl::StrCat(source.name(), ": is no ",
                                          ToAbsl(kind), ": ", ToAbsl(what)));
}

// Brings `reader`, of either kind, some bytes or their end.
template <typename Reader>
absl::Status Feed(ByteSource& source, Reader& reader) {
  size_t bytes = 0;
  for (;;) {
    switch (source.Read(reader.Room(), 0, &bytes)) {
      case ByteSource::Result::kBytes:
        reader.Filled(bytes);
        return absl::OkStatus();
      case ByteSource::Result::kWaiting:
        continue;  // a file is always ready: a signal came
      case ByteSource::Result::kEnd:
        if (source.plain_bytes() == 0) {
          return absl::DataLossError(absl::StrCat(source.name(), ": is empty"));
        }
        reader.Finish();
        return absl::OkStatus();
      case ByteSource::Result::kFailed:
        return source.status();
    }
  }
}

// Of a kind that its first bytes tell.
absl::Status CheckKind(const Recording& recording) {
  const auto found = KindOfFile(recording.path);
  if (!found.ok()) return found.status();
  const auto is_capture = [](std::optional<RecordingKind> kind) {
    return kind == RecordingKind::kIex || kind == RecordingKind::kItchMold;
  };
  // What is in it may come late.
  if (*found == recording.kind ||
      (is_capture(*found) && is_capture(recording.kind))) {
    return absl::OkStatus();
  }
  return absl::DataLossError(absl::StrCat(
      recording.path, ": is no recording of format ",
      ToAbsl(NameOf(recording.kind)),
      found->has_value() ? absl::StrCat(", but of ", ToAbsl(NameOf(**found)))
                         : std::string()));
}

absl::Status CheckItch(ByteSource& source) {
  itch::FrameReader frames;
  std::span<const uint8_t> message;
  for (;;) {
    const auto next = frames.Read(&message);
    if (next == itch::FrameReader::Next::kDamaged) {
      return Wrong(source, "ITCH 5.0 recording",
                   FromAbsl(frames.status().message()));
    }
    if (next != itch::FrameReader::Next::kNeedMore) return absl::OkStatus();
    if (absl::Status s = Feed(source, frames); !s.ok()) return s;
  }
}

// Up to the first record that is no gap: what was sent to sessions is a tick
// log, too, and cannot be played.
absl::Status CheckTickLog(ByteSource& source) {
  ticklog::LogReader log;
  for (;;) {
    TickRecord record;
    switch (log.Read(&record)) {
      case ticklog::LogReader::Next::kNeedMore:
        // One whose beginning is damaged is for the replay to tell.
        if (source.plain_bytes() > kBytesMax) return absl::OkStatus();
        if (absl::Status s = Feed(source, log); !s.ok()) return s;
        continue;
      case ticklog::LogReader::Next::kEnd:
      case ticklog::LogReader::Next::kFailed:
        return absl::OkStatus();
      case ticklog::LogReader::Next::kRecord:
        break;
    }
    if (record.kind == TickRecord::Kind::kGap) continue;
    if (record.kind != TickRecord::Kind::kSent) return absl::OkStatus();
    return absl::FailedPreconditionError(absl::StrCat(
        source.name(),
        ": is a log of what was sent to sessions, which is nothing to play; ",
        "`streamhub inspect` tells what is in it"));
  }
}

// Up to the first good row: a bad one is left out, wherever it is. Where there
// are only such, the times, most often, are of another form, and there would be
// nothing to serve.
absl::Status CheckCsv(ByteSource& source, const Recording& recording) {
  csv::LineReader lines;
  csv::RowReader rows(*recording.csv, recording.symbol, recording.zone,
                      recording.midnight_ns);
  std::string_view line;
  int64_t bad = 0;
  std::string first_fault;
  const auto over = [&] {
    if (bad == 0) return absl::OkStatus();
    return Wrong(source, "CSV file of that format",
                 absl::StrCat("every one of its first ", bad,
                              " rows would be left out: ", first_fault));
  };
  for (;;) {
    const auto next = lines.Read(&line);
    if (next == csv::LineReader::Next::kNeedMore) {
      // A line that long is passed over, which is for the replay to do.
      if (source.plain_bytes() > kBytesMax) return over();
      if (absl::Status s = Feed(source, lines); !s.ok()) return s;
      continue;
    }
    if (next == csv::LineReader::Next::kEnd) return over();
    csv::Row row;
    const auto result = next == csv::LineReader::Next::kTooLong
                            ? rows.ReadTooLong()
                            : rows.Read(line, &row);
    if (result == csv::RowReader::Result::kRow) return absl::OkStatus();
    if (result == csv::RowReader::Result::kNoRow) continue;
    const std::string fault =
        absl::StrCat("line ", lines.number(), ": ", ToAbsl(rows.fault()));
    if (result == csv::RowReader::Result::kUnusable) {
      return Wrong(source, "CSV file of that format", fault);
    }
    if (++bad == 1) first_fault = fault;
  }
}

}  // namespace

absl::Status CheckStart(const Recording& recording) {
  struct stat found;
  if (stat(recording.path.c_str(), &found) != 0 || !S_ISREG(found.st_mode)) {
    return absl::OkStatus();
  }
  if (recording.kind == RecordingKind::kLobster) {
    return CheckLobster(*FindLobster(recording.path));
  }
  const bool log = recording.kind == RecordingKind::kTickLog;
  if (recording.kind != RecordingKind::kItch &&
      recording.kind != RecordingKind::kCsv) {
    absl::Status kind = CheckKind(recording);
    if (!kind.ok() || !log) return kind;
  }
  const auto source = ByteSource::Open(recording.path);
  if (!source.ok()) return source.status();
  if (log) return CheckTickLog(**source);
  return recording.csv.has_value() ? CheckCsv(**source, recording)
                                   : CheckItch(**source);
}

}  // namespace streamhub
