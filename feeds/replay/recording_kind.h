// Which kind of recording a file is, by its name on a command line or by what
// it begins with. Control path.

#ifndef STREAMHUB_FEEDS_REPLAY_RECORDING_KIND_H_
#define STREAMHUB_FEEDS_REPLAY_RECORDING_KIND_H_

#include <absl/status/statusor.h>

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace streamhub {

enum class RecordingKind {
  kItch,      // ITCH 5.0, a BinaryFILE
  kItchMold,  // ITCH 5.0 over MoldUDP64, captured
  kItchSoup,  // ITCH 5.0 as a SoupBinTCP server sent it
  kCsv,
  kDbn,             // Databento's
  kFix,             // a log of FIX messages
  kIex,             // TOPS 1.6 or DEEP 1.0, captured
  kCrypto,          // lines of a crypto venue's WebSocket feed
  kTardisBook,      // Tardis' incremental_book_L2
  kTardisSnapshot,  // its book_snapshot_5, _25, ...
  kLobster,         // the two files of a LOBSTER day, as one
  kTickLog,         // what a gateway recorded, see feeds/ticklog
};

// As `format` says it: "itch", "itch-mold", "itch-soup", "csv", "dbn", "fix",
// "iex", "crypto", "tardis-book", "tardis-snapshot", "lobster", "ticklog".
std::string_view NameOf(RecordingKind kind);
std::optional<RecordingKind> FindKind(std::string_view name);

// Such files are played one after the other, a day each; others are merged by
// time.
bool IsItch(RecordingKind kind);

// By the first bytes, decompressed. None: those of a file that says nothing of
// itself, as most CSV files and a BinaryFILE do not.
std::optional<RecordingKind> KindOfBytes(std::span<const uint8_t> start);

// Why bytes that say nothing of themselves are no BinaryFILE of ITCH either:
// DataLoss with what they begin with, and what would be known. OK: they may be
// one. `name` is the file's.
absl::Status CheckUnknownStart(std::string_view name,
                               std::span<const uint8_t> start);

// The same of the first bytes of a file that can be read again. OK if there are
// none: what is wrong with the file is told by who opens it.
absl::Status CheckUnknownFile(const std::string& path);

// By the first bytes of a file that can be read again. InvalidArgument or
// DataLoss, with the file's name: it cannot be read, or is empty.
absl::StatusOr<std::optional<RecordingKind>> KindOfFile(
    const std::string& path);

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_RECORDING_KIND_H_
