// A million ITCH messages of a market that never was, always the same: 4,000
// stocks whose books hold some 200,000 orders, far more state than a core's
// caches; and messages as MoldUDP64 and SoupBinTCP carry them. For benchmarks.

#ifndef STREAMHUB_BENCH_SUPPORT_INVENTED_ITCH_H_
#define STREAMHUB_BENCH_SUPPORT_INVENTED_ITCH_H_

#include <cstddef>
#include <cstdint>
#include <random>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/big_endian.h"
#include "feeds/itch/writer.h"

namespace streamhub {

// As a BinaryFILE.
inline std::string InventItch() {
  constexpr uint16_t kStocks = 4000;
  struct Live {
    uint64_t ref;
    uint16_t stock;
  };
  std::mt19937_64 random(1);
  std::vector<Live> live;
  std::string out;
  uint64_t refs = 0;
  for (uint64_t i = 0; i < 1'000'000; ++i) {
    itch::Head head{static_cast<uint16_t>(random() % kStocks), 0, i};
    const auto price = static_cast<uint32_t>(100'0000 + random() % 40 * 100);
    const size_t at = live.empty() ? 0 : random() % live.size();
    const uint64_t dice = random() % 100;
    if (live.size() < 200'000 || dice < 45) {
      itch::AddOrder add{head,
                         ++refs,
                         itch::Side::kBuy,
                         100,
                         itch::MakeStock("S" + std::to_string(head.locate)),
                         price,
                         {}};
      if (random() % 2 == 0) {
        add.side = itch::Side::kSell;
        add.price += 4000;
      }
      live.push_back({refs, head.locate});
      Append(add, &out);
      continue;
    }
    head.locate = live[at].stock;
    if (dice < 55) {
      Append(itch::OrderReplace{head, live[at].ref, ++refs, 200, price}, &out);
      live[at].ref = refs;
      continue;
    }
    if (dice < 65) {
      Append(itch::OrderExecuted{head, live[at].ref, 100, i}, &out);
    } else {
      Append(itch::OrderDelete{head, live[at].ref}, &out);
    }
    live[at] = live.back();
    live.pop_back();
  }
  return out;
}

inline void AppendBig(uint64_t value, int bytes, std::string* out) {
  while (bytes > 0) *out += static_cast<char>(value >> (8 * --bytes));
}

// The size of the message that a BinaryFILE begins with.
inline size_t FirstSize(std::string_view binary_file) {
  return LoadBig16(reinterpret_cast<const uint8_t*>(binary_file.data()));
}

// Of up to 1,400 bytes of messages each, as venues send them.
inline std::vector<std::string> MoldPacketsOf(std::string_view binary_file) {
  std::vector<std::string> packets;
  uint64_t sequence = 1;
  while (!binary_file.empty()) {
    size_t end = 0;
    uint64_t count = 0;
    while (end < binary_file.size()) {
      const size_t size = 2 + FirstSize(binary_file.substr(end));
      if (end + size > 1'400) break;
      end += size;
      ++count;
    }
    std::string packet = "INVENTED01";
    AppendBig(sequence, 8, &packet);
    AppendBig(count, 2, &packet);
    packets.push_back(packet.append(binary_file.substr(0, end)));
    binary_file.remove_prefix(end);
    sequence += count;
  }
  return packets;
}

inline std::string SoupStreamOf(std::string_view binary_file) {
  std::string out;
  AppendBig(31, 2, &out);
  out += "AINVENTED01                   1";
  while (!binary_file.empty()) {
    const size_t size = FirstSize(binary_file);
    AppendBig(size + 1, 2, &out);
    out += 'S';
    out.append(binary_file.substr(2, size));
    binary_file.remove_prefix(2 + size);
  }
  return out;
}

}  // namespace streamhub

#endif  // STREAMHUB_BENCH_SUPPORT_INVENTED_ITCH_H_
