// The delivery half of Session: what a flush builds, in which order.

#include <bit>
#include <utility>

#include "gateway/session/session.h"

namespace streamhub {

void Session::Owe(uint32_t index) {
  owed_[index / 64] |= uint64_t{1} << (index % 64);
  fanout_.Enqueue(this);
}

bool Session::BatchFull() const {
  return fanout_.batch_.size() >= fanout_.limits_.batch_bytes_max;
}

bool Session::Flush() {
  if (transport_ == nullptr || told_) return true;
  if (sending_) {
    fanout_.counters_.Add(Metric::kFlushesSkipped);
    return true;
  }
  RestartIfNewEpoch();
  fanout_.batch_.Begin(transport_->envelope());
  if (!greeted_) BuildHello();
  if (feeds_told_ != fanout_.feeds_version_) BuildFeeds();
  BuildReplies();
  Built built = Built::kFull;  // unless there was room for updates
  // A symbol's description must come before its values.
  if (replies_.empty()) built = BuildUpdates();
  BuildSynced();
  BuildEventId();
  if (closing_) BuildClosing();
  if (std::exchange(heartbeat_due_, false) && fanout_.batch_.empty()) {
    BuildHeartbeat();
  }
  if (fanout_.batch_.empty()) return built != Built::kBusy;

  Counters& counters = fanout_.counters_;
  counters.Add(Metric::kMessages);
  counters.Add(Metric::kBytes, static_cast<int64_t>(fanout_.batch_.size()));
  last_sent_ns_ = sending_since_ns_ = fanout_.mono_ns_;
  sending_ = !transport_->Send(fanout_.batch_.out());
  if (sending_) counters.Add(Metric::kWritesBlocked);
  if (closing_) {
    told_ = true;
    transport_->Close(close_reason_);
  } else if (!sending_ && built == Built::kFull) {
    fanout_.Enqueue(this);
  }
  return built != Built::kBusy;
}

void Session::RestartIfNewEpoch() {
  if (epoch_ == fanout_.epoch_) return;
  epoch_ = fanout_.epoch_;
  for (uint32_t i = 0; i < subscriptions_.size(); ++i) {
    Subscription& s = subscriptions_[i];
    if (!s.used) continue;
    s.cursor = 0;
    owed_[i / 64] |= uint64_t{1} << (i % 64);
  }
}

void Session::BeginObject(std::string_view type) {
  fanout_.batch_.BeginObject();
  std::string& out = fanout_.batch_.out();
  out += "{\"type\":\"";
  out += type;
  out += '"';
}

void Session::EndObject() {
  fanout_.batch_.out() += '}';
  fanout_.batch_.EndObject();
}

void Session::BuildHello() {
  greeted_ = true;
  std::string& out = fanout_.batch_.out();
  if (transport_->envelope() == Envelope::kSse) out += "retry: 2000\n";
  BeginObject("hello");
  out += ",\"version\":1,\"market\":";
  AppendString(fanout_.market_.name(), &out);
  out += ",\"epoch\":\"";
  AppendEpoch(epoch_, &out);
  out += "\",\"heartbeat_ms\":";
  AppendInt(fanout_.limits_.heartbeat_ns / kMillisecond, &out);
  AppendFeeds();
  EndObject();
}

void Session::BuildFeeds() {
  BeginObject("feed");
  AppendFeeds();
  EndObject();
}

void Session::AppendFeeds() {
  feeds_told_ = fanout_.feeds_version_;
  std::string& out = fanout_.batch_.out();
  out += ",\"time\":";
  AppendInt(fanout_.wall_ns_ / kMicrosecond, &out);
  out += ",\"feeds\":{";
  for (size_t i = 0; i < fanout_.feed_status_.size(); ++i) {
    if (i > 0) out += ',';
    AppendFeed(fanout_.market_.feeds().info(static_cast<FeedId>(i)),
               fanout_.feed_status_[i], &out);
  }
  out += '}';
}

void Session::BuildReplies() {
  while (!replies_.empty() && !BatchFull()) {
    Reply& reply = replies_.front();
    if (!reply.text.empty()) {
      fanout_.batch_.BeginObject();
      fanout_.batch_.out() += reply.text;
      fanout_.batch_.EndObject();
    } else if (!BuildAck(reply)) {
      break;
    }
    replies_weight_ -= reply.weight;
    replies_.pop_front();
  }
  if (reading_paused_ &&
      replies_weight_ <= fanout_.limits_.replies_bytes_max / 2) {
    reading_paused_ = false;
    transport_->ResumeReading();
  }
}

// False if the batch was full before the ack was complete.
bool Session::BuildAck(Reply& reply) {
  std::string& out = fanout_.batch_.out();
  const Market& market = fanout_.market_;
  BeginObject("ack");
  if (!reply.id.empty()) out += ",\"id\":" + reply.id;
  if (!reply.at.empty()) out += ",\"at\":\"" + reply.at + '"';
  if (reply.step.has_value()) {
    out += ",\"max_rate\":";
    if (*reply.step == kImmediate) {
      out += "\"unlimited\"";
    } else {
      AppendRate(RateOf(*reply.step), &out);
    }
  }
  out += ",\"symbols\":{";
  const size_t total = reply.symbols.size() + reply.unknown.size();
  for (bool first = true; reply.done < total && (first || !BatchFull());
       ++reply.done, first = false) {
    if (!first) out += ',';
    if (reply.done < reply.symbols.size()) {
      AppendDescription(market.symbols().Get(reply.symbols[reply.done]),
                        market.feeds(), &out);
    } else {
      AppendString(reply.unknown[reply.done - reply.symbols.size()], &out);
      out += ":{\"unknown\":true}";
    }
  }
  out += '}';
  const bool complete = reply.done == total;
  if (!complete) out += ",\"more\":true";
  EndObject();
  if (!complete) return false;
  for (Initial& initial : initials_) {
    if (initial.serial == reply.serial) initial.acked = true;
  }
  return true;
}

// A full batch ends anywhere, and the next one starts there: a symbol that
// ticks all the time does not keep others from being sent.
Session::Built Session::BuildUpdates() {
  Built built = Built::kAll;
  bool any = false;
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
      if (BatchFull()) {
        built = Built::kFull;
        owed_from_ = index;
        break;
      }
      if (BuildUpdate(index, &any)) {
        owed_[word] &= ~(uint64_t{1} << bit);
      } else {
        built = Built::kBusy;
      }
    }
  }
  if (any) {
    fanout_.batch_.out() += '}';
    EndObject();
  }
  return built;
}

