// FIX framing, fields, decoding, sequences and ticks over any bytes: no crash;
// the same messages whatever the pieces; a message that is accepted has the
// length and the sum that it says; gaps are ranges, in order; of the published
// levels none is behind an empty one, and sizes are not negative. The first
// byte chooses the check, the second in pieces of what size the rest arrives.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>

#include "feeds/fix/decoder.h"
#include "feeds/fix/fields.h"
#include "feeds/fix/fix_handler.h"
#include "feeds/fix/framing.h"
#include "feeds/fix/sequences.h"
#include "gateway/base/check.h"
#include "gateway/base/clock.h"
#include "gateway/market/market.h"

namespace {

using streamhub::kEmpty;
using streamhub::csv::DecimalsFinder;
using streamhub::fix::Check;
using streamhub::fix::Decoder;
using streamhub::fix::Field;
using streamhub::fix::FieldReader;
using streamhub::fix::FixHandler;
using streamhub::fix::Frame;
using streamhub::fix::FrameReader;
using streamhub::fix::Message;
using streamhub::fix::Sequences;

constexpr size_t kSymbolsMax = 8;

struct Rim {
  Rim() : publisher(market, AddFeed(), counters, streamhub::SystemClock()) {}

  streamhub::FeedId AddFeed() {
    streamhub::FeedInfo info;
    info.name = "replay";
    return market.AddFeed(info);
  }

  streamhub::Market market{"live", kSymbolsMax, 1};
  streamhub::Counters counters;
  streamhub::Publisher publisher;
};

// By other means than the reader's: field by field.
void CheckSums(const Frame& frame) {
  const std::string_view bytes = frame.bytes;
  const size_t first = bytes.find(frame.separator) + 1;
  const size_t second = bytes.find(frame.separator, first) + 1;
  const std::string_view said = bytes.substr(first + 2, second - first - 3);
  const size_t sum_at = bytes.rfind("10=");
  STREAMHUB_CHECK(std::stoul(std::string(said)) == sum_at - second);
  unsigned sum = 0;
  for (const char c : bytes.substr(0, sum_at)) {
    sum += c == frame.separator ? 1 : static_cast<uint8_t>(c);
  }
  STREAMHUB_CHECK(std::stoul(std::string(bytes.substr(sum_at + 3, 3))) ==
                  sum % 256);
}

// Calls each(result, frame, reader) for every message, garbled ones too.
template <typename Each>
void ReadAll(std::string_view bytes, size_t piece, Check check, Each each) {
  FrameReader reader(check);
  while (true) {
    Frame frame;
    const FrameReader::Next next = reader.Read(&frame);
    if (next == FrameReader::Next::kEnd) return;
    if (next == FrameReader::Next::kNeedMore) {
      const auto room = reader.Room();
      STREAMHUB_CHECK(!room.empty());
      const size_t count = std::min({piece, bytes.size(), room.size()});
      if (count == 0) reader.Finish();
      std::copy_n(bytes.begin(), count, room.begin());
      reader.Filled(count);
      bytes.remove_prefix(count);
      continue;
    }
    each(next, frame, reader);
  }
}

// Everything that was read, as one text.
std::string Log(std::string_view bytes, size_t piece, Check check) {
  std::string log;
  ReadAll(bytes, piece, check,
          [&](FrameReader::Next next, const Frame& frame,
              const FrameReader& reader) {
            log += std::to_string(frame.place.offset) + ' ' +
                   std::to_string(frame.place.line) + ' ';
            if (next == FrameReader::Next::kGarbled) {
              STREAMHUB_CHECK(!reader.what().empty());
              log += reader.what();
              return;
            }
            STREAMHUB_CHECK(frame.bytes.size() <=
                            2 * streamhub::fix::kMessageBytesMax);
            STREAMHUB_CHECK(frame.bytes == bytes.substr(frame.place.offset,
                                                        frame.bytes.size()));
            log.append(frame.bytes);
          });
  return log;
}

// All of its fields lie in it, one behind the other.
void CheckFields(const Frame& frame) {
  FieldReader fields(frame.bytes, frame.separator);
  const char* at = frame.bytes.data();
  for (Field field; fields.Read(&field) == FieldReader::Next::kField;) {
    STREAMHUB_CHECK(field.tag > 0 && !field.value.empty());
    STREAMHUB_CHECK(field.value.data() > at);
    at = field.value.data() + field.value.size();
    STREAMHUB_CHECK(at <= frame.bytes.data() + frame.bytes.size());
  }
}

void CheckGaps(const Sequences& sequences) {
  for (const auto& gap : sequences.gaps()) {
    STREAMHUB_CHECK(gap.first <= gap.last);
    STREAMHUB_CHECK(gap.stream < sequences.streams());
  }
}

void CheckQuotes(const streamhub::Market& market) {
  for (streamhub::SymbolId id = 0; id < market.symbols().size(); ++id) {
    const auto& layout = *market.symbols().Get(id).layout;
    streamhub::QuoteView view;
    STREAMHUB_CHECK(market.cache().Read(id, layout.all(), &view));
    const auto value = [&](streamhub::FieldId field) {
      return view.value[layout.PositionOf(field)];
    };
    bool bid = true;
    bool ask = true;
    for (int level = 1; level <= 10; ++level) {
      const auto f = streamhub::FieldsOfLevel(level);
      STREAMHUB_CHECK(bid || value(f.bid) == kEmpty);
      STREAMHUB_CHECK(ask || value(f.ask) == kEmpty);
      bid = value(f.bid) != kEmpty;
      ask = value(f.ask) != kEmpty;
      STREAMHUB_CHECK(bid || value(f.bid_size) == kEmpty);
      STREAMHUB_CHECK(ask || value(f.ask_size) == kEmpty);
      STREAMHUB_CHECK(value(f.bid_size) == kEmpty || value(f.bid_size) >= 0);
      STREAMHUB_CHECK(value(f.ask_size) == kEmpty || value(f.ask_size) >= 0);
    }
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size < 2) return 0;
  const Check check = data[0] % 2 == 0 ? Check::kStrict : Check::kLenient;
  const size_t piece = size_t{data[1]} + 1;
  const std::string_view bytes(reinterpret_cast<const char*>(data) + 2,
                               size - 2);
  STREAMHUB_CHECK(Log(bytes, piece, check) == Log(bytes, size, check));

  // A market costs a million stores to make: it is kept, as an epoch of which
  // nothing is left, until it is full of names. So the decimals are fixed.
  static std::unique_ptr<Rim> rim;
  if (rim == nullptr || rim->market.symbols().size() == kSymbolsMax) {
    rim = std::make_unique<Rim>();
  }
  rim->publisher.StartEpoch();
  FixHandler handler(rim->publisher, *DecimalsFinder::Create("3/1"));
  FixHandler surveyor(rim->publisher, *DecimalsFinder::Create(""));
  Sequences sequences;
  Decoder decoder;
  Message message;
  ReadAll(bytes, piece, check,
          [&](FrameReader::Next next, const Frame& frame, const FrameReader&) {
            if (next != FrameReader::Next::kMessage) return;
            if (check == Check::kStrict) CheckSums(frame);
            CheckFields(frame);
            if (!decoder.Decode(frame, &message)) {
              STREAMHUB_CHECK(!decoder.fault().empty());
              return;
            }
            sequences.On(message, frame.place);
            CheckGaps(sequences);
            surveyor.Survey(message);
            const int refused = handler.On(message);
            STREAMHUB_CHECK(refused == 0 || !handler.refusal().empty());
            CheckQuotes(rim->market);
          });
  return 0;
}
