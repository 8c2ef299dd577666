#include "feeds/replay/itch_records.h"

#include <absl/strings/str_cat.h>

#include <cstddef>
#include <utility>

#include "gateway/base/log.h"
#include "gateway/base/strings.h"

namespace streamhub {

ItchRecords::ItchRecords(std::string name, itch::ItchHandler& handler,
                         Counters& counters, int64_t midnight_ns)
    : name_(std::move(name)),
      handler_(handler),
      counters_(counters),
      midnight_ns_(midnight_ns),
      unknown_before_(handler.ignored().OfUnknownOrders()) {
  handler_.StartDay(midnight_ns);
}

itch::Decoded ItchRecords::Offer(std::span<const uint8_t> message) {
  if (message.empty()) return itch::Decoded::kBadSize;
  const size_t size = itch::MessageBytes(message[0]);
  if (size == 0) return itch::Decoded::kUnknownType;
  if (size != message.size()) return itch::Decoded::kBadSize;
  if (itch::TimeNsOf(message) >= itch::kTimeNsEnd) {
    return itch::Decoded::kBadTime;
  }
  message_ = message;
  ++messages_;
  ++by_type_[message[0]];
  return itch::Decoded::kHandled;
}

itch::Decoded ItchRecords::Apply() {
  return itch::Decode(std::exchange(message_, {}), handler_);
}

void ItchRecords::LeaveOut(std::string_view unit, uint64_t number,
                           itch::Decoded why, std::span<const uint8_t> message,
                           uint64_t offset) {
  counters_.Add(Metric::kFeedMessagesBad);
  faults_.Add(static_cast<int64_t>(offset), 0,
              faults_.full() ? std::string() : itch::Describe(why, message));
  if (++left_out_ > 1) return;
  first_fault_ = absl::StrCat(ToAbsl(unit), " ", number, ": ",
                              itch::Describe(why, message));
  LogWarning(
      absl::StrCat(name_, ": ", first_fault_, "; such messages are left out"));
}

absl::Status ItchRecords::StatusWith(const GapList& gaps) const {
  const bool lost = gaps.gaps() > 0;
  if (!lost && left_out_ == 0) return absl::OkStatus();
  std::string what = lost ? Describe(gaps) : "";
  if (left_out_ > 0) {
    absl::StrAppend(&what, lost ? "; " : "", left_out_,
                    left_out_ == 1 ? " message was" : " messages were",
                    " left out, the first: ", first_fault_);
  }
  return absl::DataLossError(absl::StrCat(name_, ": ", what));
}

}  // namespace streamhub
