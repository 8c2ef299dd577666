#include "feeds/crypto/capture_line.h"

#include "feeds/csv/decimal.h"
#include "gateway/base/clock.h"

namespace streamhub::crypto {
namespace {

// 2201-01-01, as other times of recordings.
constexpr int64_t kTimeNsEnd = int64_t{84371} * 86400 * kSecond;

constexpr int kNsDecimals = 9;

struct Named {
  std::string_view name;
  Venue venue;
};
// The names that an object begins with.
constexpr Named kFirstNames[] = {
    {"stream", Venue::kBinance},       {"e", Venue::kBinance},
    {"lastUpdateId", Venue::kBinance}, {"u", Venue::kBinance},
    {"result", Venue::kBinance},       {"type", Venue::kCoinbase},
    {"event", Venue::kKraken},         {"connectionID", Venue::kKraken},
    {"channelID", Venue::kKraken},     {"channelName", Venue::kKraken},
    {"errorMessage", Venue::kKraken}};

}  // namespace

std::string_view NameOf(Venue venue) {
  switch (venue) {
    case Venue::kBinance:
      return "Binance";
    case Venue::kCoinbase:
      return "Coinbase";
    case Venue::kKraken:
      return "Kraken";
  }
  return {};
}

const char* SplitLine(std::string_view line, CaptureLine* split) {
  const size_t blank = line.find(' ');
  if (blank == line.npos) return "has no blank behind its time";
  std::string_view time = line.substr(0, blank);
  const bool seconds = time.ends_with(':');
  if (seconds) time.remove_suffix(1);
  int64_t ns = 0;
  if (csv::ParseScaled(time, seconds ? kNsDecimals : 0, &ns) !=
          csv::Fit::kFits ||
      ns < 0 || ns >= kTimeNsEnd) {
    return seconds ? "does not begin with seconds since 1970"
                   : "does not begin with nanoseconds since 1970";
  }
  if (blank + 1 == line.size()) return "has no message behind its time";
  split->received_ns = ns;
  split->json = line.substr(blank + 1);
  return nullptr;
}

std::optional<Venue> VenueOfStart(std::string_view start) {
  CaptureLine line;
  if (SplitLine(start, &line) != nullptr) return std::nullopt;
  if (line.json.starts_with('[')) return Venue::kKraken;
  if (!line.json.starts_with("{\"")) return std::nullopt;
  line.json.remove_prefix(2);
  const std::string_view name = line.json.substr(0, line.json.find('"'));
  if (name.size() == line.json.size()) return std::nullopt;
  for (const Named& known : kFirstNames) {
    if (name == known.name) return known.venue;
  }
  return std::nullopt;
}

}  // namespace streamhub::crypto
