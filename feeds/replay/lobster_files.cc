#include "feeds/replay/lobster_files.h"

#include <absl/strings/str_cat.h>
#include <sys/stat.h>

#include <algorithm>
#include <string_view>

#include "feeds/csv/lobster.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/line_source.h"
#include "feeds/session_time.h"
#include "gateway/base/strings.h"

namespace streamhub {
namespace {

constexpr std::string_view kMessage = "_message_";
constexpr std::string_view kOrderbook = "_orderbook_";

// "10.csv", "5.csv.gz"
bool IsEnd(std::string_view text) {
  const size_t digits =
      std::min(text.find_first_not_of("0123456789"), text.size());
  text.remove_prefix(digits);
  return digits > 0 &&
         (text == ".csv" || text == ".csv.gz" || text == ".csv.zst");
}

// `begin` is the name up to one of the two words.
std::string_view SymbolOf(std::string_view begin) {
  const std::string_view first = begin.substr(0, begin.find('_'));
  std::string_view before = first;
  while (true) {
    const size_t end = std::min(begin.find('_'), begin.size());
    const std::string_view part = begin.substr(0, end);
    if (ParseDate(part).ok()) return before;
    if (end == begin.size()) return first;
    before = part;
    begin.remove_prefix(end + 1);
  }
}

// The first line is what `parse(line)` takes for one.
template <typename Parse>
absl::Status CheckFirstLine(const std::string& path, Parse parse) {
  struct stat found;
  if (stat(path.c_str(), &found) == 0 && !S_ISREG(found.st_mode)) {
    return absl::OkStatus();  // it may come late
  }
  auto source = ByteSource::Open(path);
  if (!source.ok()) return source.status();
  LineSource lines(*std::move(source));
  const auto wrong = [&](std::string_view what) {
    return absl::DataLossError(
        absl::StrCat(path, ": is no LOBSTER file: ", ToAbsl(what)));
  };
  while (true) {
    lines.BeginTurn();
    std::string_view line;
    switch (lines.Get(0, &line)) {
      case LineSource::Got::kLine: {
        const char* const fault = parse(line);
        if (fault == nullptr) return absl::OkStatus();
        return wrong(absl::StrCat("line 1: ", fault));
      }
      case LineSource::Got::kWaiting:
        continue;  // a file is always ready: a signal came
      case LineSource::Got::kTooLong:
        return wrong("line 1 is too long");
      case LineSource::Got::kEnd:
        return absl::DataLossError(absl::StrCat(path, ": is empty"));
      case LineSource::Got::kFailed:
        return lines.source().status();
    }
  }
}

}  // namespace

std::optional<LobsterFiles> FindLobster(const std::string& path) {
  const size_t slash = path.rfind('/');
  const size_t name_at = slash == path.npos ? 0 : slash + 1;
  for (const std::string_view word : {kMessage, kOrderbook}) {
    const size_t at = path.rfind(word);
    if (at == path.npos || at <= name_at) continue;
    const std::string_view begin(path.data(), at);
    const std::string_view end =
        std::string_view(path).substr(at + word.size());
    if (!IsEnd(end)) continue;
    LobsterFiles files;
    files.message = absl::StrCat(ToAbsl(begin), ToAbsl(kMessage), ToAbsl(end));
    files.orderbook =
        absl::StrCat(ToAbsl(begin), ToAbsl(kOrderbook), ToAbsl(end));
    files.symbol = std::string(SymbolOf(begin.substr(name_at)));
    return files;
  }
  return std::nullopt;
}

absl::Status CheckLobster(const LobsterFiles& files) {
  absl::Status status =
      CheckFirstLine(files.message, [](std::string_view line) {
        csv::LobsterMessage message;
        return csv::ParseLobsterMessage(line, &message);
      });
  if (!status.ok()) return status;
  return CheckFirstLine(files.orderbook, [](std::string_view line) {
    csv::LobsterBook book;
    return csv::ParseLobsterBook(line, &book);
  });
}

}  // namespace streamhub
