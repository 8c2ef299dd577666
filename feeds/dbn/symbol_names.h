// Instrument numbers of one dataset -> symbols, which change from day to day.
// Control path; one thread.
//
// A symbol is what the metadata's mappings call the number on that day (UTC),
// where they are of symbols to numbers or of numbers to symbols; from a
// mapping record in band on, what that says, always; else what the first
// definition calls it; else its digits.

#ifndef STREAMHUB_FEEDS_DBN_SYMBOL_NAMES_H_
#define STREAMHUB_FEEDS_DBN_SYMBOL_NAMES_H_

#include <absl/container/flat_hash_map.h>

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/dbn/messages.h"
#include "feeds/dbn/metadata.h"

namespace streamhub::dbn {

class SymbolNames {
 public:
  // Of a file more. Intervals that name no number or no day are left out.
  void Add(const Metadata& metadata);

  void Set(const SymbolMapping& mapping);

  // Only where nothing else names the number.
  void Learn(const Definition& definition);

  // Valid from `from_ns` on and before `until_ns`, since 1970 UTC.
  struct Name {
    std::string text;
    int64_t from_ns;
    int64_t until_ns;
  };
  Name Find(uint32_t instrument, int64_t time_ns) const;

 private:
  struct Interval {
    int64_t from_ns;
    int64_t until_ns;
    std::string name;
  };

  void AddInterval(std::string_view number, const Mapping::Interval& when,
                   std::string_view name);

  absl::flat_hash_map<uint32_t, std::vector<Interval>> by_instrument_;
};

// Midnight (UTC) of the day yyyymmdd, 1970 to 2200; nullopt if there is none.
std::optional<int64_t> DayNs(uint32_t yyyymmdd);

}  // namespace streamhub::dbn

#endif  // STREAMHUB_FEEDS_DBN_SYMBOL_NAMES_H_
