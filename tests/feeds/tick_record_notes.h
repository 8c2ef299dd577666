// What tick records tell, a line each.

#ifndef STREAMHUB_TESTS_FEEDS_TICK_RECORD_NOTES_H_
#define STREAMHUB_TESTS_FEEDS_TICK_RECORD_NOTES_H_

#include <absl/strings/str_cat.h>

#include <string>
#include <vector>

#include "feeds/tick_record.h"

namespace streamhub {

// Writes down what it is told, a line each.
class Notes {
 public:
  void Add(const TickRecord& r) {
    using Kind = TickRecord::Kind;
    switch (r.kind) {
      case Kind::kSymbol:
        absl::StrAppend(&text, "symbol ", r.number, " ", r.info->code, " '",
                        r.info->name, "' ", r.info->currency, " ",
                        r.info->price_decimals, " ", r.info->quantity_decimals,
                        " ", r.info->pip, " of ", r.info->layout->size(),
                        " by ", std::string(r.feed));
        layouts.push_back(r.info->layout);
        break;
      case Kind::kTick:
      case Kind::kRefresh:
        absl::StrAppend(&text, r.kind == Kind::kTick ? "tick " : "state ",
                        r.number, " ", r.time_ns, " ", r.event_ns);
        for (const FieldValue& v : r.values) AddValue(v);
        break;
      case Kind::kTrade:
        absl::StrAppend(&text, "trade ", r.number, " ", r.time_ns, " ",
                        r.event_ns, " ", r.trade.price, " ", r.trade.size, " ",
                        static_cast<int>(r.trade.taker), " '",
                        std::string(r.trade.id), "' '",
                        std::string(r.trade.cross), "' ", r.trade.cancelled);
        break;
      case Kind::kEpoch:
        absl::StrAppend(&text, "epoch ", r.epoch, " ", r.time_ns);
        break;
      case Kind::kStatus:
        absl::StrAppend(&text, "status ", std::string(r.feed), " ",
                        static_cast<int>(r.status), " ", r.time_ns);
        break;
      case Kind::kGap:
        absl::StrAppend(&text, "gap ", r.lost, " ", r.from_ns, " ", r.time_ns);
        break;
      case Kind::kSent:
        absl::StrAppend(&text, "sent ", r.sent.session, " ",
                        std::string(r.sent.transport), " ",
                        std::string(r.sent.encoding), " ", r.sent.time_ns, " ",
                        r.sent.batch, " ", std::string(r.sent.symbol), " ",
                        std::string(r.sent.bytes), " ", r.sent.cut);
        break;
    }
    text += '\n';
  }

  std::string text;
  std::vector<const Layout*> layouts;

 private:
  void AddValue(const FieldValue& v) {
    absl::StrAppend(&text, " ", std::string(FieldName(v.field)), "=");
    if (v.value == kEmpty) {
      absl::StrAppend(&text, "empty");
    } else {
      absl::StrAppend(&text, v.value);
    }
  }
};

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_FEEDS_TICK_RECORD_NOTES_H_
