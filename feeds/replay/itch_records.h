// ITCH messages as the records of a replay: what the readers of ITCH share,
// whatever cut the messages out. Each is handed to an ItchHandler; one that is
// none is left out, counted and, the first one, logged. On the feed's thread.

#ifndef STREAMHUB_FEEDS_REPLAY_ITCH_RECORDS_H_
#define STREAMHUB_FEEDS_REPLAY_ITCH_RECORDS_H_

#include <absl/status/status.h>

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "feeds/gap_list.h"
#include "feeds/itch/decoder.h"
#include "feeds/itch/itch_handler.h"
#include "feeds/replay/findings.h"
#include "gateway/base/counters.h"

namespace streamhub {

class ItchRecords {
 public:
  // `handler` and `counters` outlive this. The day of the messages began at
  // `midnight_ns`, since 1970 UTC. `name` is the recording's, for errors.
  ItchRecords(std::string name, itch::ItchHandler& handler, Counters& counters,
              int64_t midnight_ns);

  // The next message, which stays where it is until Apply(). Only after
  // kHandled it is a record: its type is known, and size and time fit.
  itch::Decoded Offer(std::span<const uint8_t> message);

  // Is there no record that was offered and not applied?
  bool empty() const { return message_.empty(); }
  std::span<const uint8_t> message() const { return message_; }

  // The venue's own time of that record, since 1970 UTC.
  int64_t event_ns() const {
    return midnight_ns_ + static_cast<int64_t>(itch::TimeNsOf(message_));
  }

  // Publishes that record. kHandled or kSkipped, or it was damaged and nothing
  // happened.
  itch::Decoded Apply();

  // `message`, "at byte" 17 or "message" 3, is no record, for `why`. `offset`:
  // where in the recording it is, or was found.
  void LeaveOut(std::string_view unit, uint64_t number, itch::Decoded why,
                std::span<const uint8_t> message, uint64_t offset);

  int64_t left_out() const { return left_out_; }

  // Records that were offered: all, and by the byte that is their type.
  int64_t messages() const { return messages_; }
  const std::array<int64_t, 256>& by_type() const { return by_type_; }

  // Messages that were played and had no effect, as the order that they change
  // is not live.
  int64_t of_unknown_orders() const {
    return handler_.ignored().OfUnknownOrders() - unknown_before_;
  }

  // What was left out, and what else the reader puts there.
  FaultList& faults() { return faults_; }
  const FaultList& faults() const { return faults_; }

  // OK if nothing was lost in `gaps` or left out; else DataLoss, "NAME: 5
  // messages are lost in 2 gaps; ...; 2 messages were left out, the first:
  // message 3: what was wrong".
  absl::Status StatusWith(const GapList& gaps) const;

 private:
  const std::string name_;
  itch::ItchHandler& handler_;
  Counters& counters_;
  const int64_t midnight_ns_;
  std::span<const uint8_t> message_;
  const int64_t unknown_before_;  // of other recordings
  int64_t messages_ = 0;
  std::array<int64_t, 256> by_type_ = {};
  FaultList faults_;
  int64_t left_out_ = 0;
  std::string first_fault_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_ITCH_RECORDS_H_
