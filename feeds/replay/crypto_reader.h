// The messages of a capture of a crypto venue's WebSocket feed, handed to a
// CryptoHandler. A line that is damaged, or a message that does not fit, is
// left out, counted and told; the others are played, and the reader fails at
// the end. Gaps and books that turn out wrong are logged, the first ones, and
// are no fault of the file: the handler lists them.
//
// The time of a record is the recorder's, the one that every line has and the
// lines are in order of. The ticks have the venue's.
//
// Before the first message is given out the first ones are surveyed: for the
// decimals of their symbols, so far as nobody said those, and for whose a
// snapshot without a symbol is that stands before all updates.

#ifndef STREAMHUB_FEEDS_REPLAY_CRYPTO_READER_H_
#define STREAMHUB_FEEDS_REPLAY_CRYPTO_READER_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "feeds/crypto/crypto_handler.h"
#include "feeds/crypto/decoder.h"
#include "feeds/csv/line_reader.h"
#include "feeds/replay/byte_source.h"
#include "feeds/replay/record_reader.h"
#include "gateway/base/counters.h"

namespace streamhub {

class CryptoReader final : public RecordReader {
 public:
  // The survey's end, whichever comes first.
  static constexpr size_t kSurveyLines = 1000;
  static constexpr size_t kSurveyBytes = 1 << 20;

  // `handler` and `counters` outlive this.
  CryptoReader(std::unique_ptr<ByteSource> source,
               crypto::CryptoHandler& handler, Counters& counters);

  Next Peek(int wait_ms_max, int64_t* event_ns) override;
  void Apply() override;
  absl::Status status() const override;
  // Of books' updates and of trades, as far as the venue numbers them.
  const GapList* gaps() const override { return &gaps_; }
  int64_t messages() const override { return good_; }
  void TellFindings(Findings* findings) const override;
  int64_t bytes_read() const override { return source_->bytes_read(); }
  int64_t bytes_total() const override { return source_->bytes_total(); }

 private:
  enum class Got { kLine, kTooLong, kWaiting, kEnd, kFailed };
  struct Line {
    std::string text;
    int64_t number;
    int64_t offset;
    bool too_long;
  };

  Got GetLine(int wait_ms_max, std::string_view* line);
  Got GetNewLine(int wait_ms_max, std::string_view* line);
  bool Survey(int wait_ms_max);
  bool Read(std::string_view line);
  void LeaveOut(std::string_view fault);
  void TellLoss();
  void NoteLosses(size_t first);

  const std::unique_ptr<ByteSource> source_;
  crypto::CryptoHandler& handler_;
  Counters& counters_;
  crypto::Decoder decoder_;
  csv::LineReader lines_;

  std::deque<Line> surveyed_;  // and not yet played
  size_t surveyed_bytes_ = 0;
  bool survey_done_ = false;

  Line line_ = {};             // the one at hand, of those surveyed
  int64_t number_ = 0;         // of the line at hand
  int64_t offset_ = 0;         // likewise, where it begins
  int lines_left_ = 0;         // that this Peek() may still read
  crypto::Message message_;    // found and not yet applied
  int64_t received_ns_ = 0;    // when the recorder got it
  bool has_message_ = false;   // there is such a one
  bool warned_other_ = false;  // of a channel that is not read

  std::string fault_;  // of the line at hand
  int64_t good_ = 0;
  int64_t bad_ = 0;
  int64_t losses_ = 0;
  std::string_view venue_;  // of the last message
  NameCounts by_type_;
  GapList gaps_;
  FaultList faults_;
  std::string first_fault_;  // "line 17: ..."
  absl::Status failed_;
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_CRYPTO_READER_H_
