// What a client of a topic is owed: the messages since the one it holds.

#include <algorithm>
#include <utility>

#include "gateway/session/poll.h"
#include "gateway/session/session.h"

namespace streamhub {

// Of a topic that is there. It must be found out now: what is published from
// here on is for the client. `claimed`: what it says it holds, 0: nothing.
uint64_t Session::TopicCursor(SymbolId topic, uint64_t claimed,
                              uint32_t history) const {
  const TopicRing& ring = *fanout_.market_.topic(topic);
  if (claimed == 0) return ring.CursorBefore(history) | kTopicBegins;
  if (ring.IsOfThisRun(claimed)) return claimed;
  return ring.CursorBefore(ring.keeps()) | kTopicOfOtherRun;
}

// Of a topic that was awaited: all that there ever was is for the client, but
// for what it holds. (Another shard may have told it before this one knew.)
uint64_t Session::AppearedTopicCursor(SymbolId topic, uint64_t claimed) const {
  const TopicRing& ring = *fanout_.market_.topic(topic);
  const uint64_t before_first = ring.first_seq() - 1;
  if (claimed == 0) return before_first;
  return ring.IsOfThisRun(claimed) ? claimed : before_first | kTopicOfOtherRun;
}

bool Session::OwesMessages(const Subscription& s) const {
  const bool told = s.quiet_told == QuietNote::kWithdrawn;
  if (fanout_.withdrawn_.Has(s.symbol)) return !told;
  return told || s.cursor > kTopicSeqMask ||
         fanout_.market_.topic(s.symbol)->newest() > s.cursor;
}

// Of what is withdrawn that alone is told, and of what is restored that it is,
// if nothing else is.
//
// kFull: there is more than the batch has room for. What a poll has no room for
// is left to the next one, which says what it holds; but where a topic begins
// it must be told.
Session::Built Session::BuildMessages(Subscription& s, Open* open,
                                      MessageWriter& out) {
  const size_t bytes_max = fanout_.limits_.batch_bytes_max;
  const size_t room = poll_ != nullptr         ? poll_->room
                      : out.size() < bytes_max ? bytes_max - out.size()
                                               : 0;
  const bool withdrawn = fanout_.withdrawn_.Has(s.symbol);
  const bool was_told = s.quiet_told == QuietNote::kWithdrawn;
  if (withdrawn && was_told) {
    InitialDone(s);
    return Built::kAll;
  }
  const bool begins = (s.cursor & kTopicBegins) != 0;
  const bool lost_known = (s.cursor & kTopicOfOtherRun) == 0;
  TopicMessages& part = fanout_.topic_part_;
  if (withdrawn) {
    part.messages.clear();
    part.bytes.clear();
    part.last = s.cursor & kTopicSeqMask;
    part.lost = 0;
    part.more = false;
  } else {
    fanout_.market_.topic(s.symbol)->ReadSince(s.cursor & kTopicSeqMask, room,
                                               &part);
  }
  const bool news = withdrawn || was_told || !part.messages.empty();
  if (!news && s.cursor <= kTopicSeqMask) {
    InitialDone(s);
    return Built::kAll;
  }
  if (poll_ != nullptr) {
    PollRequest& polled = poll_->requests[s.poll_request];
    if (part.more || room == 0) polled.busy = true;  // it is not synced
    if (room == 0) {
      if (!begins) return Built::kAll;
      part.last = s.cursor & kTopicSeqMask;
      part.messages.clear();
    }
    poll_->room -= std::min(room, part.bytes.size());
    if (!part.messages.empty()) polled.messages = true;
  }
  if (begins) part.lost = 0;
  if (*open != Open::kMessages) OpenFor(Open::kMessages, open, out);
  const size_t begin = out.out().size();
  out.Messages(s.symbol, part, lost_known, withdrawn);
  if (fanout_.watches_ != nullptr) [[unlikely]] {
    fanout_.watches_->NotePart(s.symbol, begin, out.out().size());
  }
  s.cursor = part.last;
  s.quiet_told = withdrawn ? QuietNote::kWithdrawn : QuietNote::kNone;
  Counters& counters = fanout_.counters_;
  counters.Add(Metric::kTopicMessages,
               static_cast<int64_t>(part.messages.size()));
  if (lost_known) {
    counters.Add(Metric::kTopicMessagesLost, static_cast<int64_t>(part.lost));
  }
  if (part.more && poll_ == nullptr) return Built::kFull;
  InitialDone(s);
  ++s.sent;
  return Built::kAll;
}

}  // namespace streamhub
