#include "feeds/csv/time_text.h"

#include <absl/strings/str_cat.h>

#include <chrono>

#include "feeds/csv/decimal.h"
#include "gateway/base/clock.h"
#include "gateway/base/strings.h"

namespace streamhub::csv {
namespace {

constexpr int kNsDecimals = 9;
constexpr int64_t kDayNsEnd = 25 * 3600 * kSecond;
// 2201-01-01, where CalendarDate ends, too: far from overflow.
constexpr int64_t kTimeNsEnd = int64_t{84371} * 86400 * kSecond;

struct NamedForm {
  std::string_view name;
  TimeForm form;
};
constexpr NamedForm kForms[] = {
    {"iso", {TimeForm::Base::kDateTime, 0}},
    {"s-of-day", {TimeForm::Base::kMidnight, 0}},
    {"ms-of-day", {TimeForm::Base::kMidnight, 3}},
    {"us-of-day", {TimeForm::Base::kMidnight, 6}},
    {"ns-of-day", {TimeForm::Base::kMidnight, 9}},
    {"unix-s", {TimeForm::Base::kEpoch, 0}},
    {"unix-ms", {TimeForm::Base::kEpoch, 3}},
    {"unix-us", {TimeForm::Base::kEpoch, 6}},
    {"unix-ns", {TimeForm::Base::kEpoch, 9}},
};

// Takes pieces off the front of a text; once one is missing, all are.
class Pieces {
 public:
  explicit Pieces(std::string_view text) : left_(text) {}

  // So many digits, as a number; 0 if they are missing.
  int Digits(size_t count) {
    int number = 0;
    for (size_t i = 0; i < count && good_; ++i) {
      good_ = i < left_.size() && '0' <= left_[i] && left_[i] <= '9';
      if (good_) number = number * 10 + (left_[i] - '0');
    }
    if (!good_) return 0;
    left_.remove_prefix(count);
    return number;
  }

  // Takes one of `which` if it is next: that one, else '\0'.
  char Maybe(std::string_view which) {
    if (left_.empty() || which.find(left_[0]) == which.npos) return '\0';
    const char found = left_[0];
    left_.remove_prefix(1);
    return found;
  }

  void Want(std::string_view which) {
    if (Maybe(which) == '\0') good_ = false;
  }

  // Digits up to the ninth, which are ns; further ones make it bad.
  int64_t Fraction() {
    size_t count = 0;
    while (count < left_.size() && '0' <= left_[count] && left_[count] <= '9') {
      ++count;
    }
    if (count == 0 || count > kNsDecimals) {
      good_ = false;
      return 0;
    }
    int64_t ns = Digits(count);
    for (; count < kNsDecimals; ++count) ns *= 10;
    return ns;
  }

  bool Done() const { return good_ && left_.empty(); }
  bool AtEnd() const { return left_.empty(); }

 private:
  std::string_view left_;
  bool good_ = true;
};

int64_t UtcMidnightNs(const CalendarDate& d) {
  namespace chr = std::chrono;
  const chr::sys_days days = chr::year(d.year) /
                             static_cast<unsigned>(d.month) /
                             static_cast<unsigned>(d.day);
  return chr::nanoseconds(days.time_since_epoch()).count();
}

}  // namespace

std::optional<TimeForm> FindTimeForm(std::string_view name) {
  for (const NamedForm& known : kForms) {
    if (known.name == name) return known.form;
  }
  return std::nullopt;
}

std::string_view NameOf(const TimeForm& form) {
  for (const NamedForm& known : kForms) {
    if (known.form == form) return known.name;
  }
  return {};
}

std::string TimeFormNames() {
  std::string names;
  for (const NamedForm& known : kForms) {
    absl::StrAppend(&names, names.empty() ? "" : ", ", ToAbsl(known.name));
  }
  return names;
}

bool TimeReader::Read(std::string_view text, int64_t* ns) const {
  return form_.base == TimeForm::Base::kDateTime ? ReadDateTime(text, ns)
                                                 : ReadCount(text, ns);
}

bool TimeReader::ReadCount(std::string_view text, int64_t* ns) const {
  int64_t count_ns = 0;
  if (ParseScaled(text, kNsDecimals - form_.decimals, &count_ns) !=
          Fit::kFits ||
      count_ns < 0 || count_ns >= kTimeNsEnd) {
    return false;
  }
  if (form_.base == TimeForm::Base::kMidnight) {
    if (count_ns >= kDayNsEnd) return false;
    count_ns += midnight_ns_;
  }
  *ns = count_ns;
  return true;
}

bool TimeReader::ReadDateTime(std::string_view text, int64_t* ns) const {
  Pieces pieces(text);
  CalendarDate date;
  date.year = pieces.Digits(4);
  const bool dashes = pieces.Maybe("-") != '\0';
  date.month = pieces.Digits(2);
  if (dashes) pieces.Want("-");
  date.day = pieces.Digits(2);
  pieces.Want("T ");
  const int hour = pieces.Digits(2);
  pieces.Want(":");
  const int minute = pieces.Digits(2);
  pieces.Want(":");
  const int second = pieces.Digits(2);
  const int64_t fraction_ns = pieces.Maybe(".") != '\0' ? pieces.Fraction() : 0;
  const char sign = pieces.Maybe("Z+-");
  int offset_hours = 0;
  int offset_minutes = 0;
  if (sign == '+' || sign == '-') {
    offset_hours = pieces.Digits(2);
    const bool colon = pieces.Maybe(":") != '\0';
    if (colon || !pieces.AtEnd()) offset_minutes = pieces.Digits(2);
  }
  if (!pieces.Done() || !IsValidDate(date) || hour > 23 || minute > 59 ||
      second > 59 || offset_hours > 14 || offset_minutes > 59) {
    return false;
  }
  const std::chrono::seconds time_of_day(hour * 3600 + minute * 60 + second);
  if (sign == '\0') {
    *ns = zone_.AtNs(date, time_of_day) + fraction_ns;
    return true;
  }
  const int64_t ahead_s = offset_hours * 3600 + offset_minutes * 60;
  *ns = UtcMidnightNs(date) + fraction_ns +
        (time_of_day.count() + (sign == '-' ? ahead_s : -ahead_s)) * kSecond;
  return true;
}

}  // namespace streamhub::csv
