// What a client that polls says it holds, by the rules of docs/protocol.md.
// One thread.

#ifndef STREAMHUB_TESTS_SUPPORT_POLLED_SYMBOLS_H_
#define STREAMHUB_TESTS_SUPPORT_POLLED_SYMBOLS_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "tests/support/json_value.h"

namespace streamhub {

class PolledSymbols {
 public:
  PolledSymbols() = default;

  // The symbols and the token of `query`, with its '?'; the other parameters
  // are put into `*others`. Names are not decoded.
  PolledSymbols(std::string_view query, std::string* others);

  // Applies an object that came.
  void Apply(const JsonValue& object);

  // "&symbols=A@7,B&at=..."
  std::string Parameters() const;

 private:
  struct Symbol {
    std::string name;
    std::string asked = {};  // what the next poll says of it behind the name
  };
  Symbol* Find(std::string_view name);

  std::vector<Symbol> symbols_;
  std::string at_;
};

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_SUPPORT_POLLED_SYMBOLS_H_
