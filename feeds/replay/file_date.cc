#include "feeds/replay/file_date.h"

#include <charconv>

namespace streamhub {
namespace {

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

bool IsDigitAt(std::string_view text, size_t at) {
  return at < text.size() && IsDigit(text[at]);
}

int Number(std::string_view digits) {
  int number = 0;
  std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return number;
}

std::optional<CalendarDate> IfValid(const CalendarDate& date) {
  return IsValidDate(date) ? std::optional(date) : std::nullopt;
}

std::optional<CalendarDate> OfEightDigits(std::string_view d) {
  const auto year_first = IfValid(
      {Number(d.substr(0, 4)), Number(d.substr(4, 2)), Number(d.substr(6, 2))});
  if (year_first.has_value()) return year_first;
  return IfValid(
      {Number(d.substr(4, 4)), Number(d.substr(0, 2)), Number(d.substr(2, 2))});
}

}  // namespace

std::optional<CalendarDate> DateOfFile(std::string_view path) {
  const size_t slash = path.rfind('/');
  const std::string_view name =
      slash == std::string_view::npos ? path : path.substr(slash + 1);
  for (size_t i = 0; i < name.size();) {
    if (!IsDigit(name[i])) {
      ++i;
      continue;
    }
    size_t end = i;
    while (end < name.size() && IsDigit(name[end])) ++end;
    const std::string_view digits = name.substr(i, end - i);
    std::optional<CalendarDate> date;
    if (digits.size() == 8) {
      date = OfEightDigits(digits);
    } else if (digits.size() == 4 && !IsDigitAt(name, i + 10)) {
      const auto iso = ParseDate(name.substr(i, 10));
      if (iso.ok()) date = *iso;
    } else if (digits.size() == 6 && i > 0 && name[i - 1] == 'S' &&
               name.substr(end).starts_with("-v")) {
      date =
          IfValid({2000 + Number(digits.substr(4, 2)),
                   Number(digits.substr(0, 2)), Number(digits.substr(2, 2))});
    }
    if (date.has_value()) return date;
    i = end;
  }
  return std::nullopt;
}

}  // namespace streamhub
