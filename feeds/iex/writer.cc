#include "feeds/iex/writer.h"

#include <array>
#include <cstddef>

namespace streamhub::iex {
namespace {

// Appends fields, little-endian.
class Fields {
 public:
  explicit Fields(std::string* out) : out_(*out) {}

  // The head that all messages but S go on from with a symbol.
  Fields(char type, uint8_t code, int64_t time_ns, std::string* out)
      : Fields(out) {
    Char(type).Int(code, 1).Int(time_ns, 8);
  }
  template <typename T>
  Fields(char type, uint8_t code, const T& message, std::string* out)
      : Fields(type, code, message.time_ns, out) {
    Text(message.symbol);
  }

  // The low `bytes` bytes.
  Fields& Int(int64_t value, int bytes) {
    for (int i = 0; i < bytes; ++i) {
      out_.push_back(
          static_cast<char>(static_cast<uint64_t>(value) >> (8 * i) & 0xFF));
    }
    return *this;
  }
  Fields& Char(char c) {
    out_.push_back(c);
    return *this;
  }
  template <size_t kSize>
  Fields& Text(const std::array<char, kSize>& text) {
    out_.append(text.data(), kSize);
    return *this;
  }

 private:
  std::string& out_;
};

uint8_t Byte(char c) { return static_cast<uint8_t>(c); }

}  // namespace

void Append(const SystemEvent& m, std::string* out) {
  Fields('S', Byte(m.code), m.time_ns, out);
}

void Append(const SecurityDirectory& m, std::string* out) {
  Fields('D', m.flags, m, out)
      .Int(m.round_lot, 4)
      .Int(m.adjusted_close, 8)
      .Int(m.luld_tier, 1);
}

void Append(const TradingStatus& m, std::string* out) {
  Fields('H', Byte(m.status), m, out).Text(m.reason);
}

void Append(const OperationalHalt& m, std::string* out) {
  Fields('O', Byte(m.status), m, out);
}

void Append(const ShortSaleTest& m, std::string* out) {
  Fields('P', m.in_effect, m, out).Char(m.detail);
}

void Append(const SecurityEvent& m, std::string* out) {
  Fields('E', Byte(m.code), m, out);
}

void Append(const QuoteUpdate& m, std::string* out) {
  Fields('Q', m.flags, m, out)
      .Int(m.bid_size, 4)
      .Int(m.bid, 8)
      .Int(m.ask, 8)
      .Int(m.ask_size, 4);
}

void Append(const PriceLevel& m, std::string* out) {
  Fields(m.side == Side::kBuy ? '8' : '5', m.flags, m, out)
      .Int(m.size, 4)
      .Int(m.price, 8);
}

void Append(const Trade& m, std::string* out) {
  Fields('T', m.flags, m, out).Int(m.size, 4).Int(m.price, 8).Int(m.id, 8);
}

void Append(const TradeBreak& m, std::string* out) {
  Fields('B', m.flags, m, out).Int(m.size, 4).Int(m.price, 8).Int(m.id, 8);
}

void Append(const OfficialPrice& m, std::string* out) {
  Fields('X', Byte(m.type), m, out).Int(m.price, 8);
}

void Append(const AuctionInformation& m, std::string* out) {
  Fields('A', Byte(m.type), m, out)
      .Int(m.paired_shares, 4)
      .Int(m.reference_price, 8)
      .Int(m.indicative_price, 8)
      .Int(m.imbalance_shares, 4)
      .Char(m.imbalance_side)
      .Int(m.extension, 1)
      .Int(m.scheduled_s, 4)
      .Int(m.book_price, 8)
      .Int(m.collar_reference_price, 8)
      .Int(m.lower_collar, 8)
      .Int(m.upper_collar, 8);
}

SegmentWriter& SegmentWriter::AddBytes(std::string_view message) {
  Fields(&blocks_).Int(static_cast<int64_t>(message.size()), 2);
  blocks_ += message;
  ++head_.messages;
  return *this;
}

std::string SegmentWriter::Cut(int64_t sent_ns) {
  head_.sent_ns = sent_ns;
  std::string payload;
  Fields(&payload)
      .Int(kSegmentVersion, 1)
      .Int(0, 1)
      .Int(static_cast<uint16_t>(head_.protocol), 2)
      .Int(head_.channel, 4)
      .Int(head_.session, 4)
      .Int(static_cast<int64_t>(blocks_.size()), 2)
      .Int(head_.messages, 2)
      .Int(head_.stream_offset, 8)
      .Int(head_.first_sequence, 8)
      .Int(head_.sent_ns, 8);
  payload += blocks_;
  head_.first_sequence += head_.messages;
  head_.stream_offset += static_cast<int64_t>(blocks_.size());
  head_.messages = 0;
  blocks_.clear();
  return payload;
}

}  // namespace streamhub::iex
