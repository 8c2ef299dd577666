// ParseDefinition over any bytes: no crash, every refusal is one line that can
// be told, and what is accepted reads back from how it is written. Then its
// formula is computed from prices that the rest of the bytes give, and rounded
// up and down: the one is not farther from zero than the other, and both are
// the same where a mode in between says so.
//
// What is behind the first line feed are the prices, 8 bytes each, and before
// them a byte of decimals for each input and one for the result.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/derived/definition.h"
#include "feeds/derived/formula.h"
#include "gateway/base/check.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"
#include "gateway/market/symbol.h"

namespace {

using streamhub::kDecimalsMax;
using streamhub::kEmpty;
using streamhub::derived::Definition;
using streamhub::derived::Formula;
using streamhub::derived::Prices;
using streamhub::derived::Rounding;

int TakeDecimals(std::string_view* bytes) {
  if (bytes->empty()) return 2;
  const auto first = static_cast<unsigned char>(bytes->front());
  bytes->remove_prefix(1);
  return first % (kDecimalsMax + 1);
}

int64_t TakePrice(std::string_view* bytes) {
  int64_t price = kEmpty;
  if (bytes->size() < sizeof(price)) return price;
  std::memcpy(&price, bytes->data(), sizeof(price));
  bytes->remove_prefix(sizeof(price));
  return price;
}

void CheckRoundings(int64_t down, int64_t between, int64_t up) {
  // What rounds up may not fit where what rounds down does.
  if (down == kEmpty || up == kEmpty) {
    STREAMHUB_CHECK(up == kEmpty);
    return;
  }
  STREAMHUB_CHECK(between == down || between == up);
  STREAMHUB_CHECK(up - down <= 1 && down - up <= 1);
  STREAMHUB_CHECK(down >= 0 ? up >= down || down == 0 : up <= down);
}

void CheckFormula(Definition definition, std::string_view bytes) {
  const size_t count = definition.inputs.size();
  std::vector<int> decimals;
  for (size_t i = 0; i < count; ++i) decimals.push_back(TakeDecimals(&bytes));
  const int out = TakeDecimals(&bytes);
  std::vector<Prices> inputs;
  for (size_t i = 0; i < count; ++i) {
    const int64_t bid = TakePrice(&bytes);
    const int64_t ask = TakePrice(&bytes);
    inputs.push_back({bid, ask, TakePrice(&bytes)});
  }
  std::vector<Prices> prices;
  for (const Rounding rounding : {Rounding::kDown, Rounding::kHalfEven,
                                  Rounding::kHalfUp, Rounding::kUp}) {
    definition.rounding = rounding;
    const auto formula = Formula::Make(definition, decimals, out);
    if (!formula.ok()) return;
    int64_t too_big = 0;
    prices.push_back(formula->Compute(inputs, &too_big));
    STREAMHUB_CHECK(too_big <= 3);
  }
  for (const size_t between : {1, 2}) {
    const Prices& p = prices[between];
    CheckRoundings(prices[0].bid, p.bid, prices[3].bid);
    CheckRoundings(prices[0].ask, p.ask, prices[3].ask);
    CheckRoundings(prices[0].last, p.last, prices[3].last);
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  const std::string_view bytes(reinterpret_cast<const char*>(data), size);
  const size_t end = std::min(bytes.find('\n'), size);
  const auto definition =
      streamhub::derived::ParseDefinition(bytes.substr(0, end));
  if (!definition.ok()) {
    const std::string_view fault =
        streamhub::FromAbsl(definition.status().message());
    STREAMHUB_CHECK(!fault.empty() && fault.size() < 500);
    STREAMHUB_CHECK(streamhub::IsValidUtf8(fault));
    return 0;
  }
  const std::string written = FormatDefinition(*definition);
  const auto again = streamhub::derived::ParseDefinition(written);
  STREAMHUB_CHECK(again.ok() && *again == *definition);
  STREAMHUB_CHECK(FormatDefinition(*again) == written);
  CheckFormula(*definition, bytes.substr(std::min(end + 1, size)));
  return 0;
}
