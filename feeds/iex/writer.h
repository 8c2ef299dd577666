// Structs of messages.h -> payloads of IEX-TP: the inverse of segment.h and
// decoder.h, for samples and tests. Any thread.

#ifndef STREAMHUB_FEEDS_IEX_WRITER_H_
#define STREAMHUB_FEEDS_IEX_WRITER_H_

#include <cstdint>
#include <string>
#include <string_view>

#include "feeds/iex/messages.h"
#include "feeds/iex/segment.h"

namespace streamhub::iex {

// Appends the message, without a length.
void Append(const SystemEvent& message, std::string* out);
void Append(const SecurityDirectory& message, std::string* out);
void Append(const TradingStatus& message, std::string* out);
void Append(const OperationalHalt& message, std::string* out);
void Append(const ShortSaleTest& message, std::string* out);
void Append(const SecurityEvent& message, std::string* out);
void Append(const QuoteUpdate& message, std::string* out);
void Append(const PriceLevel& message, std::string* out);
void Append(const Trade& message, std::string* out);
void Append(const TradeBreak& message, std::string* out);
void Append(const OfficialPrice& message, std::string* out);
void Append(const AuctionInformation& message, std::string* out);

// One stream: numbers its messages and cuts them into segments.
class SegmentWriter {
 public:
  SegmentWriter(Protocol protocol, uint32_t session) {
    head_.protocol = protocol;
    head_.session = session;
  }

  // One more message of the segment that will be cut next, which holds at most
  // 65,535 bytes of messages and their lengths.
  template <typename T>
  SegmentWriter& Add(const T& message) {
    std::string bytes;
    Append(message, &bytes);
    return AddBytes(bytes);
  }
  SegmentWriter& AddBytes(std::string_view message);

  // The segment of what was added since the one before: a UDP payload. Of
  // nothing a heartbeat.
  std::string Cut(int64_t sent_ns);

  // The next message has this number.
  void SetNext(int64_t sequence) { head_.first_sequence = sequence; }

  // What is wrong with a segment in a test.
  SegmentHead& head() { return head_; }

 private:
  SegmentHead head_;
  std::string blocks_;
};

}  // namespace streamhub::iex

#endif  // STREAMHUB_FEEDS_IEX_WRITER_H_
