#include "gateway/cli/watch_options.h"

#include <absl/strings/escaping.h>
#include <absl/strings/str_cat.h>

#include <charconv>

#include "gateway/market/symbol.h"

namespace streamhub {
namespace {

constexpr size_t kSymbolsMax = 1000;  // of one request, docs/protocol.md

}  // namespace

std::string WhatIsNotPositive(const std::string& text) {
  constexpr double kMax = 1e9;
  double number = 0;
  const char* const end = text.data() + text.size();
  const auto parsed = std::from_chars(text.data(), end, number);
  if (parsed.ec == std::errc() && parsed.ptr == end && number > 0 &&
      number <= kMax) {
    return {};
  }
  return absl::StrCat("expected a number above 0 and up to 1e9, found \"", text,
                      "\"");
}

absl::Status CheckWatchOptions(const WatchOptions& options) {
  if (options.symbols.size() > kSymbolsMax) {
    return absl::InvalidArgumentError("SYMBOL: at most 1000 at once");
  }
  // A server would take A,B for two symbols, and A@5 for one that is held.
  for (const std::string& symbol : options.symbols) {
    if (IsValidSymbol(symbol)) continue;
    return absl::InvalidArgumentError(
        absl::StrCat("SYMBOL \"", absl::Utf8SafeCEscape(symbol),
                     "\": a symbol is UTF-8 of 1 to 64 bytes without control "
                     "characters, comma or @"));
  }
  if (options.timeout_s > 0 && options.count == 0) {
    return absl::InvalidArgumentError("--timeout: is for --count");
  }
  const std::string& rate = options.max_rate;
  double number = 0;
  const auto parsed =
      std::from_chars(rate.data(), rate.data() + rate.size(), number);
  if (!rate.empty() && rate != "unlimited" &&
      (parsed.ec != std::errc() || parsed.ptr != rate.data() + rate.size() ||
       !(number >= 1.0 / 60 && number <= 1e6))) {
    return absl::InvalidArgumentError(
        absl::StrCat("--max-rate: expected updates per second from 1/60 on, "
                     "or unlimited, found \"",
                     rate, "\""));
  }
  return absl::OkStatus();
}

}  // namespace streamhub
