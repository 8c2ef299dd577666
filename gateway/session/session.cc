#include "gateway/session/session.h"

#include <algorithm>
#include <utility>
#include <variant>

#include "gateway/codec/at_token.h"
#include "gateway/session/asked_rate.h"
#include "gateway/session/poll.h"

namespace streamhub {
Session::Session(Fanout& fanout, Transport* transport, uint64_t number,
                 Quota::Slot slot)
    : fanout_(fanout),
      transport_(transport),
      envelope_(transport->envelope()),
      epoch_(fanout.epoch_),
      last_sent_ns_(fanout.mono_ns_),
      opened_ns_(fanout.mono_ns_),
      number_(number),
      slot_(std::move(slot)) {}

Session::~Session() = default;

// --- from the transport ---

bool Session::OnMessage(std::string_view json) {
  const auto requests = ParseRequests(json);
  OnRequests(requests);
  const bool rests = RestsAfter(requests);
  if (replies_weight_ <= fanout_.limits_.replies_bytes_max) return !rests;
  reading_paused_ = true;
  fanout_.counters_.Add(Metric::kReadsPaused);
  return false;
}

void Session::OnRequests(std::span<const ParsedRequest> requests) {
  for (const ParsedRequest& parsed : requests) {
    if (const auto* request = std::get_if<Request>(&parsed)) {
      OnRequest(*request);
    } else {
      Error(std::get<RequestError>(parsed));
    }
  }
}

void Session::OnRequest(const Request& request) {
  fanout_.counters_.Add(Metric::kRequests);
  switch (request.type) {
    case Request::Type::kSubscribe:
      return Subscribe(request);
    case Request::Type::kChange:
      return Change(request);
    case Request::Type::kUnsubscribe:
      return Unsubscribe(request);
    case Request::Type::kPing:
      return Ping(request);
    case Request::Type::kPublish:
      return Publish(request);
  }
}

void Session::OnSent() {
  sending_ = false;
  StampLateWrite();
  fanout_.Enqueue(this);
}

void Session::OnClosed() {
  if (poll_ != nullptr && told_) StampLateWrite();
  if (fanout_.watches_ != nullptr) TellWatchersOfEnd();
  transport_ = nullptr;
  if (poll_ != nullptr) LetGoOfHeld();
  ForgetRest();
  RemoveAll();
  fanout_.closed_.push_back(this);
}

void Session::RemoveAll() {
  for (uint32_t i = 0; i < subscriptions_.size(); ++i) {
    if (subscriptions_[i].used) Remove(i);
  }
  if (awaited_ == nullptr) return;
  for (const auto& [code, terms] : awaited_->names) {
    fanout_.ForgetSymbol(code, this);
  }
  fanout_.counters_.Add(Metric::kSubscriptions,
                        -static_cast<int64_t>(awaited_->names.size()));
  awaited_.reset();
}

// A client that takes nothing cannot be told anything, not even that another
// reason came first.
void Session::Close(CloseReason reason, int after_ms) {
  const bool stuck = sending_ && reason == CloseReason::kWriteStalled;
  if (transport_ == nullptr || told_ || (closing_ && !stuck)) return;
  closing_ = true;
  close_reason_ = reason;
  close_after_ms_ = after_ms;
  if (stuck) {
    told_ = true;
    transport_->Close(reason);
  } else {
    fanout_.Enqueue(this);  // told at once, or when the write is over
  }
}

// --- requests ---

std::optional<RateStep> Session::RateFor(const Request& request) {
  const auto step = StepFor(request.has_rate ? request.max_rate
                                             : fanout_.limits_.default_rate);
  if (!step.has_value()) {
    Error({request.id, "bad_rate", "max_rate must be 1/60 or more", ""});
  }
  return step;
}

// None of a topic, which has no values.
FieldMask Session::FieldsOf(SymbolId symbol, bool all,
                            std::span<const FieldId> fields) const {
  const SymbolInfo& info = fanout_.market_.symbols().Get(symbol);
  if (info.topic != nullptr) return 0;
  return all ? info.layout->all() : info.layout->MaskOf(fields);
}

void Session::Subscribe(const Request& request) {
  const auto step = RateFor(request);
  if (!step.has_value()) return;
  const SymbolTable& table = fanout_.market_.symbols();
  size_t added = 0;
  for (const RequestSymbol& wanted : request.symbols) {
    const auto id = table.Find(wanted.name);
    const bool known = id.has_value() && *id < fanout_.symbols_seen_;
    added += known ? !index_.contains(*id) : !Awaits(wanted.name);
  }
  const size_t now = index_.size() + awaited_count();
  if (now + added > fanout_.limits_.subscriptions_max) {
    fanout_.Note(Limit::kSubscriptions);
    return Error({request.id, "too_many_subscriptions",
                  "this session may hold " +
                      std::to_string(fanout_.limits_.subscriptions_max) +
                      " subscriptions",
                  "symbols"});
  }

  // Most sessions subscribe once: what they never use would add up.
  if (now + added > subscriptions_.capacity()) {
    const size_t room = std::max(now + added, now + now / 2);
    subscriptions_.reserve(room);
    ticks_at_.reserve(room);
  }

  const uint16_t asked =
      request.has_rate ? PackAsked(request.max_rate) : kNoRateAsked;
  at_fields_ = AtFields(request.all_fields, request.fields);
  Reply ack;
  ack.id = request.id;
  ack.at = AtToken(at_fields_);
  ack.step = *step;
  ack.serial = next_serial_++;
  std::vector<uint64_t> claimed;  // of ack.unknown
  const bool resumes =
      ParseAt(request.at).cursors == ack.at && epoch_ == fanout_.epoch_;
  for (const RequestSymbol& wanted : request.symbols) {
    const auto id = table.Find(wanted.name);
    // A symbol newer than this turn is met when the fanout looks at it.
    if (!id.has_value() || *id >= fanout_.symbols_seen_) {
      ack.unknown.push_back(wanted.name);
      claimed.push_back(wanted.version);
      continue;
    }
    const FieldMask fields = FieldsOf(*id, request.all_fields, request.fields);
    if (const auto old = index_.find(*id); old != index_.end()) {
      Remove(old->second);
    }
    const uint64_t cursor =
        fields == 0 ? TopicCursor(*id, wanted.version, request.history)
        : resumes   ? HeldVersion(*id, wanted.version)
                    : 0;
    Add(*id, fields, *step, asked, cursor, ack.serial);
    ack.symbols.push_back(*id);
  }
  if (!ack.unknown.empty()) {
    const uint64_t terms =
        AddTerms({request.id, at_fields_, *step, request.all_fields,
                  request.fields, asked});
    for (size_t i = 0; i < claimed.size(); ++i) {
      Await(ack.unknown[i], terms, claimed[i]);
    }
  }
  initials_.push_back({ack.serial, request.id, ack.symbols.size(), false});
  AddReply(std::move(ack));
}

void Session::Change(const Request& request) {
  std::optional<RateStep> step;
  if (request.has_rate) {
    step = RateFor(request);
    if (!step.has_value()) return;
  }
  const SymbolTable& table = fanout_.market_.symbols();
  Reply ack;
  for (const RequestSymbol& wanted : request.symbols) {
    if (Awaits(wanted.name)) {
      ack.unknown.push_back(wanted.name);
      continue;
    }
    const auto id = table.Find(wanted.name);
    if (!id.has_value() || !index_.contains(*id)) {
      return Error({request.id, "not_subscribed",
                    "this session has no such subscription", wanted.name});
    }
    ack.symbols.push_back(*id);
  }

  ack.id = request.id;
  ack.step = step;
  ack.serial = next_serial_++;
  if (request.has_fields) {
    at_fields_ = AtFields(request.all_fields, request.fields);
    ack.at = AtToken(at_fields_);
  }
  ChangeAwaited(ack.unknown, request, step);
  size_t replaced = 0;
  for (const SymbolId id : ack.symbols) {
    const uint32_t index = index_.at(id);
    const Subscription old = subscriptions_[index];
    FieldMask fields = old.fields;
    if (request.has_fields) {
      fields = FieldsOf(id, request.all_fields, request.fields);
    }
    const RateStep to = step.value_or(old.step);
    const uint16_t asked =
        request.has_rate ? PackAsked(request.max_rate) : old.asked;
    subscriptions_[index].asked = asked;
    if (fields != old.fields) {
      Remove(index);
      Add(id, fields, to, asked, 0, ack.serial);
      ++replaced;
    } else if (to != old.step) {
      Delist(index);
      subscriptions_[index].step = to;
      Enlist(index);
      // What the former class had marked and not served is not to be lost.
      Owe(index);
    }
  }
  initials_.push_back({ack.serial, request.id, replaced, false});
  AddReply(std::move(ack));
}

void Session::Unsubscribe(const Request& request) {
  const SymbolTable& table = fanout_.market_.symbols();
  for (const RequestSymbol& wanted : request.symbols) {
    const auto id = table.Find(wanted.name);
    if (Awaits(wanted.name)) continue;
    if (!id.has_value() || !index_.contains(*id)) {
      return Error({request.id, "not_subscribed",
                    "this session has no such subscription", wanted.name});
    }
  }
  for (const RequestSymbol& wanted : request.symbols) {
    if (StopAwaiting(wanted.name)) {
      fanout_.ForgetSymbol(wanted.name, this);
    } else {
      Remove(index_.at(*table.Find(wanted.name)));
    }
  }
  Reply ack;
  ack.id = request.id;
  AddReply(std::move(ack));
}

void Session::Ping(const Request& request) {
  Reply pong;
  pong.type = Reply::Type::kPong;
  pong.id = request.id;
  StampEcho(request);
  AddReply(std::move(pong));
}

void Session::Publish(const Request& request) {
  Publishing* const publishing = fanout_.limits_.publishing;
  if (publishing == nullptr) {
    return Error(
        {request.id, "forbidden", "nobody can publish here", request.topic});
  }
  const std::string_view refusal = transport_->why_no_publish();
  if (!refusal.empty()) {
    return Error(publishing->ForeignPage(request, refusal));
  }
  if (budget_ == nullptr) {
    budget_ = std::make_unique<PublishBudget>(transport_->place());
  }
  const auto published = publishing->Publish(request, budget_.get());
  if (const auto* const refused = std::get_if<RequestError>(&published)) {
    return Error(*refused);
  }
  Reply ack;
  ack.type = Reply::Type::kPublished;
  ack.id = request.id;
  ack.sequence = std::get<uint64_t>(published);
  AddReply(std::move(ack));
}

void Session::Error(const RequestError& error) {
  fanout_.counters_.Add(Metric::kRequestErrors);
  Reply reply;
  reply.type = Reply::Type::kError;
  reply.error = error;
  AddReply(std::move(reply));
}

void Session::AddReply(Reply reply) {
  reply.weight = sizeof(Reply) + reply.error.reason.size() +
                 reply.error.key.size() +
                 reply.symbols.size() * sizeof(SymbolId);
  for (const std::string& code : reply.unknown) {
    reply.weight += sizeof(code) + code.size();
  }
  replies_weight_ += reply.weight;
  if (replies_.size() == replies_.capacity()) {
    replies_.erase(replies_.begin(), replies_.begin() + replies_done_);
    replies_done_ = 0;
  }
  replies_.push_back(std::move(reply));
  fanout_.Enqueue(this);
}

// --- subscriptions ---

void Session::Add(SymbolId symbol, FieldMask fields, RateStep step,
                  uint16_t asked, uint64_t cursor, uint32_t request) {
  uint32_t index;
  if (free_ == kNoneFree) {
    index = static_cast<uint32_t>(subscriptions_.size());
    subscriptions_.emplace_back();
    owed_.resize((subscriptions_.size() + 63) / 64);
  } else {
    index = free_;
    free_ = subscriptions_[index].place;
  }
  Subscription& s = subscriptions_[index];
  s = Subscription{};
  s.cursor = cursor;
  s.fields = fields;
  s.symbol = symbol;
  s.request = request;
  s.owes_initial = request != 0;
  s.step = step;
  s.asked = asked;
  s.used = true;
  if (poll_ == nullptr) {
    QuoteView view;
    ticks_at_.resize(subscriptions_.size());
    ticks_at_[index] = fanout_.market_.cache().Read(symbol, 0, &view)
                           ? static_cast<uint32_t>(view.ticks)
                           : kTicksUnknown;
  }
  index_.emplace(symbol, index);
  Enlist(index);
  Owe(index);
  fanout_.counters_.Add(Metric::kSubscriptions);
}

void Session::Remove(uint32_t index) {
  Subscription& s = subscriptions_[index];
  Delist(index);
  InitialDone(s);
  index_.erase(s.symbol);
  s.used = false;
  owed_[index / 64] &= ~(uint64_t{1} << (index % 64));
  s.place = free_;
  free_ = index;
  fanout_.counters_.Add(Metric::kSubscriptions, -1);
}

void Session::Enlist(uint32_t index) {
  Subscription& s = subscriptions_[index];
  s.place = fanout_.ClassOf(s.step, number_).Add(s.symbol, {this, index});
}

void Session::Delist(uint32_t index) {
  const Subscription& s = subscriptions_[index];
  const SubscriptionRef moved =
      fanout_.ClassOf(s.step, number_).Remove(s.symbol, s.place);
  if (moved.session != nullptr) {
    moved.session->subscriptions_[moved.index].place = s.place;
  }
}

void Session::InitialDone(Subscription& subscription) {
  if (!subscription.owes_initial) return;
  for (Initial& initial : initials_) {
    if (initial.serial == subscription.request) --initial.remaining;
  }
  subscription.owes_initial = false;
  subscription.sent = 0;
}

}  // namespace streamhub
