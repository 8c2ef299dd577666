#include <absl/container/flat_hash_map.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>
#include <deque>
#include <map>
#include <utility>
#include <vector>

#include "feeds/tick_record.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"
#include "schemas/flat_frame.h"
#include "schemas/tick_generated.h"

namespace streamhub {
namespace {

constexpr FieldId kUnknownField = FieldId::kCount;
using FieldVector = flatbuffers::Vector<flatbuffers::Offset<tick::Field>>;

constexpr uint32_t kDenseNumbers = 1 << 20;  // below: looked up in an array

struct KnownSymbol {
  SymbolInfo info;
  std::string feed;
  size_t fields = 0;  // the writer's
  std::array<FieldId, kLayoutFieldsMax> field;
};

int64_t Sum(int64_t a, int64_t b) {
  return static_cast<int64_t>(static_cast<uint64_t>(a) +
                              static_cast<uint64_t>(b));
}

bool IsText(FieldId field, int64_t word) {
  if (KindOf(field) != FieldKind::kText || word == kEmpty) return true;
  char storage[8];
  return IsValidUtf8(UnpackText(word, storage));
}

}  // namespace

struct TickRecordReader::Known {
  KnownSymbol* Find(uint32_t number) const {
    if (number < dense.size()) return dense[number];
    const auto found = others.find(number);
    return found == others.end() ? nullptr : found->second;
  }

  KnownSymbol& Make(uint32_t number) {
    if (KnownSymbol* const known = Find(number)) return *known;
    KnownSymbol& made = symbols.emplace_back();
    if (number < kDenseNumbers) {
      if (number >= dense.size()) dense.resize(number + 1, nullptr);
      dense[number] = &made;
    } else {
      others[number] = &made;
    }
    return made;
  }

  std::deque<KnownSymbol> symbols;  // which do not move
  std::vector<KnownSymbol*> dense;
  absl::flat_hash_map<uint32_t, KnownSymbol*> others;
  std::map<std::vector<FieldId>, Layout> layouts;  // nor do these
};

// Ticks and trades that were found and are not all told.
struct TickRecordReader::Batch {
  const tick::Ticks* ticks = nullptr;  // null: none
  size_t at = 0;                       // of the FlatBuffer, among the bytes
  size_t size = 0;                     // ticks
  size_t next = 0;
  size_t next_value = 0;
  size_t next_trade = 0;
  int64_t received_ns = 0, event_ns = 0;
  std::array<FieldValue, kLayoutFieldsMax> values;
  std::vector<uint64_t> aligned;  // a FlatBuffer that lies elsewhere
};

TickRecordReader::TickRecordReader()
    : known_(std::make_unique<Known>()), batch_(std::make_unique<Batch>()) {}
TickRecordReader::~TickRecordReader() = default;

void TickRecordReader::Begin(std::string_view bytes) {
  bytes_ = bytes;
  offset_ = 0;
  batch_->ticks = nullptr;
  status_ = absl::OkStatus();
}

// One verified FlatBuffer. Its functions say what is wrong; empty: nothing.
class TickRecordReader::Decoding {
 public:
  explicit Decoding(TickRecordReader& reader) : reader_(reader) {}

  // `*found`: `*out` is a record. Ticks only become the batch at hand.
  std::string Take(const tick::Record& record, TickRecord* out, bool* found) {
    *found = true;
    switch (record.body_type()) {
      case tick::Body::Symbol:
        return Symbol(*record.body_as_Symbol(), out);
      case tick::Body::Ticks:
        *found = false;
        return Ticks(*record.body_as_Ticks());
      case tick::Body::Epoch:
        *out = {.kind = TickRecord::Kind::kEpoch,
                .time_ns = record.body_as_Epoch()->time(),
                .epoch = record.body_as_Epoch()->epoch()};
        return {};
      case tick::Body::Status:
        return Status(*record.body_as_Status(), out, found);
      case tick::Body::Gap: {
        const tick::Gap& gap = *record.body_as_Gap();
        *out = {.kind = TickRecord::Kind::kGap,
                .time_ns = gap.to(),
                .lost = gap.records(),
                .from_ns = gap.from()};
        return {};
      }
      case tick::Body::Sent:
        return Sent(*record.body_as_Sent(), out);
      default:
        ++reader_.unknown_records_;
        *found = false;
        return {};
    }
  }

  // The next of the batch at hand; `*found` is false once there is none.
  std::string TakeNext(TickRecord* out, bool* found) {
    Batch& b = *reader_.batch_;
    *found = true;
    const auto* const trades = b.ticks->trades();
    if (trades != nullptr && b.next_trade < trades->size()) {
      const tick::Trade& trade =
          *trades->Get(static_cast<flatbuffers::uoffset_t>(b.next_trade));
      if (trade.at() < b.next || trade.at() > b.size) {
        return "a trade out of its place";
      }
      if (trade.at() == b.next) return Trade(trade, out, found);
    }
    if (b.next < b.size) return Tick(out, found);
    b.ticks = nullptr;
    *found = false;
    return {};
  }

