// What is missing of FIX messages, and what came twice: the numbers of each
// session, and of each application stream. Pure, one thread.
//
// Sessions, "FIX 4.4", volume 2, "Session Protocol": one for each direction,
// SenderCompID(49) and TargetCompID(56), by MsgSeqNum(34).
// - The first number that is seen begins; a later one that leaves numbers out
//   makes a gap, until they come with PossDupFlag(43). Garbled messages use up
//   no number, so they make gaps.
// - A number that came before is a repeat with PossDupFlag, else it is too low:
//   the message is not to be used either way.
// - Logon(A) with ResetSeqNumFlag(141), or with a number that came before, and
//   any message of number 1 begin anew. What is missing of the former run stays
//   missing.
// - SequenceReset(4) goes on with NewSeqNo(36); with GapFillFlag(123) what it
//   leaves out was nothing to tell, without it is lost. It never goes back.
//
// Application streams, "FIX 5.0 SP2", volume 1, "Application Sequencing": by
// ApplSeqNum(1181) of each ApplID(1180).
// - Several messages in a row may have one number: parts of one thing, counted.
// - ApplLastSeqNum(1350) is the number before, where it is told.
// - What came before is a repeat with ApplResendFlag(1352) or PossDupFlag, else
//   the stream begins anew there.

#ifndef STREAMHUB_FEEDS_FIX_SEQUENCES_H_
#define STREAMHUB_FEEDS_FIX_SEQUENCES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "feeds/fix/framing.h"
#include "feeds/fix/messages.h"

namespace streamhub::fix {

// Numbers `first` to `last` never came.
struct Gap {
  size_t stream = 0;  // of Sequences::name()
  uint64_t first = 0;
  uint64_t last = 0;
  Place place;       // of the message that showed it
  bool open = true;  // it may still be filled

  friend bool operator==(const Gap&, const Gap&) = default;
};

class Sequences {
 public:
  static constexpr size_t kStreamsMax = 1024;
  static constexpr size_t kGapsMax = 4096;

  enum class Verdict {
    kUse,
    kRepeat,  // came before, and says so
    kTooLow,  // came before, and does not say so
  };

  // Of each message, in their order.
  Verdict On(const Message& message, const Place& place);

  // What is missing now, in the order in which it was found, one stream's
  // numbers after the other's. At most kGapsMax; further ones are counted.
  const std::vector<Gap>& gaps() const { return gaps_; }
  int64_t gaps_untold() const { return gaps_untold_; }
  // Grows whenever gaps() changed.
  int64_t gap_changes() const { return gap_changes_; }

  // Of a stream: "FXFEED>GATEWAY" of a session, the ApplID of an application.
  const std::string& name(size_t stream) const { return streams_[stream].name; }
  size_t streams() const { return streams_.size(); }

  int64_t repeats() const { return repeats_; }
  int64_t too_low() const { return too_low_; }
  int64_t filled() const { return filled_; }      // numbers that came late
  int64_t restarts() const { return restarts_; }  // of sessions and streams
  // Messages with the ApplSeqNum of the one before.
  int64_t shared() const { return shared_; }

 private:
  struct Stream {
    std::string name;
    size_t sender_bytes = 0;  // where in it the sender ends
    size_t target_at = 0;     // and the target begins
    bool application = false;
    uint64_t next = 0;  // 0: nothing came so far
  };

  // kStreamsMax: there are too many.
  size_t Find(bool application, std::string_view sender,
              std::string_view target);
  Verdict OnSession(size_t stream, const Message& message, const Place& place);
  Verdict OnApplication(size_t stream, const Message& message,
                        const Place& place);
  void OnReset(size_t stream, const Message& message, const Place& place);
  void AddGap(size_t stream, uint64_t first, uint64_t last, const Place& place);
  bool Fill(size_t stream, uint64_t first, uint64_t last);
  void Restart(size_t stream, uint64_t next);

  std::vector<Stream> streams_;
  size_t last_found_[2] = {kStreamsMax, kStreamsMax};  // by `application`
  std::vector<Gap> gaps_;
  int64_t gaps_untold_ = 0;
  int64_t gap_changes_ = 0;
  int64_t repeats_ = 0;
  int64_t too_low_ = 0;
  int64_t filled_ = 0;
  int64_t restarts_ = 0;
  int64_t shared_ = 0;
};

}  // namespace streamhub::fix

#endif  // STREAMHUB_FEEDS_FIX_SEQUENCES_H_
