// The delivery half of Session: what a flush builds, in which order.

#include <bit>
#include <utility>

#include "gateway/session/session.h"

namespace streamhub {
void Session::Owe(uint32_t index) {
  owed_[index / 64] |= uint64_t{1} << (index % 64);
  fanout_.Enqueue(this);
}

bool Session::Full(const MessageWriter& out) const {
  return poll_ == nullptr && out.size() >= fanout_.limits_.batch_bytes_max;
}

bool Session::Flush() {
  if (transport_ == nullptr || told_) return true;
  if (sending_) {
    fanout_.counters_.Add(Metric::kFlushesSkipped);
    return true;
  }
  if (poll_ != nullptr) return FlushPoll();
  RestartIfNewEpoch();
  if (fanout_.watches_ != nullptr) [[unlikely]]
    NoteWatched();
  MessageWriter& out = fanout_.WriterFor(envelope_);
  if (!greeted_) BuildHello(out);
  if (feeds_told_ != fanout_.feeds_version_) BuildFeeds(out);
  BuildReplies(out);
  Built built = Built::kFull;  // unless there was room for updates
  // A symbol's description must come before its values.
  if (replies_done_ == replies_.size()) built = BuildUpdates(out);
  BuildSynced(out);
  if (envelope_ == Envelope::kSse) BuildEventId(out);
  if (closing_) BuildClosing(out);
  if (std::exchange(heartbeat_due_, false) && out.empty()) {
    out.Heartbeat(fanout_.wall_ns_);
  }
  if (out.empty()) return built != Built::kBusy;
  Send(out);
  if (!told_ && !sending_ && built == Built::kFull) fanout_.Enqueue(this);
  return built != Built::kBusy;
}

void Session::Send(MessageWriter& out) {
  Counters& counters = fanout_.counters_;
  const size_t bytes = out.size();
  counters.Add(Metric::kMessages);
  counters.Add(Metric::kBytes, static_cast<int64_t>(bytes));
  ++sent_batches_;
  sent_bytes_ += bytes;
  last_sent_ns_ = fanout_.mono_ns_;
  if (fanout_.watches_ != nullptr) [[unlikely]]
    CopySent(out);
  sending_ = !transport_->Send(out.out());
  if (sending_) {
    counters.Add(Metric::kWritesBlocked);
    ++stalls_;
  }
  if (poll_ != nullptr) told_ = true;
  if (!closing_) return;
  told_ = true;
  transport_->Close(close_reason_);
}

void Session::RestartIfNewEpoch() {
  if (epoch_ == fanout_.epoch_) return;
  epoch_ = fanout_.epoch_;
  for (uint32_t i = 0; i < subscriptions_.size(); ++i) {
    Subscription& s = subscriptions_[i];
    if (!s.used || s.of_topic()) continue;  // a topic knows no epochs
    s.cursor = 0;
    owed_[i / 64] |= uint64_t{1} << (i % 64);
  }
}

void Session::BuildHello(MessageWriter& out) {
  greeted_ = true;
  feeds_told_ = fanout_.feeds_version_;
  out.Hello(epoch_, id(), fanout_.limits_.heartbeat_ns, fanout_.feed_status_,
            fanout_.wall_ns_);
}

void Session::BuildFeeds(MessageWriter& out) {
  feeds_told_ = fanout_.feeds_version_;
  out.Feed(fanout_.feed_status_, fanout_.wall_ns_);
}

void Session::BuildReplies(MessageWriter& out) {
  if (replies_.empty()) return;
  while (replies_done_ < replies_.size() && !Full(out)) {
    Reply& reply = replies_[replies_done_];
    switch (reply.type) {
      case Reply::Type::kPong:
        out.Pong(reply.id, fanout_.wall_ns_);
        break;
      case Reply::Type::kError:
        out.Error(reply.error);
        break;
      case Reply::Type::kPublished:
        out.Published(reply.id, reply.sequence);
        break;
      case Reply::Type::kAck:
        if (!BuildAck(reply, out)) return;
        break;
    }
    replies_weight_ -= reply.weight;
    ++replies_done_;
  }
  if (replies_done_ == replies_.size()) {
    std::vector<Reply>().swap(replies_);  // there may be none for hours
    replies_done_ = 0;
  }
  if (reading_paused_ &&
      replies_weight_ <= fanout_.limits_.replies_bytes_max / 2) {
    reading_paused_ = false;
    if (!rests()) transport_->ResumeReading();
  }
}

// False if the batch was full before the ack was complete.
bool Session::BuildAck(Reply& reply, MessageWriter& out) {
  out.BeginAck(reply.id, reply.at,
               reply.step.has_value() ? RateOf(*reply.step) : 0);
  const size_t total = reply.symbols.size() + reply.unknown.size();
  for (bool first = true; reply.done < total && (first || !Full(out));
       ++reply.done, first = false) {
    if (reply.done < reply.symbols.size()) {
      out.AckSymbol(reply.symbols[reply.done]);
    } else {
      out.AckUnknown(reply.unknown[reply.done - reply.symbols.size()]);
    }
  }
  const bool complete = reply.done == total;
  out.EndAck(!complete);
  if (!complete) return false;
  for (Initial& initial : initials_) {
    if (initial.serial == reply.serial) initial.acked = true;
  }
  return true;
}

// A full batch ends anywhere, and the next one starts there: a symbol that
// ticks all the time does not keep others from being sent.
Session::Built Session::BuildUpdates(MessageWriter& out) {
  Built built = Built::kAll;
  Open open = Open::kNothing;
  const size_t words = owed_.size();
  const size_t first = owed_from_ / 64;
  const uint64_t from = ~uint64_t{0} << (owed_from_ % 64);
  // The word in which it starts comes twice: its end first, its begin last.
  for (size_t i = 0; i <= words && words > 0 && built != Built::kFull; ++i) {
    const size_t word = (first + i) % words;
    uint64_t bits = owed_[word];
    if (i == 0) bits &= from;
    if (i == words) bits &= ~from;
    for (; bits != 0; bits &= bits - 1) {
      const int bit = std::countr_zero(bits);
      const auto index = static_cast<uint32_t>(word * 64 + bit);
      if (Full(out)) {
        built = Built::kFull;
        owed_from_ = index;
        break;
      }
      const Built one = BuildUpdate(index, &open, out);
      if (one == Built::kAll) {
        owed_[word] &= ~(uint64_t{1} << bit);
      } else if (one == Built::kBusy) {
        built = Built::kBusy;
      } else {  // of a topic with more to tell: first come the others
        built = Built::kFull;
        owed_from_ = index + 1;
        break;
      }
    }
  }
  if (open != Open::kNothing) OpenFor(Open::kNothing, &open, out);
  return built;
}

// kBusy: the symbol could not be read now.
Session::Built Session::BuildUpdate(uint32_t index, Open* open,
                                    MessageWriter& out) {
  Subscription& s = subscriptions_[index];
  if (s.of_topic()) return BuildMessages(s, open, out);
  FrameCache::Frame frame;
  switch (fanout_.frames_.UpdateSince(s.symbol, s.cursor, s.fields,
                                      s.quiet_told, out, &frame)) {
    case FrameCache::Result::kBusy:
      return Built::kBusy;
    case FrameCache::Result::kNothing:
      InitialDone(s);
      return Built::kAll;
    case FrameCache::Result::kFrame:
      break;
  }
  if (*open != Open::kUpdate) OpenFor(Open::kUpdate, open, out);
  out.Quote(frame.bytes);
  s.cursor = frame.version;
  s.quiet_told = frame.told;
  InitialDone(s);
  ++s.sent;
  fanout_.counters_.Add(Metric::kUpdates);
  if (frame.snapshot) fanout_.counters_.Add(Metric::kSnapshots);
  return Built::kAll;
}

// Ends the object of the batch that is open and begins the one that is wanted.
void Session::OpenFor(Open wanted, Open* open, MessageWriter& out) {
  if (*open == Open::kUpdate) out.EndUpdate();
  if (*open == Open::kMessages) out.EndMessages();
  *open = wanted;
  if (wanted == Open::kUpdate) out.BeginUpdate(epoch_, fanout_.wall_ns_);
  if (wanted == Open::kMessages) out.BeginMessages(fanout_.wall_ns_);
}

void Session::BuildSynced(MessageWriter& out) {
  if (initials_.empty()) return;
  std::erase_if(initials_, [&](const Initial& initial) {
    if (initial.remaining > 0 || !initial.acked) return false;
    out.Synced(initial.id);
    return true;
  });
  if (initials_.empty()) std::vector<Initial>().swap(initials_);
}

// An id now and then from which EventSource resumes: older cursors than the
// client holds only make the first update after the resume larger.
void Session::BuildEventId(MessageWriter& batch) {
  constexpr size_t kBytesMax = 4096;  // proxies bound request headers
  std::string& out = batch.out();
  if (batch.empty() || index_.empty() || !initials_.empty() ||
      (last_event_id_ns_ != 0 &&
       fanout_.mono_ns_ - last_event_id_ns_ < kSecond)) {
    return;
  }
  last_event_id_ns_ = fanout_.mono_ns_;
  const size_t begin = out.size();
  out += "id: ";
  AppendEpoch(epoch_, &out);
  out += at_fields_;
  AppendGeneration(&out);
  char separator = ';';
  for (const Subscription& s : subscriptions_) {
    // Of a topic that has not begun there is nothing to resume from.
    if (!s.used || (s.of_topic() && s.cursor > kTopicSeqMask)) continue;
    out += separator;
    separator = ',';
    out += fanout_.market_.symbols().Get(s.symbol).code;
    out += '@';
    // From the blank nothing goes on, whenever it is that one comes back.
    const bool blank = s.quiet_told == QuietNote::kWithdrawn && !s.of_topic();
    AppendInt(blank ? 0 : static_cast<int64_t>(s.cursor), &out);
    if (out.size() - begin > kBytesMax) {
      out.resize(begin);
      return;
    }
  }
  out += "\n\n";
}

void Session::BuildClosing(MessageWriter& out) {
  const CloseReasonInfo& info = InfoOf(close_reason_);
  out.Closing(info.code, info.text, close_after_ms_);
}

void Session::SlowTick() {
  if (transport_ == nullptr || told_) return;
  const int64_t now = fanout_.mono_ns_;
  if (sending_) {
    if (now - last_sent_ns_ > fanout_.limits_.write_stall_ns_max) {
      fanout_.counters_.Add(Metric::kSessionsStalled);
      Close(CloseReason::kWriteStalled);
    }
    return;
  }
  if (now - last_sent_ns_ >= fanout_.limits_.heartbeat_ns) {
    heartbeat_due_ = true;
    fanout_.Enqueue(this);
  }
}

}  // namespace streamhub
