// Why a client gets what it gets, and how all of them do. Of Session and
// Fanout, for operators: never on the way of a tick.

#include <algorithm>
#include <optional>

#include "gateway/session/asked_rate.h"
#include "gateway/session/explained.h"
#include "gateway/session/fanout.h"
#include "gateway/session/poll.h"
#include "gateway/session/session.h"

namespace streamhub {
namespace {

// So long a beat that came late says that its shard has too much to do.
constexpr int64_t kBehindNs = 5 * kSecond;
// What of a quick rate is a stall.
constexpr int64_t kStallNsMin = 100 * kMillisecond;

}  // namespace

std::string_view RateLimitName(RateLimit limit) {
  switch (limit) {
    case RateLimit::kWithdrawn:
      return "withdrawn";
    case RateLimit::kStall:
      return "stall";
    case RateLimit::kOverload:
      return "overload";
    case RateLimit::kPoll:
      return "poll";
    case RateLimit::kClient:
      return "client";
    case RateLimit::kDefault:
      return "default";
  }
  return "default";
}

std::optional<SubscriptionSeen> Session::Explain(
    const std::string& code) const {
  const auto id = fanout_.market_.symbols().Find(code);
  const auto found = id.has_value() ? index_.find(*id) : index_.end();
  SubscriptionSeen seen;
  RateStep step = kImmediate;
  uint16_t asked = kNoRateAsked;
  if (found != index_.end()) {
    const Subscription& s = subscriptions_[found->second];
    seen.topic = s.of_topic();
    seen.cursor = seen.topic ? s.cursor & kTopicSeqMask : s.cursor;
    seen.complete = !s.owes_initial;
    if (poll_ != nullptr) {
      const PollRequest& polled = poll_->requests[s.poll_request];
      step = polled.step;
      if (polled.request.has_rate) asked = PackAsked(polled.request.max_rate);
    } else {
      step = s.step;
      asked = s.asked;
      seen.updates = s.owes_initial ? 0 : s.sent;
    }
    QuoteView view;
    if (!seen.topic && fanout_.market_.cache().Read(*id, 0, &view)) {
      seen.version = view.version;
      seen.received_ns = view.received_ns;
      if (poll_ == nullptr && ticks_at_[found->second] != kTicksUnknown) {
        // Modulo 2^32, which is long enough.
        seen.ticks =
            static_cast<uint32_t>(view.ticks) - ticks_at_[found->second];
      }
    }
    seen.limit = LimitOf(*id, step, asked);
  } else if (Awaits(code)) {
    const Terms& terms = awaited_->terms.at(awaited_->names.at(code).terms);
    seen.unknown = true;
    step = terms.step;
    asked = terms.asked;
    seen.limit = LimitOf(std::nullopt, step, asked);
  } else {
    return std::nullopt;
  }
  seen.effective = RateOf(step);
  if (asked != kNoRateAsked) seen.asked = UnpackAsked(asked);
  seen.session = Seen();
  return seen;
}

RateLimit Session::LimitOf(std::optional<SymbolId> symbol, RateStep step,
                           uint16_t asked) const {
  const int64_t now_ns = fanout_.clock_.MonoNs();
  if (symbol.has_value() && fanout_.withdrawn_.Has(*symbol)) {
    return RateLimit::kWithdrawn;
  }
  if (sending_ &&
      now_ns - last_sent_ns_ > std::max(kPeriods[step], kStallNsMin)) {
    return RateLimit::kStall;
  }
  if (fanout_.behind_ns_ != 0 && now_ns - fanout_.behind_ns_ < kBehindNs) {
    return RateLimit::kOverload;
  }
  if (poll_ != nullptr) return RateLimit::kPoll;
  return asked == kNoRateAsked ? RateLimit::kDefault : RateLimit::kClient;
}

void Session::SampleFolding(StatusSeen* seen) const {
  if (poll_ != nullptr) return;
  int left = StatusSeen::kSampledPerSession;
  for (size_t i = 0; i < subscriptions_.size() && left > 0; ++i) {
    const Subscription& s = subscriptions_[i];
    QuoteView view;
    if (!s.used || s.of_topic() || s.owes_initial ||
        ticks_at_[i] == kTicksUnknown ||
        !fanout_.market_.cache().Read(s.symbol, 0, &view)) {
      continue;
    }
    --left;
    ++seen->subscriptions_sampled;
    seen->ticks += static_cast<uint32_t>(view.ticks) - ticks_at_[i];
    seen->updates += s.sent;
  }
}

Fanout::Explained Fanout::Explain(SessionId session, const std::string& code,
                                  uint64_t from, size_t max) const {
  Explained explained;
  if (!IsPoll(session)) {
    if (!Knows(session)) return explained;
    explained.found = true;
    explained.seen = sessions_.at(NumberOf(session) - 1)->Explain(code);
    return explained;
  }
  // A client that polls has another one each time.
  auto at = sessions_.lower_bound(from);
  for (; at != sessions_.end() && max > 0; ++at, --max) {
    const Session& one = *at->second;
    if (one.transport_ == nullptr || one.id() != session) continue;
    explained.found = true;
    explained.seen = one.Explain(code);
    return explained;
  }
  if (at != sessions_.end()) explained.next = at->first;
  return explained;
}

std::optional<uint64_t> Fanout::LookForStatus(uint64_t from, size_t max,
                                              StatusSeen* seen) const {
  auto at = sessions_.lower_bound(from);
  for (; at != sessions_.end() && max > 0; ++at, --max) {
    const Session& session = *at->second;
    if (session.transport_ == nullptr) continue;
    ++seen->sessions[static_cast<size_t>(session.transport_->kind())];
    session.SampleFolding(seen);
    if (session.stalls_ == 0) continue;
    seen->slow.push_back(session.Seen());
    std::sort(seen->slow.begin(), seen->slow.end(), IsSlower);
    if (seen->slow.size() > StatusSeen::kSlowMax) seen->slow.pop_back();
  }
  if (at == sessions_.end()) return std::nullopt;
  return at->first;
}

size_t Fanout::CountSubscribers(size_t from, size_t max,
                                std::vector<uint32_t>* counts) const {
  counts->resize(symbols_seen_);
  const size_t end = std::min(symbols_seen_, from + max);
  for (size_t i = from; i < end; ++i) {
    const auto id = static_cast<SymbolId>(i);
    size_t count = 0;
    for (const BeatClass* c : active_) {
      if ((c->InterestWord(i / 64) >> (i % 64) & 1) != 0) {
        count += c->CountOf(id);
      }
    }
    (*counts)[i] = static_cast<uint32_t>(count);
  }
  return end;
}

}  // namespace streamhub
