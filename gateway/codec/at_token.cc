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

// The text before the next dot, which is taken off `*rest` with it.
std::string_view TakePart(std::string_view* rest) {
  const std::string_view part = rest->substr(0, rest->find('.'));
  rest->remove_prefix(std::min(rest->size(), part.size() + 1));
  return part;
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
  std::string_view rest = at.substr(dot + 1);
  uint64_t feeds;
  if (ReadHex(TakePart(&rest), &feeds)) token.feeds = feeds;
  int64_t issued_ms;
  if (ReadHex(TakePart(&rest), &issued_ms) && issued_ms > 0) {
    token.issued_ms = issued_ms;
  }
  const auto session = ParseSession(rest);
  if (session.has_value() && IsPoll(*session)) token.session = *session;
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

void AppendPollParts(uint64_t feeds, int64_t issued_ms, SessionId session,
                     std::string* at) {
  *at += '.';
  AppendEpoch(feeds, at);
  *at += '.';
  AppendEpoch(static_cast<uint64_t>(issued_ms), at);
  if (session == 0) return;
  *at += '.';
  *at += SessionText(session);
}

}  // namespace streamhub
