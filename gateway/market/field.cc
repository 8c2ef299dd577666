#include "gateway/market/field.h"

#include <absl/container/flat_hash_map.h>

#include <algorithm>
#include <cstring>

#include "gateway/base/check.h"
#include "gateway/base/strings.h"

namespace streamhub {
namespace {

struct Row {
  std::string_view name;
  FieldKind kind;
};

constexpr Row kTable[] = {
#define X(id, name, kind) {name, FieldKind::kind},
    STREAMHUB_FIELDS(X)
#undef X
};

const absl::flat_hash_map<absl::string_view, FieldId>& ByName() {
  static const auto* const map = [] {
    auto* made = new absl::flat_hash_map<absl::string_view, FieldId>;
    for (size_t i = 0; i < kFieldCount; ++i) {
      made->emplace(ToAbsl(kTable[i].name), static_cast<FieldId>(i));
    }
    return made;
  }();
  return *map;
}

}  // namespace

std::string_view FieldName(FieldId field) {
  return kTable[static_cast<size_t>(field)].name;
}

FieldKind KindOf(FieldId field) {
  return kTable[static_cast<size_t>(field)].kind;
}

std::optional<FieldId> FindField(std::string_view name) {
  const auto it = ByName().find(ToAbsl(name));
  if (it == ByName().end()) return std::nullopt;
  return it->second;
}

BookLevelFields FieldsOfLevel(int level) {
  STREAMHUB_CHECK(level >= 1 && level <= 10);
  if (level == 1) {
    return {FieldId::kBid, FieldId::kBidSize, FieldId::kAsk, FieldId::kAskSize};
  }
  const auto first =
      static_cast<uint16_t>(static_cast<int>(FieldId::kBid2) + 4 * (level - 2));
  return {static_cast<FieldId>(first), static_cast<FieldId>(first + 1),
          static_cast<FieldId>(first + 2), static_cast<FieldId>(first + 3)};
}

int64_t PackText(std::string_view text) {
  size_t size = std::min<size_t>(text.size(), 8);
  if (size < text.size()) {
    while (size > 0 && (static_cast<uint8_t>(text[size]) & 0xC0) == 0x80) {
      --size;
    }
  }
  int64_t word = 0;
  if (size > 0) std::memcpy(&word, text.data(), size);
  // kEmpty's bytes are seven NULs and 0x80, which is not UTF-8.
  return word == kEmpty ? 0 : word;
}

std::string_view UnpackText(int64_t word, char (&storage)[8]) {
  std::memcpy(storage, &word, 8);
  return {storage, strnlen(storage, 8)};
}

}  // namespace streamhub
