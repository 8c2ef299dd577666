// The facts that a DBN file states, as this program finds them: as text, by
// the path that golden files have them under.

#ifndef STREAMHUB_TESTS_FEEDS_DBN_FACTS_H_
#define STREAMHUB_TESTS_FEEDS_DBN_FACTS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <map>
#include <string>
#include <type_traits>
#include <utility>
#include <vector>

#include "feeds/dbn/decoder.h"
#include "feeds/dbn/messages.h"
#include "feeds/dbn/metadata.h"
#include "feeds/dbn/order_book.h"

namespace streamhub::dbn {

// By path: "metadata.symbols[0]" -> "ESH4".
using Facts = std::map<std::string, std::string>;

// "2023-12-25T22:59:59.500000000Z".
std::string TimeText(int64_t ns);

// By Decode(), of all records.
class Finder {
 public:
  void OnMetadata(const Metadata& m);

  void On(const Mbo& m) {
    CountAction(m.head, m.action, m.side, m.price, m.size);
    if ((m.flags & kSnapshot) != 0) ++snapshots_;
    if ((m.flags & kLastOfEvent) != 0) ++events_;
    if (m.action == 'F') fills_ += m.size;
  }
  void On(const Trade& m) {
    CountAction(m.head, m.action, m.side, m.price, m.size);
  }
  template <size_t kLevels>
  void On(const Mbp<kLevels>& m) {
    On(m.change);
  }
  void On(const Cmbp1& m) { On(m.change); }
  template <typename T>
  void On(const T&) {}

  // The best of both sides.
  void PutBook(const std::string& at, const OrderBook& book);

  // What was counted, with the number of records of each type.
  void Finish(const std::array<int64_t, 256>& types);

  void Put(const std::string& path, std::string value) {
    facts[path] = std::move(value);
  }
  template <typename T>
  requires std::is_integral_v<T>
  void Put(const std::string& path, T value) {
    facts[path] = std::to_string(value);
  }

  static std::string Index(size_t i) { return "[" + std::to_string(i) + "]"; }

  Facts facts;

 private:
  struct Trades {
    int64_t count = 0, buy = 0, sell = 0, none = 0, last_price = 0;
    uint32_t last_size = 0;
    char last_side = ' ';
    uint64_t last_ns = 0;
  };

  void CountAction(const Head& head, char action, char side, int64_t price,
                   uint32_t size);

  std::map<char, int64_t> actions_;
  std::map<uint32_t, Trades> trades_;
  int64_t snapshots_ = 0, events_ = 0, fills_ = 0;
};

// The fields of one record, below `at`.
void Describe(const std::string& at, const std::vector<uint8_t>& record,
              const Form& form, Finder* finder);

}  // namespace streamhub::dbn

#endif  // STREAMHUB_TESTS_FEEDS_DBN_FACTS_H_
