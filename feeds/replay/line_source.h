// The lines of a recording, some of which may be looked at before they are
// given out. On the feed's thread.

#ifndef STREAMHUB_FEEDS_REPLAY_LINE_SOURCE_H_
#define STREAMHUB_FEEDS_REPLAY_LINE_SOURCE_H_

#include <cstddef>
#include <cstdint>
#include <deque>
#include <memory>
#include <string>
#include <string_view>

#include "feeds/csv/line_reader.h"
#include "feeds/replay/byte_source.h"

namespace streamhub {

class LineSource {
 public:
  // A survey's end, whichever comes first.
  static constexpr size_t kSurveyLines = 1000;
  static constexpr size_t kSurveyBytes = 1 << 20;

  explicit LineSource(std::unique_ptr<ByteSource> source,
                      size_t line_bytes_max = csv::kLineBytesMax);

  enum class Got {
    kLine,
    kTooLong,  // passed over
    kWaiting,  // none has come so far, or the turn is over; ask again
    kEnd,
    kFailed,  // see source().status()
  };

  // So much may be read until the next turn: then the feed gets one, so that it
  // can be stopped amid rubbish of any size.
  void BeginTurn();

  // `*line` is valid until the next call. First come those that were surveyed.
  Got Get(int wait_ms_max, std::string_view* line);

  // Looks at lines that are not given out yet: look(got, line), of kLine or
  // kTooLong, says what becomes of each. False if it has to go on later; how
  // the lines go on after a survey is for Get() to say.
  enum class Look { kKeep, kDrop, kStop };
  template <typename Looker>
  bool Survey(int wait_ms_max, Looker look) {
    while (surveyed_.size() < kSurveyLines && surveyed_bytes_ < kSurveyBytes) {
      std::string_view line;
      const Got got = GetNew(wait_ms_max, &line);
      if (got == Got::kWaiting) return false;
      if (got == Got::kEnd || got == Got::kFailed) return true;
      number_ = lines_.number();
      if (got == Got::kTooLong) line = {};
      const Look said = look(got, line);
      if (said == Look::kDrop) continue;
      Keep(got, line);
      if (said == Look::kStop) return true;
    }
    return true;
  }

  // Of the line that was given out, or looked at, last: 1, 2, ...
  int64_t number() const { return number_; }

  const ByteSource& source() const { return *source_; }

 private:
  struct Line {
    std::string text;
    int64_t number = 0;
    bool too_long = false;
  };

  Got GetNew(int wait_ms_max, std::string_view* line);
  void Keep(Got got, std::string_view line);

  const std::unique_ptr<ByteSource> source_;
  csv::LineReader lines_;
  int lines_left_ = 0;  // of this turn
  int64_t number_ = 0;

  std::deque<Line> surveyed_;  // and not yet given out
  size_t surveyed_bytes_ = 0;
  Line line_;  // the one at hand, of those
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_LINE_SOURCE_H_
