#include "feeds/ticklog/log_index.h"

#include <algorithm>

#include "feeds/ticklog/log_format.h"
#include "gateway/market/symbol.h"
#include "schemas/flat_frame.h"
#include "schemas/tick_generated.h"

namespace streamhub::ticklog {
namespace {

// What the payload has beside codes and bits, generously.
constexpr size_t kSymbolBytes = 32;
constexpr size_t kBlockBytes = 72;

}  // namespace

absl::StatusOr<LogIndex> DecodeIndex(std::string_view plain) {
  constexpr flatbuffers::uoffset_t kDepth = 8, kTables = 1 << 26;
  flatbuffers::Verifier verifier(reinterpret_cast<const uint8_t*>(plain.data()),
                                 plain.size(), kDepth, kTables);
  if (plain.size() < kFlatPrefix || FlatSize(plain) != plain.size() ||
      !verifier.VerifySizePrefixedBuffer<tick::LogIndex>(nullptr)) {
    return absl::DataLossError("its index is none");
  }
  const auto& flat =
      *flatbuffers::GetSizePrefixedRoot<tick::LogIndex>(plain.data());
  LogIndex index;
  if (flat.blocks() != nullptr) {
    for (const tick::IndexedBlock* const b : *flat.blocks()) {
      IndexedBlock& block = index.blocks.emplace_back();
      block.offset = b->offset();
      block.first_ns = b->first();
      block.last_ns = b->last();
      block.records = b->records();
      block.defines = b->defines();
      block.events = b->events();
      if (b->symbols() == nullptr) continue;
      block.knows_symbols = true;
      block.symbols.assign(b->symbols()->begin(), b->symbols()->end());
    }
  }
  if (flat.symbols() != nullptr) {
    for (const tick::IndexedSymbol* const s : *flat.symbols()) {
      if (!IsValidSymbol(FlatView(s->code())) ||
          s->block() >= index.blocks.size()) {
        return absl::DataLossError("its index has a symbol that is none");
      }
      index.symbols.push_back({std::string(FlatView(s->code())), s->block()});
    }
  }
  return index;
}

void IndexBuilder::Symbol(std::string_view code) {
  const size_t number = symbols_++;
  if (number / 64 >= touched_.size()) touched_.resize(number / 64 + 1, 0);
  bytes_ += kSymbolBytes + code.size();
  if (bytes_ > kIndexBytesMax) return;
  index_.symbols.push_back(
      {std::string(code), static_cast<uint32_t>(index_.blocks.size())});
}

void IndexBuilder::Block(uint64_t offset, int64_t first_ns, int64_t last_ns,
                         uint32_t records, bool defines) {
  size_t words = touched_.size();
  while (words > 0 && touched_[words - 1] == 0) --words;
  bytes_ += kBlockBytes + 8 * words;
  if (bytes_ <= kIndexBytesMax) {
    IndexedBlock& block = index_.blocks.emplace_back();
    block.offset = offset;
    block.first_ns = first_ns;
    block.last_ns = last_ns;
    block.records = records;
    block.defines = defines;
    block.events = events_;
    block.knows_symbols = true;
    block.symbols.reserve(8 * words);
    for (size_t i = 0; i < 8 * words; ++i) {
      block.symbols.push_back(
          static_cast<uint8_t>(touched_[i / 8] >> (8 * (i % 8))));
    }
  } else {
    index_ = {};  // and its memory
  }
  std::fill(touched_.begin(), touched_.end(), 0);
  events_ = false;
}

std::string IndexBuilder::Encode() const {
  if (bytes_ > kIndexBytesMax) return {};
  flatbuffers::FlatBufferBuilder builder;
  std::vector<flatbuffers::Offset<tick::IndexedSymbol>> symbols;
  for (const IndexedSymbol& symbol : index_.symbols) {
    symbols.push_back(tick::CreateIndexedSymbol(
        builder, builder.CreateString(symbol.code), symbol.block));
  }
  std::vector<flatbuffers::Offset<tick::IndexedBlock>> blocks;
  for (const IndexedBlock& block : index_.blocks) {
    blocks.push_back(tick::CreateIndexedBlock(
        builder, block.offset, block.first_ns, block.last_ns, block.records,
        builder.CreateVector(block.symbols), block.defines, block.events));
  }
  const auto all_symbols = builder.CreateVector(symbols);
  const auto all_blocks = builder.CreateVector(blocks);
  std::string out;
  AppendFlat(builder, tick::CreateLogIndex(builder, all_symbols, all_blocks),
             &out);
  return out;
}

}  // namespace streamhub::ticklog
