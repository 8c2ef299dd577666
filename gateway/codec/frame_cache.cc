#include "gateway/codec/frame_cache.h"

#include "gateway/market/quiet.h"

namespace streamhub {

void FrameCache::BeginTurn(int64_t wall_ns) {
  ++turn_;
  wall_ns_ = wall_ns;
  symbols_used_ = 0;
  encoded_.clear();
  bytes_.clear();
}

FrameCache::Symbol& FrameCache::Lookup(SymbolId id) {
  if (id >= entries_.size()) entries_.resize(market_.symbols().size());
  Entry& entry = entries_[id];
  if (entry.turn == turn_) return symbols_[entry.symbol];
  if (symbols_used_ == symbols_.size()) symbols_.emplace_back();
  entry = {turn_, static_cast<uint32_t>(symbols_used_)};
  Symbol& symbol = symbols_[symbols_used_++];
  symbol.first = kNoUpdate;
  symbol.asked = false;
  const SymbolInfo& info = market_.symbols().Get(id);
  symbol.read = market_.cache().Read(id, info.layout->all(), &symbol.view);
  if (!symbol.read) counters_.Add(Metric::kReadsContended);
  symbol.state = QuietNote::kNotQuiet;
  if (withdrawn_ != nullptr && withdrawn_->Has(id)) {
    symbol.state = QuietNote::kWithdrawn;
    symbol.view.value.fill(kEmpty);
  } else if (IsQuiet(market_.feeds().info(info.feed), symbol.view, wall_ns_)) {
    symbol.state = QuietNote::kQuiet;
  }
  return symbol;
}

FrameCache::Result FrameCache::UpdateSince(SymbolId id, uint64_t cursor,
                                           FieldMask fields,
                                           QuietNote quiet_told,
                                           MessageWriter& writer,
                                           Frame* frame) {
  Symbol& symbol = Lookup(id);
  if (!symbol.read) return Result::kBusy;
  const Question question{cursor, fields, quiet_told, writer.encoding()};
  if (!symbol.asked || !(symbol.question == question)) {
    symbol.answer = Find(id, symbol, question, writer);
    symbol.question = question;
    symbol.asked = true;
  }
  if (symbol.answer == kNoUpdate) return Result::kNothing;
  const Encoded& encoded = encoded_[symbol.answer];
  frame->bytes = std::string_view(bytes_).substr(encoded.begin, encoded.size);
  frame->version = symbol.view.version;
  frame->snapshot = encoded.snapshot;
  frame->told = symbol.state;
  return Result::kFrame;
}

FrameCache::UpdateIndex FrameCache::Find(SymbolId id, Symbol& symbol,
                                         const Question& question,
                                         MessageWriter& writer) {
  const uint64_t cursor = question.cursor;
  const bool withdrawn = symbol.state == QuietNote::kWithdrawn;
  if (withdrawn && question.quiet_told == QuietNote::kWithdrawn) {
    return kNoUpdate;
  }
  // Who holds the blank, or is to hold it, has to replace what it holds.
  const bool snapshot = cursor == 0 || cursor > symbol.view.version ||
                        withdrawn ||
                        question.quiet_told == QuietNote::kWithdrawn;
  const FieldMask changed =
      snapshot ? question.fields
               : symbol.view.ChangedSince(cursor, question.fields);
  QuietNote quiet = symbol.state;
  if (quiet == question.quiet_told && !snapshot) quiet = QuietNote::kNone;
  if (changed == 0 && quiet == QuietNote::kNone) return kNoUpdate;

  for (UpdateIndex i = symbol.first; i != kNoUpdate; i = encoded_[i].next) {
    const Encoded& e = encoded_[i];
    if (e.fields == changed && e.encoding == question.encoding &&
        e.snapshot == snapshot && e.quiet == quiet) {
      return i;
    }
  }
  // Snapshots are of old ticks, and so are notes of quiet.
  if (!snapshot && changed != 0 && latency_ != nullptr && latency_->Sample()) {
    StampEncoding(id, symbol.view.received_ns);
  }
  const size_t begin = bytes_.size();
  writer.EncodeQuote(id, symbol.view, changed, snapshot, quiet, &bytes_);
  encoded_.push_back({changed, question.encoding, snapshot, quiet,
                      static_cast<uint32_t>(begin),
                      static_cast<uint32_t>(bytes_.size() - begin),
                      symbol.first});
  symbol.first = static_cast<UpdateIndex>(encoded_.size() - 1);
  counters_.Add(Metric::kFramesBuilt);
  return symbol.first;
}

void FrameCache::StampEncoding(SymbolId id, int64_t received_ns) {
  latency_->Encoded(market_.symbols().Get(id).feed, wall_ns_ - received_ns);
}

}  // namespace streamhub
