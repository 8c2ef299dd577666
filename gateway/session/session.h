// One client: its subscriptions, what it is owed, and the rule by which it is
// served (docs/adr/0001; the eight lines are tests/simulation's invariants).
//
// Shard's thread only. Owned by its Fanout, which erases it after the transport
// called OnClosed(). It holds no queue: what is owed is a bit per subscription
// and is built when the transport is free, from the cache as it is then.

#ifndef STREAMHUB_GATEWAY_SESSION_SESSION_H_
#define STREAMHUB_GATEWAY_SESSION_SESSION_H_

#include <absl/container/flat_hash_map.h>
#include <absl/container/inlined_vector.h>

#include <bit>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/token_bucket.h"
#include "gateway/codec/request.h"
#include "gateway/session/explained.h"
#include "gateway/session/fanout.h"
#include "gateway/session/subscription.h"
#include "gateway/session/transport.h"

namespace streamhub {

struct Poll;
struct PollRequest;

// Aligned, so that what every flush looks at is in two cache lines.
class alignas(64) Session {
 public:
  Session(Fanout& fanout, Transport* transport, uint64_t number,
          Quota::Slot slot);
  ~Session();

  Session(const Session&) = delete;
  Session& operator=(const Session&) = delete;

  // --- from the transport ---

  // A message of requests as text. False: stop reading until
  // Transport::ResumeReading(), too many answers are pending.
  bool OnMessage(std::string_view json);

  // Requests that came with the connection, already parsed.
  void OnRequests(std::span<const ParsedRequest> requests);
  void OnRequest(const Request& request);

  // What a poll asks for, instead of the others: one batch is sent as soon as
  // there is something to tell, and none after it. Once, before the next turn.
  // False: all of it was refused, and the batch says why.
  bool OnPoll(std::span<const ParsedRequest> requests);

  // What Send() kept has gone out.
  void OnSent();

  // The connection is gone. The transport's last call.
  void OnClosed();

  // --- from the fanout and the shard ---

  void Close(CloseReason reason) { Close(reason, InfoOf(reason).after_ms); }
  // The same with another time to come back in; negative: not at all.
  void Close(CloseReason reason, int after_ms);

  // --- for operators (session_watch.cc) ---

  SessionId id() const;
  // While it has a transport.
  SessionSeen Seen() const;
  // Of one of its subscriptions; nullopt: it has none to that symbol.
  std::optional<SubscriptionSeen> Explain(const std::string& code) const;

 private:
  friend class Fanout;

  // An answer that is owed. An ack is built symbol by symbol as the batches
  // have room.
  struct Reply {
    enum class Type { kAck, kPong, kError, kPublished };
    Type type = Type::kAck;
    RequestError error = {};
    std::string id;
    std::string at;
    std::optional<RateStep> step;
    std::vector<SymbolId> symbols;
    std::vector<std::string> unknown;
    size_t done = 0;        // of symbols, then of unknown
    uint32_t serial = 0;    // the request it opens; 0: none
    uint64_t sequence = 0;  // of what was published
    size_t weight = 0;      // bytes that it takes while it waits, about
  };

  // A subscribe request whose initial state is not complete.
  struct Initial {
    uint32_t serial;
    std::string id;
    size_t remaining;  // subscriptions whose first update is to come
    bool acked;
  };

  // How symbols that do not exist yet were asked for. A request may name a
  // thousand of them, so it is kept once and they have its number.
  struct Terms {
    std::string id;
    std::string at_fields;
    RateStep step = kImmediate;
    bool all_fields = true;
    std::vector<FieldId> fields;
    uint16_t asked = 0;        // see asked_rate.h
    uint8_t poll_request = 0;  // of a poll: which of its requests
    size_t names = 0;          // that wait under these terms
  };
  struct AwaitedName {
    uint64_t terms;
    uint64_t claimed;  // what the client says it holds, should it be a topic
  };
  struct Awaited {
    absl::flat_hash_map<std::string, AwaitedName> names;
    absl::flat_hash_map<uint64_t, Terms> terms;
    uint64_t next_terms = 1;
  };

