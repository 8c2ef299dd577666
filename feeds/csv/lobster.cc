#include "feeds/csv/lobster.h"

#include <algorithm>

#include "feeds/csv/decimal.h"
#include "gateway/base/clock.h"

namespace streamhub::csv {
namespace {

constexpr int64_t kNoPrice = 9'999'999'999;
constexpr int64_t kDayNsEnd = 25 * 3600 * kSecond;

// Takes numbers off the front of a line.
class Numbers {
 public:
  explicit Numbers(std::string_view line) : left_(line) {}

  // The next one, with so many decimals; false if it is missing or none.
  bool Next(int decimals, int64_t* number) {
    if (at_end_) return false;
    const size_t comma = std::min(left_.find(','), left_.size());
    std::string_view text = left_.substr(0, comma);
    at_end_ = comma == left_.size();
    left_.remove_prefix(at_end_ ? comma : comma + 1);
    while (text.starts_with(' ')) text.remove_prefix(1);
    while (text.ends_with(' ')) text.remove_suffix(1);
    return ParseScaled(text, decimals, number) == Fit::kFits;
  }

  bool at_end() const { return at_end_; }
  std::string_view left() const { return left_; }

 private:
  std::string_view left_;
  bool at_end_ = false;
};

bool ReadLevel(Numbers& numbers, TopLevel* level) {
  if (!numbers.Next(0, &level->price) || !numbers.Next(0, &level->size) ||
      level->size < 0) {
    return false;
  }
  if (level->price == kNoPrice || level->price == -kNoPrice) *level = {};
  return true;
}

}  // namespace

const char* ParseLobsterMessage(std::string_view line,
                                LobsterMessage* message) {
  Numbers numbers(line);
  int64_t type = 0;
  int64_t direction = 0;
  if (!numbers.Next(9, &message->since_midnight_ns) ||
      message->since_midnight_ns < 0 ||
      message->since_midnight_ns >= kDayNsEnd) {
    return "its first column is no time, in seconds since midnight";
  }
  if (!numbers.Next(0, &type) || type < 1 || type > 7) {
    return "its second column is no type, from 1 to 7";
  }
  message->type = static_cast<LobsterType>(type);
  if (!numbers.Next(0, &message->order)) {
    return "its third column is no order's number";
  }
  if (!numbers.Next(0, &message->shares) || message->shares < 0) {
    return "its fourth column is no number of shares";
  }
  if (!numbers.Next(0, &message->price)) return "its fifth column is no price";
  if (!numbers.Next(0, &direction) || (direction != 1 && direction != -1)) {
    return "its sixth column is neither 1 nor -1";
  }
  message->buy = direction == 1;
  return numbers.at_end() ? nullptr : "has more than six columns";
}

const char* ParseLobsterBook(std::string_view line, LobsterBook* book) {
  *book = {};
  Numbers numbers(line);
  for (; book->levels < kTopDepth && !numbers.at_end(); ++book->levels) {
    if (!ReadLevel(numbers, &book->asks[book->levels]) ||
        !ReadLevel(numbers, &book->bids[book->levels])) {
      return "is no row of levels, four numbers each";
    }
  }
  if (numbers.at_end()) return nullptr;
  const std::string_view rest = numbers.left();
  const auto more =
      static_cast<size_t>(std::count(rest.begin(), rest.end(), ',')) + 1;
  if (more % 4 != 0) return "is no row of levels, four numbers each";
  book->levels += more / 4;
  return nullptr;
}

}  // namespace streamhub::csv
