#include "gateway/market/topic_ring.h"

#include <algorithm>
#include <charconv>
#include <utility>

#include "gateway/base/clock.h"

namespace streamhub {
namespace {

constexpr size_t kFirstBytes = 512;

template <typename Number>
void AppendNumber(Number number, std::string* out) {
  char digits[24];
  const auto result = std::to_chars(digits, digits + sizeof(digits), number);
  out->append(digits, result.ptr);
}

}  // namespace

TopicRing::TopicRing(uint32_t keeps, uint64_t first_seq, size_t bytes_max)
    : keeps_(std::clamp(keeps, uint32_t{1}, kKeepsMax)),
      first_seq_(first_seq),
      bytes_max_(bytes_max),
      oldest_(first_seq),
      next_(first_seq) {}

uint64_t TopicRing::Append(std::string_view data_json, int64_t time_ns) {
  const int64_t time_us = time_ns / kMicrosecond;
  const std::lock_guard lock(mutex_);
  prefix_ = "{\"seq\":";
  AppendNumber(next_, &prefix_);
  prefix_ += ",\"time\":";
  AppendNumber(time_us, &prefix_);
  prefix_ += ",\"data\":";
  const size_t size = prefix_.size() + data_json.size() + 1;
  if (next_ - oldest_ == keeps_) ++oldest_;
  Entry entry;
  entry.begin = MakeRoom(size);
  entry.size = static_cast<uint32_t>(size);
  entry.data_begin = static_cast<uint32_t>(prefix_.size());
  entry.time_us = time_us;
  char* const text = bytes_.data() + entry.begin;
  prefix_.copy(text, prefix_.size());
  data_json.copy(text + prefix_.size(), data_json.size());
  text[size - 1] = '}';
  end_ = entry.begin + size;
  if (next_ - first_seq_ < keeps_) {
    entries_.push_back(entry);  // numbers begin with the first entry
  } else {
    EntryOf(next_) = entry;
  }
  return next_++;
}

uint64_t TopicRing::newest() const {
  const std::lock_guard lock(mutex_);
  return next_ - 1;
}

uint64_t TopicRing::CursorBefore(uint64_t count) const {
  const std::lock_guard lock(mutex_);
  return next_ - 1 - std::min(count, next_ - oldest_);
}

size_t TopicRing::BytesSince(uint64_t cursor, size_t bytes_max) const {
  const std::lock_guard lock(mutex_);
  size_t size = 0;
  for (uint64_t seq = std::max(cursor + 1, oldest_);
       seq < next_ && size <= bytes_max; ++seq) {
    size += EntryOf(seq).size;
  }
  return size;
}

void TopicRing::ReadSince(uint64_t cursor, size_t bytes_max,
                          TopicMessages* out) const {
  out->bytes.clear();
  out->messages.clear();
  const std::lock_guard lock(mutex_);
  const uint64_t from = std::max(cursor + 1, oldest_);
  out->lost = from - (cursor + 1);
  uint64_t to = from;
  size_t size = 0;
  for (; to < next_; ++to) {
    size += EntryOf(to).size;
    if (size > bytes_max && to != from) break;
  }
  out->last = to - 1;
  out->more = to < next_;
  size = 0;
  for (uint64_t seq = from; seq < to; ++seq) size += EntryOf(seq).size;
  out->bytes.reserve(size);  // the views stay
  for (uint64_t seq = from; seq < to; ++seq) {
    const Entry& entry = EntryOf(seq);
    const size_t begin = out->bytes.size();
    out->bytes.append(bytes_, entry.begin, entry.size);
    const auto json = std::string_view(out->bytes).substr(begin);
    out->messages.push_back(
        {seq, entry.time_us, json,
         json.substr(entry.data_begin, entry.size - entry.data_begin - 1)});
  }
}

// Where `size` bytes may be written; the oldest messages go if need be.
size_t TopicRing::MakeRoom(size_t size) {
  size_t begin = 0;
  while (!FindRoom(size, &begin)) {
    if (bytes_.size() < bytes_max_ || oldest_ == next_) {
      Grow(size);
    } else {
      ++oldest_;
    }
  }
  return begin;
}

bool TopicRing::FindRoom(size_t size, size_t* begin) const {
  *begin = 0;
  if (oldest_ == next_) return size <= bytes_.size();
  const size_t oldest_begin = EntryOf(oldest_).begin;
  *begin = end_;
  if (end_ <= oldest_begin) return oldest_begin - end_ >= size;
  if (bytes_.size() - end_ >= size) return true;
  *begin = 0;
  return oldest_begin >= size;
}

// To twice the bytes, or what the message needs, with the messages in order.
void TopicRing::Grow(size_t size) {
  const size_t wanted = std::max(2 * bytes_.size(), kFirstBytes);
  std::string grown;
  grown.resize(std::max(std::min(wanted, bytes_max_), size));
  size_t end = 0;
  for (uint64_t seq = oldest_; seq < next_; ++seq) {
    Entry& entry = EntryOf(seq);
    bytes_.copy(grown.data() + end, entry.size, entry.begin);
    entry.begin = end;
    end += entry.size;
  }
  bytes_ = std::move(grown);
  end_ = end;
}

}  // namespace streamhub