  // --- requests ---
  void Subscribe(const Request& request);
  void Change(const Request& request);
  void Unsubscribe(const Request& request);
  void Ping(const Request& request);
  void Publish(const Request& request);
  void Error(const RequestError& error);
  std::optional<RateStep> RateFor(const Request& request);
  FieldMask FieldsOf(SymbolId symbol, bool all,
                     std::span<const FieldId> fields) const;
  uint64_t HeldVersion(SymbolId symbol, uint64_t claimed) const;
  std::string AtToken(std::string_view at_fields) const;
  void AppendGeneration(std::string* token) const;
  void AddReply(Reply reply);

  // --- subscriptions ---
  void Add(SymbolId symbol, FieldMask fields, RateStep step, uint16_t asked,
           uint64_t cursor, uint32_t request);
  void Remove(uint32_t index);
  void Enlist(uint32_t index);
  void Delist(uint32_t index);
  void InitialDone(Subscription& subscription);

  // --- symbols that do not exist yet ---
  size_t awaited_count() const;
  bool Awaits(const std::string& code) const;
  uint64_t AddTerms(Terms terms);
  void Await(const std::string& code, uint64_t terms, uint64_t claimed);
  void ChangeAwaited(const std::vector<std::string>& codes,
                     const Request& request, std::optional<RateStep> step);
  bool StopAwaiting(const std::string& code);
  void LeaveTerms(uint64_t terms);
  void SymbolAppeared(SymbolId symbol);
  void RemoveAll();

  // --- the pace of requests (session_pace.cc) ---
  // As many seconds' requests may come at once.
  static constexpr double kRequestBurstSeconds = 10;
  struct RequestPace {
    TokenBucket bucket;
    int64_t rests_until_ns = 0;  // 0: it does not rest
  };
  bool RestsAfter(std::span<const ParsedRequest> requests);
  bool rests() const { return pace_ != nullptr && pace_->rests_until_ns != 0; }
  void EndRest();
  void ForgetRest();

  // --- polls (session_poll.cc) ---
  void StartPoll();
  void StartPolled(uint8_t number);
  void AddPolled(SymbolId symbol, const RequestSymbol& wanted, uint8_t number);
  void OnTime();
  void LetGoOfHeld();
  bool FlushPoll();
  bool WeighPoll(MessageWriter& out);
  void BuildPollAck(const PollRequest& polled, MessageWriter& out);

  // --- topics (session_topics.cc) ---
  uint64_t TopicCursor(SymbolId topic, uint64_t claimed,
                       uint32_t history) const;
  uint64_t AppearedTopicCursor(SymbolId topic, uint64_t claimed) const;
  bool OwesMessages(const Subscription& subscription) const;

  // --- delivery ---
  enum class Built { kAll, kFull, kBusy };
  enum class Open { kNothing, kUpdate, kMessages };  // in the batch

  void Owe(uint32_t index);
  bool Flush();  // false: something could not be read, try next turn
  // As many as a core has under way at once, about.
  static constexpr int kTouchesMax = 16;

