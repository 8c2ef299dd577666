#include "tests/simulation/connection.h"

#include <algorithm>
#include <utility>

#include "tests/simulation/simulation.h"

namespace streamhub::simulation {

bool Connection::Send(std::string& batch) {
  const std::string_view message =
      std::string_view(batch).substr(kBatchHeadroom);
  std::string text(message);
  if (envelope_ == Envelope::kFlat) {
    text.clear();
    const absl::Status status = flat_.ToJson(message, &text);
    if (!status.ok()) text = status.ToString();  // which is not JSON
  }
  simulation_.TraceMessage(*this, text);
  wire_.push_back(
      witness_.OnSend(text, message.size(), simulation_.MonoNs(), blocked()));
  // A transport may keep the buffer.
  std::string().swap(batch);
  simulation_.DuringTurn();
  const int64_t stall_ns = simulation_.StallNs();
  if (stall_ns < 0) return true;
  free_at_ns_ = simulation_.MonoNs() + stall_ns;
  return false;
}

void Connection::Close(CloseReason) {
  witness_.OnClose();
  closed_at_ns_ = simulation_.MonoNs() + simulation_.CloseTakesNs();
}

void Connection::Deliver(size_t messages) {
  for (; messages > 0 && !wire_.empty(); --messages) {
    for (const Item& item : wire_.front()) client_.Receive(item);
    wire_.pop_front();
  }
}

void Connection::Lose(size_t events_that_arrive) {
  if (envelope_ == Envelope::kSse && !wire_.empty()) {
    const auto& cut = wire_.front();
    const size_t arrive = std::min(events_that_arrive, cut.size());
    for (size_t i = 0; i < arrive; ++i) client_.Receive(cut[i]);
  }
  wire_.clear();
  client_.Disconnected();
}

}  // namespace streamhub::simulation
