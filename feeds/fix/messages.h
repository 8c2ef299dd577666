// What a FIX message says about a market and about its place in its sequence,
// as plain values. The texts point into the message's bytes. Any thread.

#ifndef STREAMHUB_FEEDS_FIX_MESSAGES_H_
#define STREAMHUB_FEEDS_FIX_MESSAGES_H_

#include <cstdint>
#include <optional>
#include <string_view>
#include <vector>

namespace streamhub::fix {

// MsgType(35).
inline constexpr std::string_view kLogon = "A";
inline constexpr std::string_view kSequenceReset = "4";
inline constexpr std::string_view kSnapshot = "W";     // full refresh
inline constexpr std::string_view kIncremental = "X";  // refresh
inline constexpr std::string_view kSecurityStatus = "f";
inline constexpr std::string_view kTradingSessionStatus = "h";

inline constexpr int kMdEntryPx = 270;
inline constexpr int kMdEntrySize = 271;

// MDUpdateAction(279).
enum class Action : char {
  kNew = '0',
  kChange = '1',
  kDelete = '2',
  kDeleteThru = '3',
  kDeleteFrom = '4',
  kOverlay = '5',
};

// One of the group NoMDEntries(268). Text that is absent is empty.
struct Entry {
  Action action = Action::kNew;        // in a snapshot all are new
  std::string_view type;               // MDEntryType(269): one character mostly
  std::string_view symbol;             // 55
  std::string_view security_id;        // 48
  std::string_view id;                 // MDEntryID(278)
  std::string_view ref_id;             // MDEntryRefID(280)
  std::string_view price;              // 270; empty or a decimal
  std::string_view size;               // 271; likewise
  int level = 0;                       // MDPriceLevel(1023), from 1; 0: none
  std::string_view flag;               // OpenCloseSettlFlag(286)
  std::string_view trade_id;           // 1003
  char aggressor = ' ';                // AggressorSide(2446): 1 buys, 2 sells
  std::string_view rpt_seq;            // 83
  std::optional<int64_t> date_ns;      // MDEntryDate(272), its midnight
  std::optional<int64_t> time_ns;      // MDEntryTime(273), since midnight
  std::optional<int64_t> transact_ns;  // TransactTime(60) of the entry
};

struct Message {
  std::string_view type;
  std::string_view sender;                 // SenderCompID(49)
  std::string_view target;                 // TargetCompID(56)
  std::optional<uint64_t> seq;             // MsgSeqNum(34)
  bool poss_dup = false;                   // PossDupFlag(43)
  std::optional<int64_t> sending_ns;       // SendingTime(52)
  std::optional<int64_t> orig_sending_ns;  // OrigSendingTime(122)

  std::string_view appl_id;               // 1180
  std::optional<uint64_t> appl_seq;       // ApplSeqNum(1181)
  std::optional<uint64_t> appl_last_seq;  // ApplLastSeqNum(1350)
  bool appl_resend = false;               // ApplResendFlag(1352)

  bool reset_seq = false;           // ResetSeqNumFlag(141), of a Logon
  bool gap_fill = false;            // GapFillFlag(123), of a SequenceReset
  std::optional<uint64_t> new_seq;  // NewSeqNo(36), likewise

  std::string_view symbol;             // 55
  std::string_view security_id;        // 48
  std::optional<int64_t> transact_ns;  // TransactTime(60)
  std::optional<int> trading_status;   // SecurityTradingStatus(326)
  std::optional<int> session_status;   // TradSesStatus(340)
  bool top_of_book = false;            // MDBookType(1021) is 1
  std::vector<Entry> entries;          // of a snapshot or an incremental
};

// What the instrument is called: its Symbol, or, where that is absent or
// "[N/A]", its SecurityID. Empty: neither.
inline std::string_view CodeOf(std::string_view symbol,
                               std::string_view security_id) {
  if (symbol.empty()) return security_id;
  return symbol == "[N/A]" && !security_id.empty() ? security_id : symbol;
}

}  // namespace streamhub::fix

#endif  // STREAMHUB_FEEDS_FIX_MESSAGES_H_
