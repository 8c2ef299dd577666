#include "feeds/itch/writer.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "feeds/itch/decoder.h"

namespace streamhub::itch {
namespace {

// One message: its length, type and head on construction, then its fields.
class Fields {
 public:
  Fields(char type, const Head& head, std::string* out) : out_(*out) {
    Int(MessageBytes(static_cast<uint8_t>(type)), 2).Char(type);
    Int(head.locate, 2).Int(head.tracking, 2).Int(head.time_ns, 6);
  }

  // Big-endian, the low `bytes` bytes.
  Fields& Int(uint64_t value, int bytes) {
    for (int i = bytes - 1; i >= 0; --i) {
      out_.push_back(static_cast<char>(value >> (8 * i) & 0xFF));
    }
    return *this;
  }
  Fields& Char(char c) {
    out_.push_back(c);
    return *this;
  }
  Fields& Text(std::string_view text) {
    out_.append(text);
    return *this;
  }
  template <size_t kSize>
  Fields& Text(const std::array<char, kSize>& text) {
    return Text(std::string_view(text.data(), kSize));
  }
  Fields& Buy(Side side) { return Char(side == Side::kBuy ? 'B' : 'S'); }

 private:
  std::string& out_;
};

}  // namespace

void Append(const SystemEvent& m, std::string* out) {
  Fields('S', m.head, out).Char(m.code);
}

void Append(const StockDirectory& m, std::string* out) {
  Fields('R', m.head, out)
      .Text(m.stock)
      .Char(m.market_category)
      .Char(m.financial_status)
      .Int(m.round_lot, 4)
      // Not round lots only, common stock, production, not short-sale
      // threshold, no IPO, tier 1, no leverage.
      .Text("NCZ PNN1N")
      .Int(0, 4)
      .Char('N');
}

void Append(const TradingAction& m, std::string* out) {
  Fields('H', m.head, out).Text(m.stock).Char(m.state).Char(' ').Text(m.reason);
}

void Append(const AddOrder& m, std::string* out) {
  const bool named = m.participant != std::array<char, 4>{};
  Fields fields(named ? 'F' : 'A', m.head, out);
  fields.Int(m.ref, 8)
      .Buy(m.side)
      .Int(m.shares, 4)
      .Text(m.stock)
      .Int(m.price, 4);
  if (named) fields.Text(m.participant);
}

void Append(const OrderExecuted& m, std::string* out) {
  Fields('E', m.head, out).Int(m.ref, 8).Int(m.shares, 4).Int(m.match, 8);
}

void Append(const OrderExecutedWithPrice& m, std::string* out) {
  Fields('C', m.head, out)
      .Int(m.ref, 8)
      .Int(m.shares, 4)
      .Int(m.match, 8)
      .Char(m.printable ? 'Y' : 'N')
      .Int(m.price, 4);
}

void Append(const OrderCancel& m, std::string* out) {
  Fields('X', m.head, out).Int(m.ref, 8).Int(m.shares, 4);
}

void Append(const OrderDelete& m, std::string* out) {
  Fields('D', m.head, out).Int(m.ref, 8);
}

void Append(const OrderReplace& m, std::string* out) {
  Fields('U', m.head, out)
      .Int(m.old_ref, 8)
      .Int(m.new_ref, 8)
      .Int(m.shares, 4)
      .Int(m.price, 4);
}

void Append(const Trade& m, std::string* out) {
  Fields('P', m.head, out)
      .Int(m.ref, 8)
      .Buy(m.side)
      .Int(m.shares, 4)
      .Text(m.stock)
      .Int(m.price, 4)
      .Int(m.match, 8);
}

void Append(const CrossTrade& m, std::string* out) {
  Fields('Q', m.head, out)
      .Int(m.shares, 8)
      .Text(m.stock)
      .Int(m.price, 4)
      .Int(m.match, 8)
      .Char(m.type);
}

void Append(const BrokenTrade& m, std::string* out) {
  Fields('B', m.head, out).Int(m.match, 8);
}

void AppendEndOfSession(std::string* out) { out->append(2, '\0'); }

}  // namespace streamhub::itch
