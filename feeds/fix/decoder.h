// The bytes of one FIX message -> its values. Pure: bounds-checked, without
// allocation once a Message has grown to what is usual. One thread.
//
// By "FIX 4.4", volume 3, "Market Data" and "FIX 5.0 SP2", the same:
// MarketDataSnapshotFullRefresh (W), MarketDataIncrementalRefresh (X),
// SecurityStatus (f), TradingSessionStatus (h), and of every other message the
// fields of its header, which order sequences.
//
// - The field that opens the group NoMDEntries, MDEntryType(269) in W and
//   MDUpdateAction(279) in X, begins an entry each time. There must be as many
//   as NoMDEntries says. What is absent in an entry is not filled in here.
// - Fields that are not known here are skipped.

#ifndef STREAMHUB_FEEDS_FIX_DECODER_H_
#define STREAMHUB_FEEDS_FIX_DECODER_H_

#include <cstdint>
#include <string>

#include "feeds/fix/fields.h"
#include "feeds/fix/framing.h"
#include "feeds/fix/messages.h"

namespace streamhub::fix {

class Decoder {
 public:
  // False if a field is not what it has to be, see fault(). `*message`, whose
  // former content is dropped, then has the fields before it.
  bool Decode(const Frame& frame, Message* message);

  // "MDEntryPx(270) 'x' is no decimal"
  const std::string& fault() const { return fault_; }

 private:
  // What a field was.
  enum class Took { kYes, kNo, kBad };

  Took TakeHeader(const Field& field, Message* message);
  Took TakeBody(const Field& field, Message* message);
  Took TakeEntry(const Field& field, Entry* entry);
  Took OpenGroup(const Field& field, Message* message);
  bool Finish(Message* message);

  Took Time(const Field& field, std::string_view name,
            std::optional<int64_t>* ns);
  Took Count(const Field& field, std::string_view name,
             std::optional<uint64_t>* count);
  Took Flag(const Field& field, std::string_view name, bool* flag);
  Took Decimal(const Field& field, std::string_view name,
               std::string_view* text);
  Took Small(const Field& field, std::string_view name,
             std::optional<int>* number);
  Took Bad(const Field& field, std::string_view name, std::string_view why);

  std::string fault_;
  // Of the message at hand: NoMDEntries was there, and what it said; which tag
  // begins an entry.
  bool in_group_ = false;
  uint64_t entries_said_ = 0;
  int opener_ = 0;
};

}  // namespace streamhub::fix

#endif  // STREAMHUB_FEEDS_FIX_DECODER_H_