 private:
  std::string Symbol(const tick::Symbol& symbol, TickRecord* out) {
    SymbolInfo info;
    info.code = std::string(FlatView(symbol.code()));
    info.name = std::string(FlatView(symbol.name()));
    info.currency = std::string(FlatView(symbol.currency()));
    info.price_decimals = symbol.price_decimals();
    info.quantity_decimals = symbol.quantity_decimals();
    info.pip = symbol.pip();
    const std::string_view feed = FlatView(symbol.feed());
    if (!IsValidSymbol(info.code)) return "code is not a symbol's";
    if (!IsValidUtf8(info.name)) return "name is not UTF-8";
    if (!IsValidUtf8(info.currency)) return "currency is not UTF-8";
    if (!IsValidUtf8(feed)) return "feed is not UTF-8";
    if (std::max(info.price_decimals, info.quantity_decimals) > kDecimalsMax) {
      return "decimals above 12";
    }
    KnownSymbol described;
    std::vector<FieldId> layout;
    if (std::string wrong = Fields(*symbol.fields(), &described, &layout);
        !wrong.empty()) {
      return wrong;
    }
    info.layout =
        &reader_.known_->layouts.try_emplace(layout, layout).first->second;
    described.info = std::move(info);
    described.feed = feed;
    KnownSymbol& known = reader_.known_->Make(symbol.number()) =
        std::move(described);
    *out = {.kind = TickRecord::Kind::kSymbol,
            .number = symbol.number(),
            .info = &known.info,
            .feed = known.feed};
    return {};
  }

  std::string Fields(const FieldVector& fields, KnownSymbol* known,
                     std::vector<FieldId>* layout) {
    if (fields.size() > kLayoutFieldsMax) return "more than 64 fields";
    for (const tick::Field* field : fields) {
      const absl::string_view name = ToAbsl(FlatView(field->name()));
      const auto id = FindField(FromAbsl(name));
      known->field[known->fields++] = id.value_or(kUnknownField);
      if (!id.has_value()) {
        ++reader_.unknown_fields_;
        continue;
      }
      if (KindOf(*id) != static_cast<FieldKind>(field->kind())) {
        return absl::StrCat("field ", name, " of another kind");
      }
      if (std::count(layout->begin(), layout->end(), *id) > 0) {
        return absl::StrCat("field ", name, " twice");
      }
      layout->push_back(*id);
    }
    // Every layout has it.
    if (std::count(layout->begin(), layout->end(), FieldId::kTrading) == 0) {
      if (layout->size() == kLayoutFieldsMax) return "no field trading";
      layout->push_back(FieldId::kTrading);
    }
    return {};
  }

  std::string Ticks(const tick::Ticks& ticks) {
    const auto size = [](const auto* vector) -> size_t {
      return vector == nullptr ? 0 : vector->size();
    };
    const size_t count = size(ticks.symbols());
    size_t values = 0;
    for (size_t i = 0; i < size(ticks.counts()); ++i) {
      const uint8_t of_one = FlatElement(*ticks.counts(), i);
      if (of_one > kLayoutFieldsMax) return "a tick of more than 64 values";
      values += of_one;
    }
    if (size(ticks.received()) != count ||
        (ticks.event() != nullptr && size(ticks.event()) != count) ||
        (ticks.counts() != nullptr && size(ticks.counts()) != count) ||
        size(ticks.positions()) != values || size(ticks.values()) != values) {
      return "columns of ticks that do not match";
    }
    if (ticks.refresh() && size(ticks.trades()) > 0) {
      return "trades among what is no tick";
    }
    Batch& b = *reader_.batch_;
    b.ticks = &ticks;
    b.size = count;
    b.next = b.next_value = b.next_trade = 0;
    b.received_ns = b.event_ns = 0;
    return {};
  }

  std::string Tick(TickRecord* out, bool* found) {
    Batch& b = *reader_.batch_;
    const tick::Ticks& ticks = *b.ticks;
    const size_t i = b.next++;
    b.received_ns = Sum(b.received_ns, FlatElement(*ticks.received(), i));
    if (ticks.event() != nullptr) {
      b.event_ns = Sum(b.event_ns, FlatElement(*ticks.event(), i));
    }
    const size_t count =
        ticks.counts() == nullptr ? 0 : FlatElement(*ticks.counts(), i);
    const size_t begin = std::exchange(b.next_value, b.next_value + count);
    const uint32_t number = FlatElement(*ticks.symbols(), i);
    const KnownSymbol* const symbol = reader_.known_->Find(number);
    if (symbol == nullptr) return Unknown("a tick", number, found);
    size_t kept = 0;
    FieldMask met = 0;
    for (size_t at = begin; at < begin + count; ++at) {
      const uint8_t position = FlatElement(*ticks.positions(), at);
      if (position >= symbol->fields) return "a position beyond the fields";
      const FieldMask bit = FieldMask{1} << position;
      if ((met & bit) != 0) return "a position twice";
      met |= bit;
      const FieldId field = symbol->field[position];
      if (field == kUnknownField) continue;
      const int64_t word = FlatElement(*ticks.values(), at);
      if (!IsText(field, word)) {
        ++reader_.unknown_fields_;
        continue;
      }
      b.values[kept++] = {field, word};
    }
    out->kind =
        ticks.refresh() ? TickRecord::Kind::kRefresh : TickRecord::Kind::kTick;
    out->number = number;
    out->time_ns = b.received_ns;
    out->event_ns = b.event_ns;
    out->values = std::span(b.values.data(), kept);
    return {};
  }

