#include "feeds/tick_record.h"

#include <absl/container/flat_hash_map.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <array>
#include <map>
#include <optional>
#include <utility>

#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"
#include "schemas/flat_frame.h"
#include "schemas/tick_generated.h"

namespace streamhub {
namespace {

template <typename T>
using Offset = flatbuffers::Offset<T>;
using Builder = flatbuffers::FlatBufferBuilder;

// The schema's enums have the order of ours.
static_assert(static_cast<int>(tick::FieldKind::Text) ==
              static_cast<int>(FieldKind::kText));
static_assert(static_cast<int>(tick::FeedStatus::Ended) ==
              static_cast<int>(FeedStatus::kEnded));

template <typename T>
void Append(Builder& builder, Offset<T> body, std::string* out) {
  AppendFlat(builder,
             tick::CreateRecord(builder, tick::BodyTraits<T>::enum_value,
                                body.Union()),
             out);
}

Offset<flatbuffers::String> Text(Builder& builder, std::string_view text) {
  return builder.CreateString(text.data(), text.size());
}

}  // namespace

// --- writing ---

struct TickRecordWriter::Parts {
  Builder builder;
};

TickRecordWriter::TickRecordWriter() : parts_(std::make_unique<Parts>()) {}
TickRecordWriter::~TickRecordWriter() = default;

void TickRecordWriter::Symbol(uint32_t number, const SymbolInfo& info,
                              std::string* out) {
  Builder& builder = parts_->builder;
  std::vector<Offset<tick::Field>> fields;
  for (int i = 0; i < info.layout->size(); ++i) {
    const FieldId field = info.layout->field(i);
    fields.push_back(
        tick::CreateField(builder, Text(builder, FieldName(field)),
                          static_cast<tick::FieldKind>(KindOf(field))));
  }
  const auto layout = builder.CreateVector(fields);
  const auto code = Text(builder, info.code);
  const auto name = Text(builder, info.name);
  const auto currency = Text(builder, info.currency);
  Append(builder,
         tick::CreateSymbol(builder, number, code, name, currency,
                            static_cast<uint8_t>(info.price_decimals),
                            static_cast<uint8_t>(info.quantity_decimals),
                            info.pip, layout),
         out);
}

void TickRecordWriter::Tick(uint32_t number, const Layout& layout,
                            std::span<const FieldValue> values,
                            int64_t received_ns, int64_t event_ns,
                            std::string* out) {
  std::array<uint8_t, kLayoutFieldsMax> positions;
  std::array<int64_t, kLayoutFieldsMax> words;
  uint64_t empty = 0;
  size_t count = 0;
  for (const FieldValue& v : values) {
    const int position = layout.PositionOf(v.field);
    if (position < 0 || count == positions.size()) continue;
    if (v.value == kEmpty) empty |= uint64_t{1} << count;
    positions[count] = static_cast<uint8_t>(position);
    words[count++] = v.value == kEmpty ? 0 : v.value;
  }
  Builder& builder = parts_->builder;
  const auto word_vector = builder.CreateVector(words.data(), count);
  const auto position_vector = builder.CreateVector(positions.data(), count);
  Append(builder,
         tick::CreateTick(builder, number, received_ns, event_ns,
                          position_vector, word_vector, empty),
         out);
}

void TickRecordWriter::Epoch(uint64_t epoch, std::string* out) {
  Builder& builder = parts_->builder;
  Append(builder, tick::CreateEpoch(builder, epoch), out);
}

void TickRecordWriter::Status(FeedStatus status, int64_t time_ns,
                              std::string* out) {
  Builder& builder = parts_->builder;
  Append(builder,
         tick::CreateStatus(builder, static_cast<tick::FeedStatus>(status),
                            time_ns),
         out);
}

void TickRecordWriter::Gap(uint64_t records, int64_t from_ns, int64_t to_ns,
                           std::string* out) {
  Builder& builder = parts_->builder;
  Append(builder, tick::CreateGap(builder, records, from_ns, to_ns), out);
}

// --- reading ---

struct TickRecordReader::Known {
  struct Symbol {
    // By the writer's position; nullopt: a field that we do not know.
    std::vector<std::optional<FieldId>> fields;
  };
  absl::flat_hash_map<uint32_t, Symbol> symbols;
  std::map<std::vector<FieldId>, Layout> layouts;  // which do not move
};

// One verified record. Its functions return what is wrong; empty: nothing.
class TickRecordReader::Record {
 public:
  explicit Record(TickRecordReader& reader) : reader_(reader) {}

  std::string HandOn(const tick::Record& record) {
    switch (record.body_type()) {
      case tick::Body::Symbol:
        return Symbol(*record.body_as_Symbol());
      case tick::Body::Tick:
        return Tick(*record.body_as_Tick());
      case tick::Body::Epoch:
        reader_.handler_.OnEpoch(record.body_as_Epoch()->epoch());
        return {};
      case tick::Body::Status:
        return Status(*record.body_as_Status());
      case tick::Body::Gap: {
        const tick::Gap& gap = *record.body_as_Gap();
        reader_.handler_.OnGap(gap.records(), gap.from(), gap.to());
        return {};
      }
      default:
        ++reader_.unknown_records_;
        return {};
    }
  }

