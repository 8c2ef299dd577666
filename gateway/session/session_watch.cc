// What operators see of sessions: which there are, and copies of what they are
// sent. Of Session and Fanout.

#include <memory>
#include <utility>
#include <vector>

#include "gateway/session/fanout.h"
#include "gateway/session/poll.h"
#include "gateway/session/sent_watch.h"
#include "gateway/session/session.h"
#include "gateway/session/session_seen.h"

namespace streamhub {

SessionId Session::id() const {
  if (poll_ != nullptr) return poll_->session;
  return MakeSessionId(fanout_.numbers_->shard, number_ + 1);
}

SessionSeen Session::Seen() const {
  const int64_t to_wall_ns = fanout_.wall_ns_ - fanout_.mono_ns_;
  SessionSeen seen;
  seen.id = id();
  seen.transport = transport_->kind();
  seen.encoding = EncodingOf(envelope_);
  seen.market = fanout_.market().name();
  seen.peer = transport_->peer();
  seen.subscriptions = index_.size() + awaited_count();
  seen.since_ns = opened_ns_ + to_wall_ns;
  seen.messages = sent_batches_;
  seen.bytes = sent_bytes_;
  if (sent_batches_ > 0) seen.last_sent_ns = last_sent_ns_ + to_wall_ns;
  seen.waiting = sending_;
  if (sending_) {
    seen.waiting_ns = fanout_.clock_.MonoNs() - last_sent_ns_;
  }
  seen.stalls = stalls_;
  return seen;
}

// Before anything is built: from which of its states an update goes on.
void Session::NoteWatched() {
  for (SentWatches::Watched& watched : fanout_.watches_->list) {
    watched.noted = false;
    watched.part_begin = watched.part_end = 0;
    if (!watched.symbol.has_value()) continue;
    const auto found = index_.find(*watched.symbol);
    if (found == index_.end()) continue;
    const Subscription& s = subscriptions_[found->second];
    watched.noted = true;
    watched.index = found->second;
    watched.cursor = s.cursor;
    watched.quiet_told = s.quiet_told;
  }
}

// What of `batch` is that symbol's: frames are not looked for in it, but asked
// for once more, which within a turn gives the same bytes.
std::string_view Session::WatchedFrame(const SentWatches::Watched& watched,
                                       MessageWriter& batch) {
  if (!watched.noted) return {};
  const Subscription& s = subscriptions_[watched.index];
  if (s.of_topic()) {
    auto part =
        std::string_view(batch.out())
            .substr(watched.part_begin, watched.part_end - watched.part_begin);
    const bool behind_another =
        batch.encoding() == Encoding::kJson && part.starts_with(',');
    if (behind_another) part.remove_prefix(1);
    return part;
  }
  if (s.cursor == watched.cursor && s.quiet_told == watched.quiet_told) {
    return {};
  }
  FrameCache::Frame frame;
  if (fanout_.frames_.UpdateSince(s.symbol, watched.cursor, s.fields,
                                  watched.quiet_told, batch,
                                  &frame) != FrameCache::Result::kFrame) {
    return {};
  }
  return frame.bytes;
}

void Session::CopySent(MessageWriter& batch) {
  SentCopy copy;
  copy.session = id();
  copy.transport = transport_->kind();
  copy.encoding = batch.encoding();
  copy.time_ns = fanout_.wall_ns_;
  copy.batch = sent_batches_;
  auto& list = fanout_.watches_->list;
  std::erase_if(list, [&](const SentWatches::Watched& watched) {
    const SentWatch& watch = watched.watch;
    if (watch.session != 0) {
      if (watch.session != copy.session) return false;
      copy.bytes = std::string_view(batch.out()).substr(kBatchHeadroom);
    } else {
      copy.bytes = WatchedFrame(watched, batch);
      if (copy.bytes.empty()) return false;
    }
    copy.symbol = watch.symbol;
    return !watch.sink->OnSent(watch.ticket, copy);
  });
  if (list.empty()) fanout_.watches_.reset();
}

// Of a client that polls, another session may come.
void Session::TellWatchersOfEnd() {
  if (poll_ != nullptr) return;
  const SessionId ended = id();
  auto& list = fanout_.watches_->list;
  std::erase_if(list, [&](const SentWatches::Watched& watched) {
    if (watched.watch.session != ended) return false;
    watched.watch.sink->OnOver(watched.watch.ticket);
    return true;
  });
  if (list.empty()) fanout_.watches_.reset();
}

void Fanout::Watch(SentWatch watch) {
  if (watches_ == nullptr) watches_ = std::make_unique<SentWatches>();
  watches_->list.emplace_back().watch = std::move(watch);
  watches_->Resolve(market_.symbols());
}

bool Fanout::Knows(SessionId session) const {
  if (ShardOf(session) != numbers_->shard) return false;
  const uint64_t number = NumberOf(session) - 1;
  if (IsPoll(session)) return number < numbers_->next;
  const auto found = sessions_.find(number);
  return found != sessions_.end() && found->second->transport_ != nullptr &&
         found->second->poll_ == nullptr;
}

void Fanout::DropUnwantedWatches() {
  std::erase_if(watches_->list, [](const SentWatches::Watched& watched) {
    return !watched.watch.sink->Wants(watched.watch.ticket);
  });
  if (watches_->list.empty()) watches_.reset();
}

std::optional<uint64_t> Fanout::LookAtSessions(
    uint64_t from, size_t max, const std::optional<std::string>& symbol,
    std::vector<SessionSeen>* seen) const {
  std::optional<SymbolId> wanted;
  if (symbol.has_value()) {
    wanted = market_.symbols().Find(*symbol);
    if (!wanted.has_value()) return std::nullopt;
  }
  auto at = sessions_.lower_bound(from);
  for (; at != sessions_.end() && max > 0; ++at, --max) {
    const Session& session = *at->second;
    if (session.transport_ == nullptr) continue;
    if (wanted.has_value() && !session.index_.contains(*wanted)) continue;
    seen->push_back(session.Seen());
  }
  if (at == sessions_.end()) return std::nullopt;
  return at->first;
}

}  // namespace streamhub