  // Loads what Flush() will look at, which is in no cache when thousands of
  // sessions take turns: first the session, then what it points to. The core
  // waits for many loads at once that depend on nothing. They are no prefetches
  // because processors drop those of pages whose translation they do not have.
  static void Touch(const void* at) {
    static_cast<void>(*static_cast<const volatile char*>(at));
  }
  void TouchSelf() const {
    Touch(this);
    Touch(&last_sent_ns_);
  }
  void TouchParts() const {
    if (transport_ == nullptr) return;
    Touch(transport_);
    int left = kTouchesMax;
    for (size_t word = 0; word < owed_.size(); ++word) {
      for (uint64_t bits = owed_[word]; bits != 0; bits &= bits - 1) {
        if (--left < 0) return;
        Touch(subscriptions_.data() + word * 64 + std::countr_zero(bits));
      }
    }
  }
  void Send(MessageWriter& out);
  void RestartIfNewEpoch();
  bool Full(const MessageWriter& out) const;
  void BuildHello(MessageWriter& out);
  void BuildFeeds(MessageWriter& out);
  void BuildReplies(MessageWriter& out);
  bool BuildAck(Reply& reply, MessageWriter& out);
  Built BuildUpdates(MessageWriter& out);
  Built BuildUpdate(uint32_t index, Open* open, MessageWriter& out);
  Built BuildMessages(Subscription& s, Open* open, MessageWriter& out);
  void OpenFor(Open wanted, Open* open, MessageWriter& out);
  void BuildSynced(MessageWriter& out);
  void BuildEventId(MessageWriter& batch);
  void BuildClosing(MessageWriter& out);
  void SlowTick();

  // --- watched (session_watch.cc) ---
  void NoteWatched();
  std::string_view WatchedFrame(const SentWatches::Watched& watched,
                                MessageWriter& batch);
  void CopySent(MessageWriter& batch);
  void TellWatchersOfEnd();

  // --- explained (session_explain.cc) ---
  RateLimit LimitOf(std::optional<SymbolId> symbol, RateStep step,
                    uint16_t asked) const;
  void SampleFolding(StatusSeen* seen) const;

  // --- latency (session_latency.cc) ---
  void StampWrite(int64_t spent_ns);
  void StampLateWrite();
  void StampEcho(const Request& ping);

  // Every flush looks at these: they lie together.
  Fanout& fanout_;
  Transport* transport_;  // null once closed
  std::vector<Subscription> subscriptions_;
  // A bit per subscription: due, not yet sent.
  absl::InlinedVector<uint64_t, 2> owed_;
  uint32_t owed_from_ = 0;  // subscription where the next batch starts
  bool greeted_ = false;
  bool queued_ = false;
  bool sending_ = false;
  bool reading_paused_ = false;
  bool heartbeat_due_ = false;
  bool closing_ = false;  // tell the client and close
  bool told_ = false;     // told; nothing is sent any more
  CloseReason close_reason_{};
  const Envelope envelope_;
  uint64_t epoch_ = 0;          // the epoch that the cursors belong to
  uint64_t feeds_told_ = 0;     // feeds_version_ that the client knows
  std::unique_ptr<Poll> poll_;  // null: this is no poll
  int64_t last_sent_ns_ = 0;    // if sending: since when
  std::vector<Reply> replies_;  // owed, from replies_done_ on
  std::vector<Initial> initials_;

  uint32_t replies_done_ = 0;
  uint32_t next_serial_ = 1;
  int64_t last_event_id_ns_ = 0;
  uint64_t sent_batches_ = 0;
  uint64_t sent_bytes_ = 0;  // of these

  int32_t close_after_ms_ = 0;  // once closing_
  size_t replies_weight_ = 0;
  const int64_t opened_ns_;
  const uint64_t number_;
  const Quota::Slot slot_;
  static constexpr uint32_t kNoneFree = ~uint32_t{0};
  uint32_t free_ = kNoneFree;  // the first free entry of subscriptions_
  uint32_t stalls_ = 0;        // batches that the socket did not take at once
  // By subscription, but not of polls: the symbol's ticks when it began, their
  // lower half; kTicksUnknown if they could not be read.
  static constexpr uint32_t kTicksUnknown = ~uint32_t{0};
  std::vector<uint32_t> ticks_at_;
  absl::flat_hash_map<SymbolId, uint32_t> index_;
  std::unique_ptr<Awaited> awaited_;       // null: no symbol is awaited
  std::unique_ptr<PublishBudget> budget_;  // null: nothing was published yet
  std::unique_ptr<RequestPace> pace_;      // null: no limit, or no request yet
  std::string at_fields_;  // the newest ack's token without the epoch
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SESSION_SESSION_H_
