#include "gateway/codec/at_token.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "gateway/codec/json.h"

namespace streamhub {
namespace {

template <typename Number>
bool ReadHex(std::string_view text, Number* value) {
  const char* const end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, *value, 16);
  return error == std::errc() && stop == end;
}

}  // namespace

ParsedAt ParseAt(std::string_view at) {
  ParsedAt token;
  token.epoch = at.substr(0, at.find('.'));
  token.cursors = at;
  size_t dot = 0;
  for (int part = 0; part < 3 && dot != at.npos; ++part) {
    dot = at.find('.', part == 0 ? 0 : dot + 1);
  }
  if (dot == at.npos) return token;
  token.cursors = at.substr(0, dot);
  const std::string_view rest = at.substr(dot + 1);
  const size_t split = rest.find('.');
  uint64_t feeds;
  if (ReadHex(rest.substr(0, split), &feeds)) token.feeds = feeds;
  int64_t issued_ms;
  if (split != rest.npos && ReadHex(rest.substr(split + 1), &issued_ms) &&
      issued_ms > 0) {
    token.issued_ms = issued_ms;
  }
  return token;
}

std::string AtFields(bool all_fields, std::vector<FieldId> fields) {
  uint64_t hash = 0;
  if (!all_fields) {
    std::sort(fields.begin(), fields.end());
    fields.erase(std::unique(fields.begin(), fields.end()), fields.end());
    hash = 0xCBF29CE484222325;  // FNV-1a
    for (const FieldId field : fields) {
      hash = (hash ^ static_cast<uint64_t>(field)) * 0x100000001B3;
    }
  }
  std::string text = ".";
  AppendEpoch(hash, &text);
  return text + ".0";
}

void AppendPollParts(uint64_t feeds, int64_t issued_ms, std::string* at) {
  *at += '.';
  AppendEpoch(feeds, at);
  *at += '.';
  AppendEpoch(static_cast<uint64_t>(issued_ms), at);
}

}  // namespace streamhub