 private:
  std::string Symbol(const tick::Symbol& symbol) {
    SymbolInfo info;
    info.code = std::string(FlatView(symbol.code()));
    info.name = std::string(FlatView(symbol.name()));
    info.currency = std::string(FlatView(symbol.currency()));
    info.price_decimals = symbol.price_decimals();
    info.quantity_decimals = symbol.quantity_decimals();
    info.pip = symbol.pip();
    if (!IsValidSymbol(info.code)) return "code is not a symbol's";
    if (!IsValidUtf8(info.name)) return "name is not UTF-8";
    if (!IsValidUtf8(info.currency)) return "currency is not UTF-8";
    if (info.price_decimals > kDecimalsMax) return "price_decimals above 12";
    if (info.quantity_decimals > kDecimalsMax) {
      return "quantity_decimals above 12";
    }
    Known::Symbol known;
    std::vector<FieldId> layout;
    if (std::string wrong = Fields(*symbol.fields(), &known, &layout);
        !wrong.empty()) {
      return wrong;
    }
    info.layout =
        &reader_.known_->layouts.try_emplace(layout, layout).first->second;
    reader_.known_->symbols[symbol.number()] = std::move(known);
    reader_.handler_.OnSymbol(symbol.number(), info);
    return {};
  }

  std::string Fields(const flatbuffers::Vector<Offset<tick::Field>>& fields,
                     Known::Symbol* known, std::vector<FieldId>* layout) {
    if (fields.size() > kLayoutFieldsMax) return "more than 64 fields";
    for (const tick::Field* field : fields) {
      auto id = FindField(FlatView(field->name()));
      if (id.has_value() &&
          KindOf(*id) != static_cast<FieldKind>(field->kind())) {
        return absl::StrCat("field ", ToAbsl(FlatView(field->name())),
                            " of another kind");
      }
      if (!id.has_value()) ++reader_.unknown_fields_;
      if (id.has_value() && std::count(layout->begin(), layout->end(), *id)) {
        return absl::StrCat("field ", ToAbsl(FlatView(field->name())),
                            " twice");
      }
      if (id.has_value()) layout->push_back(*id);
      known->fields.push_back(id);
    }
    const FieldId trading = FieldId::kTrading;  // every layout has it
    if (std::count(layout->begin(), layout->end(), trading) == 0) {
      if (layout->size() == kLayoutFieldsMax) return "no field trading";
      layout->push_back(trading);
    }
    return {};
  }

  std::string Tick(const tick::Tick& record) {
    const auto found = reader_.known_->symbols.find(record.symbol());
    if (found == reader_.known_->symbols.end()) {
      return absl::StrCat("a tick of symbol ", record.symbol(),
                          ", which was not told");
    }
    const auto& fields = found->second.fields;
    const auto* positions = record.positions();
    const auto* words = record.values();
    const size_t count = positions == nullptr ? 0 : positions->size();
    if (count != (words == nullptr ? 0 : words->size()) ||
        count > kLayoutFieldsMax) {
      return "a tick whose positions and values do not match";
    }
    std::array<FieldValue, kLayoutFieldsMax> values;
    size_t kept = 0;
    uint64_t met = 0;
    for (size_t i = 0; i < count; ++i) {
      const uint8_t position = FlatElement(*positions, i);
      if (position >= fields.size()) return "a position beyond the fields";
      if ((met >> position & 1) != 0) return "a position twice";
      met |= uint64_t{1} << position;
      if (!fields[position].has_value()) continue;
      const bool empty = (record.empty() >> i & 1) != 0;
      const int64_t word = FlatElement(*words, i);
      if (!empty && word == kEmpty) return "a value that means empty";
      values[kept++] = {*fields[position], empty ? kEmpty : word};
    }
    reader_.handler_.OnTick(record.symbol(), std::span(values.data(), kept),
                            record.received(), record.event());
    return {};
  }

  std::string Status(const tick::Status& record) {
    if (record.status() > tick::FeedStatus::MAX) return "an unknown status";
    reader_.handler_.OnStatus(static_cast<FeedStatus>(record.status()),
                              record.time());
    return {};
  }

  TickRecordReader& reader_;
};

TickRecordReader::TickRecordReader(TickRecordHandler& handler)
    : handler_(handler), known_(std::make_unique<Known>()) {}
TickRecordReader::~TickRecordReader() = default;

absl::StatusOr<size_t> TickRecordReader::Read(std::string_view bytes) {
  size_t offset = 0;
  while (bytes.size() - offset >= kFlatPrefix) {
    const std::string_view rest = bytes.substr(offset);
    const size_t size = FlatSize(rest);
    std::string wrong;
    if (size % kFlatAlign != 0 || size > kTickRecordBytesMax) {
      wrong = absl::StrCat("a size of ", size - kFlatPrefix);
    } else if (size > rest.size()) {
      break;
    } else {
      record_ = rest.substr(0, size);  // aligned, wherever `bytes` lies
      flatbuffers::Verifier verifier(
          reinterpret_cast<const uint8_t*>(record_.data()), size);
      wrong = tick::VerifySizePrefixedRecordBuffer(verifier)
                  ? Record(*this).HandOn(
                        *tick::GetSizePrefixedRecord(record_.data()))
                  : "not a FlatBuffer of tick.fbs";
    }
    if (!wrong.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(wrong, " at byte ", offset));
    }
    offset += size;
  }
  return offset;
}

}  // namespace streamhub
