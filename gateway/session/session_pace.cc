// How fast a client may make requests. One that is faster is not refused: it is
// not read for so long that its pace is what it may be.

#include <algorithm>
#include <variant>

#include "gateway/session/session.h"

namespace streamhub {
namespace {

// What a request with many symbols costs the gateway grows with them.
double CostOf(const ParsedRequest& parsed) {
  constexpr size_t kSymbolsOfOne = 100;
  const auto* const request = std::get_if<Request>(&parsed);
  if (request == nullptr) return 1;
  const size_t symbols = std::max<size_t>(request->symbols.size(), 1);
  const size_t cost = 1 + (symbols - 1) / kSymbolsOfOne;
  return static_cast<double>(cost);
}

}  // namespace

// Whether reading has to rest. The session is called when it may go on.
bool Session::RestsAfter(std::span<const ParsedRequest> requests) {
  const double per_second = fanout_.limits_.requests_per_second;
  if (per_second <= 0) return false;
  if (pace_ == nullptr) pace_ = std::make_unique<RequestPace>();
  double cost = 0;
  for (const ParsedRequest& parsed : requests) cost += CostOf(parsed);
  const int64_t now_ns = fanout_.clock_.MonoNs();
  const int64_t wait_ns = pace_->bucket.Charge(
      {per_second, kRequestBurstSeconds * per_second}, cost, now_ns);
  if (wait_ns == 0) return false;
  // What was read together is done together: then it rests for longer.
  if (!rests()) fanout_.Note(Limit::kRequests);
  ForgetRest();
  pace_->rests_until_ns = now_ns + wait_ns;
  fanout_.CallAt(pace_->rests_until_ns, this);
  return true;
}

void Session::EndRest() {
  pace_->rests_until_ns = 0;
  if (!reading_paused_ && transport_ != nullptr) transport_->ResumeReading();
}

void Session::ForgetRest() {
  if (pace_ == nullptr || pace_->rests_until_ns == 0) return;
  fanout_.ForgetCall(pace_->rests_until_ns, this);
  pace_->rests_until_ns = 0;
}

}  // namespace streamhub
