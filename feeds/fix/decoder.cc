#include "feeds/fix/decoder.h"

#include <absl/strings/str_cat.h>

#include <utility>

#include "feeds/csv/decimal.h"
#include "feeds/fix/utc_time.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"

namespace streamhub::fix {
namespace {

constexpr int kMdEntryType = 269;
constexpr int kMdUpdateAction = 279;
constexpr int kNoMdEntries = 268;

// Without giving back what its entries have grown to.
void Empty(Message* message) {
  std::vector<Entry> entries = std::move(message->entries);
  entries.clear();
  *message = Message();
  message->entries = std::move(entries);
}

}  // namespace

bool Decoder::Decode(const Frame& frame, Message* message) {
  Empty(message);
  in_group_ = false;
  entries_said_ = 0;
  opener_ = 0;
  FieldReader fields(frame.bytes, frame.separator);
  for (Field field;;) {
    switch (fields.Read(&field)) {
      case FieldReader::Next::kField:
        break;
      case FieldReader::Next::kEnd:
        return Finish(message);
      case FieldReader::Next::kBad:
        fault_ = std::string(fields.what());
        return false;
    }
    if (in_group_ && field.tag == opener_) message->entries.emplace_back();
    Took took = Took::kNo;
    if (!message->entries.empty()) {
      took = TakeEntry(field, &message->entries.back());
    } else if (in_group_) {
      took = OpenGroup(field, message);
    }
    if (took == Took::kNo) took = TakeHeader(field, message);
    if (took == Took::kNo && message->entries.empty()) {
      took = TakeBody(field, message);
    }
    if (took == Took::kBad) return false;
  }
}

bool Decoder::Finish(Message* message) {
  if (in_group_ && entries_said_ != message->entries.size()) {
    fault_ = absl::StrCat("NoMDEntries(268) is ", entries_said_,
                          ", and there are ", message->entries.size());
    return false;
  }
  const bool market_data =
      message->type == kSnapshot || message->type == kIncremental;
  if (market_data && !in_group_) {
    fault_ = "NoMDEntries(268) is missing";
    return false;
  }
  if (!message->sending_ns.has_value()) {
    fault_ = "SendingTime(52) is missing";
    return false;
  }
  return true;
}

// The first field behind NoMDEntries.
Decoder::Took Decoder::OpenGroup(const Field& field, Message* message) {
  if (entries_said_ == 0) return Took::kNo;
  opener_ = message->type == kSnapshot ? kMdEntryType : kMdUpdateAction;
  if (field.tag != opener_) {
    fault_ = absl::StrCat("the group NoMDEntries(268) begins with tag ",
                          field.tag, ", want ", opener_);
    return Took::kBad;
  }
  message->entries.emplace_back();
  return TakeEntry(field, &message->entries.back());
}

Decoder::Took Decoder::TakeHeader(const Field& field, Message* message) {
  switch (field.tag) {
    case 34:
      return Count(field, "MsgSeqNum", &message->seq);
    case 35:
      message->type = field.value;
      return Took::kYes;
    case 43:
      return Flag(field, "PossDupFlag", &message->poss_dup);
    case 49:
      message->sender = field.value;
      return Took::kYes;
    case 52:
      return Time(field, "SendingTime", &message->sending_ns);
    case 56:
      message->target = field.value;
      return Took::kYes;
    case 122:
      return Time(field, "OrigSendingTime", &message->orig_sending_ns);
    case 1180:
      message->appl_id = field.value;
      return Took::kYes;
    case 1181:
      return Count(field, "ApplSeqNum", &message->appl_seq);
    case 1350:
      return Count(field, "ApplLastSeqNum", &message->appl_last_seq);
    case 1352:
      return Flag(field, "ApplResendFlag", &message->appl_resend);
    default:
      return Took::kNo;
  }
}

Decoder::Took Decoder::TakeBody(const Field& field, Message* message) {
  switch (field.tag) {
    case 36:
      return Count(field, "NewSeqNo", &message->new_seq);
    case 48:
      message->security_id = field.value;
      return Took::kYes;
    case 55:
      message->symbol = field.value;
      return Took::kYes;
    case 60:
      return Time(field, "TransactTime", &message->transact_ns);
    case 123:
      return Flag(field, "GapFillFlag", &message->gap_fill);
    case 141:
      return Flag(field, "ResetSeqNumFlag", &message->reset_seq);
    case kNoMdEntries: {
      if (message->type != kSnapshot && message->type != kIncremental) {
        return Took::kNo;
      }
      if (in_group_) return Bad(field, "NoMDEntries", "comes twice");
      if (!ParseCount(field.value, &entries_said_)) {
        return Bad(field, "NoMDEntries", "is no number");
      }
      in_group_ = true;
      return Took::kYes;
    }
    case 326:
      return Small(field, "SecurityTradingStatus", &message->trading_status);
    case 340:
      return Small(field, "TradSesStatus", &message->session_status);
    case 1021:
      message->top_of_book = field.value == "1";
      return Took::kYes;
    default:
      return Took::kNo;
  }
}

// A table of the tags, in the form of a switch.
// NOLINTNEXTLINE(readability-function-size)
Decoder::Took Decoder::TakeEntry(const Field& field, Entry* entry) {
  switch (field.tag) {
    case 48:
      entry->security_id = field.value;
      break;
    case 55:
      entry->symbol = field.value;
      break;
    case 60:
      return Time(field, "TransactTime", &entry->transact_ns);
    case 83:
      entry->rpt_seq = field.value;
      break;
    case kMdEntryType:
      entry->type = field.value;
      break;
    case 270:
      return Decimal(field, "MDEntryPx", &entry->price);
    case 271:
      return Decimal(field, "MDEntrySize", &entry->size);
    case 272: {
      int64_t ns = 0;
      if (!ParseDateOnly(field.value, &ns)) {
        return Bad(field, "MDEntryDate", "is no date");
      }
      entry->date_ns = ns;
      break;
    }
    case 273: {
      int64_t ns = 0;
      if (!ParseTimeOnly(field.value, &ns)) {
        return Bad(field, "MDEntryTime", "is no time of day");
      }
      entry->time_ns = ns;
      break;
    }
    case 278:
      entry->id = field.value;
      break;
    case kMdUpdateAction:
      if (field.value.size() != 1 || field.value[0] < '0' ||
          '5' < field.value[0]) {
        return Bad(field, "MDUpdateAction", "is none of 0 to 5");
      }
      entry->action = static_cast<Action>(field.value[0]);
      break;
    case 280:
      entry->ref_id = field.value;
      break;
    case 286:
      entry->flag = field.value;
      break;
    case 1003:
      entry->trade_id = field.value;
      break;
    case 1023: {
      std::optional<int> level;
      const Took took = Small(field, "MDPriceLevel", &level);
      if (took == Took::kBad) return took;
      if (*level == 0) return Bad(field, "MDPriceLevel", "is no level");
      entry->level = *level;
      break;
    }
    case 2446:
      entry->aggressor = field.value.size() == 1 ? field.value[0] : ' ';
      break;
    default:
      return Took::kNo;
  }
  return Took::kYes;
}

Decoder::Took Decoder::Time(const Field& field, std::string_view name,
                            std::optional<int64_t>* ns) {
  int64_t value = 0;
  if (!ParseTimestamp(field.value, &value)) {
    return Bad(field, name, "is no UTC time");
  }
  *ns = value;
  return Took::kYes;
}

Decoder::Took Decoder::Count(const Field& field, std::string_view name,
                             std::optional<uint64_t>* count) {
  uint64_t value = 0;
  if (!ParseCount(field.value, &value)) return Bad(field, name, "is no number");
  *count = value;
  return Took::kYes;
}

Decoder::Took Decoder::Flag(const Field& field, std::string_view name,
                            bool* flag) {
  if (field.value != "Y" && field.value != "N") {
    return Bad(field, name, "is neither Y nor N");
  }
  *flag = field.value == "Y";
  return Took::kYes;
}

Decoder::Took Decoder::Decimal(const Field& field, std::string_view name,
                               std::string_view* text) {
  if (!csv::IsDecimal(field.value)) return Bad(field, name, "is no decimal");
  *text = field.value;
  return Took::kYes;
}

Decoder::Took Decoder::Small(const Field& field, std::string_view name,
                             std::optional<int>* number) {
  uint64_t value = 0;
  if (!ParseCount(field.value, &value) || value > 9999) {
    return Bad(field, name, "is no number up to 9999");
  }
  *number = static_cast<int>(value);
  return Took::kYes;
}

Decoder::Took Decoder::Bad(const Field& field, std::string_view name,
                           std::string_view why) {
  fault_ = absl::StrCat(ToAbsl(name), "(", field.tag, ") '",
                        ForTerminal(ShownText(field.value)), "' ", ToAbsl(why));
  return Took::kBad;
}

}  // namespace streamhub::fix
