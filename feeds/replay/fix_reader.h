// The messages of a FIX log, handed to a FixHandler. A record is every message
// that is to be used, heartbeats and other messages without prices too; its
// time is its SendingTime(52).
//
// What is garbled, cannot be read or does not fit is left out, counted and told
// with its place; repeats are dropped and counted. The rest is played, and the
// reader fails at the end if something was left out or is missing. What makes
// it fail at once: damaged compression, and a file with no FIX message.
//
// Before the first message is given out the first ones are surveyed for their
// decimals, so far as nobody said those.

#ifndef STREAMHUB_FEEDS_REPLAY_FIX_READER_H_
#define STREAMHUB_FEEDS_REPLAY_FIX_READER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "feeds/fix/decoder.h"
#include "feeds/fix/fix_handler.h"
#include "feeds/fix/framing.h"
#include "feeds/fix/sequences.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/record_reader.h"
#include "gateway/base/counters.h"

namespace streamhub {

class FixReader final : public RecordReader {
 public:
  // The survey's end, whichever comes first: messages with prices; bytes of
  // messages. A pipe may be slow, so less is waited for.
  static constexpr size_t kSurveyMessages = 10'000;
  static constexpr size_t kSurveyMessagesOfPipe = 1000;
  static constexpr size_t kSurveyBytes = 2 << 20;

  // `handler` and `counters` outlive this. `check`: as in fix/framing.h.
  FixReader(std::unique_ptr<ByteSource> source, fix::FixHandler& handler,
            Counters& counters, fix::Check check = fix::Check::kStrict);

  Next Peek(int wait_ms_max, int64_t* event_ns) override;
  void Apply() override;
  absl::Status status() const override;
  const GapList* gaps() const override;
  int64_t messages() const override { return good_; }
  void TellFindings(Findings* findings) const override;
  int64_t bytes_read() const override { return source_->bytes_read(); }
  int64_t bytes_total() const override { return source_->bytes_total(); }

  // What is missing, what came twice.
  const fix::Sequences& sequences() const { return sequences_; }
  int64_t left_out() const { return bad_; }  // messages
  int64_t entries_left_out() const { return entries_bad_; }

 private:
  enum class Got { kMessage, kGarbled, kWaiting, kEnd, kFailed };
  struct Surveyed {
    std::string bytes;  // of a garbled one what is wrong with it
    char separator;
    fix::Place place;
    bool garbled;
  };

  Got Get(int wait_ms_max);
  Got GetNew(int wait_ms_max);
  bool Survey(int wait_ms_max);
  void Take();
  void TellGap();
  void LeaveOut(std::string_view fault);
  void AddFault(std::string_view what);
  void Fail(std::string_view what);
  std::string Where(const fix::Place& place) const;
  std::string GapsInWords() const;

  const std::unique_ptr<ByteSource> source_;
  fix::FixHandler& handler_;
  Counters& counters_;
  fix::FrameReader frames_;
  fix::Decoder decoder_;
  fix::Sequences sequences_;

  std::deque<Surveyed> surveyed_;  // and not yet played
  size_t surveyed_bytes_ = 0;
  size_t surveyed_priced_ = 0;
  bool survey_done_;

  Surveyed at_hand_ = {};     // of those surveyed
  fix::Frame frame_;          // that was got last
  std::string what_;          // or what is wrong with it
  int reads_left_ = 0;        // that this Peek() may still do
  int messages_left_ = 0;     // likewise
  fix::Message message_;      // found and not yet applied
  bool has_message_ = false;  // there is such a one

  // The sequences' gaps, as of what they had counted then.
  mutable GapList gap_list_;
  mutable int64_t gaps_made_at_ = 0;

  NameCounts by_type_;
  FaultList faults_;
  size_t gaps_told_ = 0;
  int64_t good_ = 0;
  int64_t bad_ = 0;
  int64_t entries_bad_ = 0;
  std::string first_fault_;  // "line 17, byte 1234: ..."
  absl::Status failed_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_FIX_READER_H_
