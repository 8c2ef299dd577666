#include "feeds/mold/session_tracker.h"

#include <algorithm>
#include <limits>

namespace streamhub::mold {

void SessionTracker::Add(const Packet& packet) {
  ++counts_.packets;
  if (in_session() && packet.session == session_) return Take(packet);
  incoming_ = packet;
  has_incoming_ = true;
  // What is held of the session before comes first.
  finishing_ = in_session();
}

bool SessionTracker::Next(std::span<const uint8_t>* message) {
  do {
    while (messages_.Next(message)) {
      const uint64_t sequence = reading_++;
      if (sequence < next_) continue;  // was given out before
      sequence_ = sequence;
      next_ = sequence + 1;
      ++counts_.messages;
      return true;
    }
  } while (OpenNext());
  return false;
}

// True if there may be messages to give out; false if none is due.
bool SessionTracker::OpenNext() {
  while (true) {
    if (!order_.empty() && slots_[order_.front()].sequence <= next_) {
      OpenHeld();
      return true;
    }
    if ((finishing_ || Overdue()) && GiveUp()) continue;
    if (!has_incoming_) return false;
    has_incoming_ = finishing_ = false;
    Begin(incoming_);
    Take(incoming_);
    return true;
  }
}

void SessionTracker::Begin(const Packet& packet) {
  ++counts_.sessions;
  session_ = packet.session;
  first_ = FirstOf(packet.sequence);
  next_ = first_;
  highest_ = 0;
  announced_ = 0;
  ended_ = false;
}

void SessionTracker::Take(const Packet& packet) {
  ++heard_;
  if (packet.messages == 0) {
    ++(packet.end_of_session ? counts_.ends_of_session : counts_.heartbeats);
    ended_ = ended_ || packet.end_of_session;
    return Announce(packet.sequence);
  }
  const uint64_t end = packet.sequence + packet.messages;
  if (end <= next_) {
    const bool late = packet.sequence < first_ ||
                      gaps_.Touches(NameOf(session_), packet.sequence, end - 1);
    ++(late ? counts_.late : counts_.duplicates);
    return;
  }
  const bool overtaken = std::max(packet.sequence, next_) < highest_;
  if (packet.sequence <= next_) {
    Open(packet.sequence, packet.blocks);
  } else if (!Hold(packet, end)) {
    ++counts_.duplicates;
    return;
  }
  if (overtaken) ++counts_.reordered;
  highest_ = std::max(highest_, end);
}

void SessionTracker::Announce(uint64_t next) {
  highest_ = std::max(highest_, next);
  if (next <= announced_) return;
  if (announced_ <= next_) announced_at_ = heard_;
  announced_ = next;
}

// False if a packet that is held has all of its messages.
bool SessionTracker::Hold(const Packet& packet, uint64_t end) {
  const auto after =
      std::upper_bound(order_.begin(), order_.end(), packet.sequence,
                       [this](uint64_t sequence, uint32_t slot) {
                         return sequence < slots_[slot].sequence;
                       });
  if (after != order_.begin() && slots_[*(after - 1)].end >= end) return false;
  if (free_.empty()) {
    free_.push_back(static_cast<uint32_t>(slots_.size()));
    slots_.emplace_back();
  }
  const uint32_t slot = free_.back();
  free_.pop_back();
  order_.insert(after, slot);
  Held& held = slots_[slot];
  held.sequence = packet.sequence;
  held.end = end;
  held.arrival = heard_;
  arrivals_.push_back({heard_, slot});
  held.blocks.assign(packet.blocks.begin(), packet.blocks.end());
  held_bytes_ += held.blocks.size();
  return true;
}

void SessionTracker::Open(uint64_t sequence, std::span<const uint8_t> blocks) {
  messages_ = Messages(blocks);
  reading_ = sequence;
}

// The first packet that is held. Its slot may be used again by the next Add(),
// when its messages are given out.
void SessionTracker::OpenHeld() {
  const uint32_t slot = order_.front();
  order_.erase(order_.begin());
  free_.push_back(slot);
  Held& held = slots_[slot];
  held.arrival = 0;
  ForgetArrivals();
  held_bytes_ -= held.blocks.size();
  if (held.end <= next_) {
    ++counts_.duplicates;
  } else {
    Open(held.sequence, held.blocks);
  }
}

// Of what is not held any more, at the front: each is passed over once.
void SessionTracker::ForgetArrivals() {
  while (arrivals_begin_ < arrivals_.size() &&
         slots_[arrivals_[arrivals_begin_].slot].arrival !=
             arrivals_[arrivals_begin_].arrival) {
    ++arrivals_begin_;
  }
  if (2 * arrivals_begin_ < arrivals_.size()) return;
  arrivals_.erase(arrivals_.begin(),
                  arrivals_.begin() + static_cast<ptrdiff_t>(arrivals_begin_));
  arrivals_begin_ = 0;
}

// Whether the first message that is missing was waited for long enough.
bool SessionTracker::Overdue() const {
  if (held_bytes_ > window_.bytes) return true;
  uint64_t since = std::numeric_limits<uint64_t>::max();
  if (announced_ > next_) since = announced_at_;
  if (!arrivals_.empty()) {
    since = std::min(since, arrivals_[arrivals_begin_].arrival);
  }
  return since <= heard_ && heard_ - since >= window_.packets;
}

// False if nothing is missing.
bool SessionTracker::GiveUp() {
  const uint64_t until =
      order_.empty() ? announced_ : slots_[order_.front()].sequence;
  if (until <= next_) return false;
  gaps_.Add(NameOf(session_), next_, until - 1);
  next_ = until;
  return true;
}

}  // namespace streamhub::mold
