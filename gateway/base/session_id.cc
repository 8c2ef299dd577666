#include "gateway/base/session_id.h"

#include <charconv>

#include "gateway/base/json_text.h"

namespace streamhub {
namespace {

constexpr uint64_t kNumberMax = (uint64_t{1} << 40) - 1;
constexpr uint64_t kShardMax = (uint64_t{1} << 23) - 1;

}  // namespace

std::string SessionText(SessionId id) {
  std::string text;
  AppendUnsigned(ShardOf(id), &text);
  text += '-';
  AppendUnsigned(NumberOf(id), &text);
  if (IsPoll(id)) text += 'p';
  return text;
}

std::optional<SessionId> ParseSession(std::string_view text) {
  const char* const end = text.data() + text.size();
  uint64_t shard = 0, number = 0;
  auto [at, error] = std::from_chars(text.data(), end, shard);
  if (error != std::errc() || at == end || *at != '-') return std::nullopt;
  error = std::from_chars(at + 1, end, number).ec;
  if (error != std::errc() || shard > kShardMax || number == 0 ||
      number > kNumberMax) {
    return std::nullopt;
  }
  const SessionId id =
      MakeSessionId(static_cast<uint32_t>(shard), number, text.ends_with('p'));
  // What is left, and other ways to write the numbers.
  if (SessionText(id) != text) return std::nullopt;
  return id;
}

}  // namespace streamhub