// False if the symbol could not be read now. `*any`: the update object is open.
bool Session::BuildUpdate(uint32_t index, bool* any) {
  Subscription& s = subscriptions_[index];
  FrameCache::Frame frame;
  switch (fanout_.frames_.UpdateSince(s.symbol, s.cursor, s.fields,
                                      s.quiet_told, &frame)) {
    case FrameCache::Result::kBusy:
      return false;
    case FrameCache::Result::kNothing:
      InitialDone(s);
      return true;
    case FrameCache::Result::kFrame:
      break;
  }
  std::string& out = fanout_.batch_.out();
  if (!*any) {
    *any = true;
    BeginObject("update");
    out += ",\"epoch\":\"";
    AppendEpoch(epoch_, &out);
    out += "\",\"time\":";
    AppendInt(fanout_.wall_ns_ / kMicrosecond, &out);
    out += ",\"quotes\":{";
  } else {
    out += ',';
  }
  out += frame.bytes;
  s.cursor = frame.version;
  s.quiet_told = frame.quiet ? QuietNote::kQuiet : QuietNote::kNotQuiet;
  InitialDone(s);
  fanout_.counters_.Add(Metric::kUpdates);
  if (frame.snapshot) fanout_.counters_.Add(Metric::kSnapshots);
  return true;
}

void Session::BuildSynced() {
  std::erase_if(initials_, [this](const Initial& initial) {
    if (initial.remaining > 0 || !initial.acked) return false;
    BeginObject("synced");
    if (!initial.id.empty()) {
      fanout_.batch_.out() += ",\"id\":" + initial.id;
    }
    EndObject();
    return true;
  });
}

// An id now and then from which EventSource resumes: older cursors than the
// client holds only make the first update after the resume larger.
void Session::BuildEventId() {
  constexpr size_t kBytesMax = 4096;  // proxies bound request headers
  std::string& out = fanout_.batch_.out();
  if (transport_->envelope() != Envelope::kSse || fanout_.batch_.empty() ||
      index_.empty() || !initials_.empty() ||
      (last_event_id_ns_ != 0 &&
       fanout_.mono_ns_ - last_event_id_ns_ < kSecond)) {
    return;
  }
  last_event_id_ns_ = fanout_.mono_ns_;
  const size_t begin = out.size();
  out += "id: " + AtToken(at_fields_);
  char separator = ';';
  for (const Subscription& s : subscriptions_) {
    if (!s.used) continue;
    out += separator;
    separator = ',';
    out += fanout_.market_.symbols().Get(s.symbol).code;
    out += '@';
    AppendInt(static_cast<int64_t>(s.cursor), &out);
    if (out.size() - begin > kBytesMax) {
      out.resize(begin);
      return;
    }
  }
  out += "\n\n";
}

void Session::BuildHeartbeat() {
  std::string& out = fanout_.batch_.out();
  if (transport_->envelope() == Envelope::kSse) out += ": heartbeat\n";
  BeginObject("heartbeat");
  out += ",\"time\":";
  AppendInt(fanout_.wall_ns_ / kMicrosecond, &out);
  EndObject();
}

void Session::BuildClosing() {
  const CloseReasonInfo& info = InfoOf(close_reason_);
  std::string& out = fanout_.batch_.out();
  BeginObject("closing");
  out += ",\"code\":";
  AppendInt(info.code, &out);
  out += ",\"reason\":";
  AppendString(info.text, &out);
  out += info.retry ? ",\"retry\":true,\"after_ms\":1000" : ",\"retry\":false";
  EndObject();
}

void Session::SlowTick() {
  if (transport_ == nullptr || told_) return;
  const int64_t now = fanout_.mono_ns_;
  if (sending_) {
    if (now - sending_since_ns_ > fanout_.limits_.write_stall_ns_max) {
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
