#include "feeds/dbn/symbol_names.h"

#include <algorithm>
#include <charconv>
#include <chrono>
#include <limits>
#include <system_error>

namespace streamhub::dbn {
namespace {

constexpr int64_t kAlways = std::numeric_limits<int64_t>::min();
constexpr int64_t kForever = std::numeric_limits<int64_t>::max();

std::optional<uint32_t> ParseNumber(std::string_view text) {
  uint32_t number = 0;
  const char* const end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, number);
  if (error != std::errc() || stopped != end) return std::nullopt;
  return number;
}

}  // namespace

std::optional<int64_t> DayNs(uint32_t yyyymmdd) {
  const int year = static_cast<int>(yyyymmdd / 10'000);
  if (year < 1970 || year > 2200) return std::nullopt;
  const std::chrono::year_month_day day(
      std::chrono::year(year), std::chrono::month(yyyymmdd / 100 % 100),
      std::chrono::day(yyyymmdd % 100));
  if (!day.ok()) return std::nullopt;
  const std::chrono::nanoseconds since =
      std::chrono::sys_days(day).time_since_epoch();
  return since.count();
}

void SymbolNames::Add(const Metadata& metadata) {
  const bool to_numbers = metadata.stype_out == kInstrumentIds;
  if (!to_numbers && metadata.stype_in != kInstrumentIds) return;
  for (const Mapping& mapping : metadata.mappings) {
    for (const Mapping::Interval& interval : mapping.intervals) {
      if (to_numbers) {
        AddInterval(interval.symbol, interval, mapping.raw_symbol);
      } else {
        AddInterval(mapping.raw_symbol, interval, interval.symbol);
      }
    }
  }
}

void SymbolNames::AddInterval(std::string_view number,
                              const Mapping::Interval& when,
                              std::string_view name) {
  const auto instrument = ParseNumber(number);
  const auto from = DayNs(when.start);
  const auto until = DayNs(when.end);
  if (!instrument.has_value() || !from.has_value() || !until.has_value() ||
      *from >= *until || name.empty()) {
    return;
  }
  by_instrument_[*instrument].push_back({*from, *until, std::string(name)});
}

void SymbolNames::Set(const SymbolMapping& mapping) {
  const bool by_out =
      mapping.stype_out != kInstrumentIds && !mapping.out.empty();
  const std::string_view name = by_out ? mapping.out : mapping.in;
  if (name.empty()) return;
  by_instrument_[mapping.head.instrument] = {
      {kAlways, kForever, std::string(name)}};
}

void SymbolNames::Learn(const Definition& definition) {
  if (definition.raw_symbol.empty()) return;
  auto& intervals = by_instrument_[definition.head.instrument];
  if (!intervals.empty()) return;
  intervals.push_back({kAlways, kForever, std::string(definition.raw_symbol)});
}

SymbolNames::Name SymbolNames::Find(uint32_t instrument,
                                    int64_t time_ns) const {
  Name none{std::to_string(instrument), kAlways, kForever};
  const auto found = by_instrument_.find(instrument);
  if (found == by_instrument_.end()) return none;
  for (const Interval& interval : found->second) {
    if (time_ns < interval.from_ns) {
      none.until_ns = std::min(none.until_ns, interval.from_ns);
    } else if (time_ns >= interval.until_ns) {
      none.from_ns = std::max(none.from_ns, interval.until_ns);
    } else {
      return {interval.name, interval.from_ns, interval.until_ns};
    }
  }
  return none;
}

}  // namespace streamhub::dbn
