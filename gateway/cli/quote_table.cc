#include "gateway/cli/quote_table.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>

#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"

namespace streamhub {
namespace {

constexpr size_t kSymbolWidth = 12;
constexpr size_t kValueWidth = 11;
constexpr size_t kStateWidth = 14;
constexpr size_t kAgeWidth = 7;

constexpr std::string_view kDim = "\033[2m";
constexpr std::string_view kBold = "\033[1m";
constexpr std::string_view kGreen = "\033[32m";
constexpr std::string_view kYellow = "\033[33m";
constexpr std::string_view kRed = "\033[31m";
constexpr std::string_view kPlain = "\033[0m";

// `text` in `width` columns at least, and one before it.
std::string Right(std::string_view text, size_t width) {
  const size_t spaces = width - std::min(width - 1, text.size());
  return std::string(spaces, ' ') + std::string(text);
}

std::string Left(std::string_view text, size_t width) {
  std::string out(text);
  out.resize(std::max(width, out.size() + 1), ' ');
  return out;
}

std::string Value(const QuoteBoard::Quote& quote, std::string_view field) {
  const auto found = quote.fields.find(field);
  if (found == quote.fields.end() || found->second == "null") return "-";
  std::string_view text = found->second;
  if (text.starts_with('"')) text = text.substr(1, text.size() - 2);
  return std::string(text);
}

// The time of day, UTC.
std::string TimeText(int64_t unix_us) {
  constexpr int64_t kDayMs = int64_t{24} * 3600 * 1000;
  const int64_t ms = std::max<int64_t>(unix_us, 0) / 1000 % kDayMs;
  return absl::StrFormat("%02d:%02d:%02d.%03dZ", ms / 3'600'000,
                         ms / 60'000 % 60, ms / 1000 % 60, ms % 1000);
}

// Freshness and, if there is something to say about it, trading: of what this
// connection has told, as a halt may have ended since the last one was lost.
std::string StateText(const QuoteBoard::Quote& quote, std::string state) {
  if (!quote.current) return state;
  const std::string trading = Value(quote, "trading");
  if (trading == "open" || trading == "unknown" || trading == "-") return state;
  return absl::StrCat(state, "/", trading);
}

std::string_view ColorOf(std::string_view state) {
  if (state == "live") return kGreen;
  return state == "quiet" || state == "waiting" || state == "ended" ? kYellow
                                                                    : kRed;
}

std::string Heading(const TableOptions& options) {
  std::string line = Left("SYMBOL", kSymbolWidth);
  for (const std::string& field : options.fields) {
    line += Right(absl::AsciiStrToUpper(field), kValueWidth);
  }
  return line + "  " + Left("STATE", kStateWidth) + Right("AGE", kAgeWidth);
}

}  // namespace

std::string FormatAge(int64_t age_us) {
  if (age_us < 0) return "-";
  const int64_t seconds = age_us / 1'000'000;
  if (seconds < 10) return absl::StrFormat("%.1f s", age_us / 1e6);
  if (seconds < 120) return absl::StrCat(seconds, " s");
  if (seconds < 7200) return absl::StrCat(seconds / 60, " min");
  return absl::StrCat(seconds / 3600, " h");
}

std::vector<std::string> FormatTable(const QuoteBoard& board,
                                     const TableOptions& options,
                                     int64_t mono_ns) {
  const auto paint = [&](std::string_view color, std::string line) {
    if (!options.color) return line;
    return absl::StrCat(ToAbsl(color), line, ToAbsl(kPlain));
  };
  const auto cut = [&](std::string line) {
    if (line.size() > options.columns_max) line.resize(options.columns_max);
    return line;
  };
  std::vector<std::string> lines;
  size_t more = 0;
  for (const QuoteBoard::Quote& quote : board.quotes()) {
    if (quote.topic) continue;
    if (lines.empty()) lines.push_back(paint(kBold, cut(Heading(options))));
    if (lines.size() > options.rows_max) {
      ++more;
      continue;
    }
    const std::string state = board.StateOf(quote, mono_ns);
    std::string values = Left(quote.symbol, kSymbolWidth);
    for (const std::string& field : options.fields) {
      values += Right(Value(quote, field), kValueWidth);
    }
    values = cut(values + "  ");
    const size_t room = options.columns_max - values.size();
    std::string rest = Left(StateText(quote, state), kStateWidth) +
                       Right(FormatAge(board.AgeUs(quote, mono_ns)), kAgeWidth);
    rest.resize(std::min(rest.size(), room));
    const bool good = state == "live" || state == "quiet";
    lines.push_back((good ? values : paint(kDim, values)) +
                    paint(ColorOf(state), rest));
  }
  if (more > 0) lines.push_back(absl::StrCat("and ", more, " more"));
  return lines;
}

std::string FormatStatus(const QuoteBoard& board, std::string_view url,
                         std::string_view link, size_t columns_max,
                         int64_t mono_ns) {
  std::string line = absl::StrCat(ToAbsl(url), "  ", ToAbsl(link));
  if (board.connected()) {
    std::string more = board.FeedsText();
    for (const QuoteBoard::Quote& quote : board.quotes()) {
      const std::string state = board.StateOf(quote, mono_ns);
      if (!quote.topic || state == "live") continue;
      absl::StrAppend(&more, more.empty() ? "" : ", ", quote.symbol, " ",
                      state);
    }
    absl::StrAppend(&line, more.empty() ? "" : ": ", more);
  }
  size_t size = std::min(line.size(), columns_max);
  // Not in the middle of a character.
  while (0 < size && size < line.size() && (line[size] & 0xC0) == 0x80) --size;
  line.resize(size);
  return line;
}

std::string MessageTexts(std::string_view name, const QuoteBoard::Part& part) {
  const std::string topic = ForTerminal(name);
  std::string lines;
  if (!part.lost.empty()) {
    // `null`: the gateway began anew, nobody knows how many.
    absl::StrAppend(&lines, topic, ": ",
                    part.lost == "null" ? "some" : ForTerminal(part.lost),
                    " messages before this are lost\n");
  }
  for (const QuoteBoard::Part::Message& message : part.messages) {
    absl::StrAppend(&lines, TimeText(message.time_us), "  ", topic, "  ",
                    ForTerminal(message.data), "\n");
  }
  return lines;
}

}  // namespace streamhub