  std::string Trade(const tick::Trade& trade, TickRecord* out, bool* found) {
    ++reader_.batch_->next_trade;
    if (reader_.known_->Find(trade.symbol()) == nullptr) {
      return Unknown("a trade", trade.symbol(), found);
    }
    TradeReport report;
    report.price = trade.price();
    report.size = trade.size();
    // One that we do not know is nobody.
    report.taker = trade.taker() > tick::Taker::MAX
                       ? Taker::kUnknown
                       : static_cast<Taker>(trade.taker());
    report.id = FlatView(trade.id());
    report.cross = FlatView(trade.cross());
    report.cancelled = trade.cancelled();
    if (!IsValidUtf8(report.id)) return "a trade's id is not UTF-8";
    if (!IsValidUtf8(report.cross)) return "a trade's cross is not UTF-8";
    *out = {.kind = TickRecord::Kind::kTrade,
            .number = trade.symbol(),
            .time_ns = trade.received(),
            .event_ns = trade.event(),
            .trade = report};
    return {};
  }

  std::string Unknown(std::string_view what, uint32_t number, bool* found) {
    *found = false;
    if (reader_.passes_over_) {
      ++reader_.unknown_symbols_;
      return {};
    }
    return absl::StrCat(ToAbsl(what), " of symbol ", number,
                        ", which was not told");
  }

  std::string Status(const tick::Status& status, TickRecord* out, bool* found) {
    if (!IsValidUtf8(FlatView(status.feed()))) return "feed is not UTF-8";
    if (status.status() > tick::FeedStatus::MAX) {
      ++reader_.unknown_records_;
      *found = false;
      return {};
    }
    *out = {.kind = TickRecord::Kind::kStatus,
            .status = static_cast<FeedStatus>(status.status()),
            .time_ns = status.time(),
            .feed = FlatView(status.feed())};
    return {};
  }

  static std::string Sent(const tick::Sent& sent, TickRecord* out) {
    *out = {.kind = TickRecord::Kind::kSent, .time_ns = sent.time()};
    SentRecord& s = out->sent;
    s = {.session = sent.session(),
         .transport = FlatView(sent.transport()),
         .encoding = FlatView(sent.encoding()),
         .time_ns = sent.time(),
         .batch = sent.batch(),
         .symbol = FlatView(sent.symbol()),
         .cut = sent.cut()};
    if (sent.bytes() != nullptr) {
      s.bytes = {reinterpret_cast<const char*>(sent.bytes()->data()),
                 sent.bytes()->size()};
    }
    for (const std::string_view text : {s.transport, s.encoding, s.symbol}) {
      if (!IsValidUtf8(text)) return "a text of what was sent is not UTF-8";
    }
    return {};
  }

  TickRecordReader& reader_;
};

TickRecordReader::Next TickRecordReader::Read(TickRecord* record) {
  if (!status_.ok()) return Next::kWrong;
  Decoding decoding(*this);
  Batch& b = *batch_;
  for (;;) {
    bool found = false;
    if (b.ticks != nullptr) {
      const std::string wrong = decoding.TakeNext(record, &found);
      if (!wrong.empty()) return Wrong(wrong, b.at);
      if (found) return Next::kRecord;
      continue;
    }
    const std::string_view rest = bytes_.substr(offset_);
    if (rest.size() < kFlatPrefix) return Next::kEnd;
    const size_t size = FlatSize(rest);
    if (size % kFlatAlign != 0 || size > kTickRecordBytesMax) {
      return Wrong(absl::StrCat("a size of ", size - kFlatPrefix), offset_);
    }
    if (size > rest.size()) return Next::kEnd;
    const char* flat = rest.data();
    if (reinterpret_cast<uintptr_t>(flat) % kFlatAlign != 0) {
      b.aligned.resize(size / kFlatAlign);
      std::copy_n(flat, size, reinterpret_cast<char*>(b.aligned.data()));
      flat = reinterpret_cast<const char*>(b.aligned.data());
    }
    flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t*>(flat),
                                   size);
    if (!tick::VerifySizePrefixedRecordBuffer(verifier)) {
      return Wrong("not a FlatBuffer of tick.fbs", offset_);
    }
    b.at = std::exchange(offset_, offset_ + size);
    const std::string wrong =
        decoding.Take(*tick::GetSizePrefixedRecord(flat), record, &found);
    if (!wrong.empty()) return Wrong(wrong, b.at);
    if (found) return Next::kRecord;
  }
}

TickRecordReader::Next TickRecordReader::Wrong(std::string_view what,
                                               size_t at) {
  batch_->ticks = nullptr;
  status_ =
      absl::InvalidArgumentError(absl::StrCat(ToAbsl(what), " at byte ", at));
  return Next::kWrong;
}

}  // namespace streamhub
