#include "feeds/replay/replay_time.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <chrono>
#include <ctime>
#include <optional>

#include "feeds/csv/time_text.h"
#include "gateway/base/clock.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"

namespace streamhub {
namespace {

constexpr int64_t kDayNs = 86'400 * kSecond;

bool IsDigit(char c) { return c >= '0' && c <= '9'; }

// Two digits at the front of `*text`, below `end`.
bool TakeTwo(std::string_view* text, int end, int* value) {
  if (text->size() < 2 || !IsDigit((*text)[0]) || !IsDigit((*text)[1])) {
    return false;
  }
  *value = ((*text)[0] - '0') * 10 + ((*text)[1] - '0');
  text->remove_prefix(2);
  return *value < end;
}

bool TakeChar(std::string_view* text, char wanted) {
  if (!text->starts_with(wanted)) return false;
  text->remove_prefix(1);
  return true;
}

// HH:MM[:SS[.fffffffff]].
std::optional<int64_t> TimeOfDay(std::string_view text) {
  int hours = 0, minutes = 0, seconds = 0;
  if (!TakeTwo(&text, 24, &hours) || !TakeChar(&text, ':') ||
      !TakeTwo(&text, 60, &minutes)) {
    return std::nullopt;
  }
  if (!text.empty() &&
      !(TakeChar(&text, ':') && TakeTwo(&text, 60, &seconds))) {
    return std::nullopt;
  }
  int64_t ns = ((hours * 60 + minutes) * 60 + seconds) * kSecond;
  if (text.empty()) return ns;
  if (!TakeChar(&text, '.') || text.empty() || text.size() > 9) {
    return std::nullopt;
  }
  int64_t unit = kSecond / 10;
  for (const char c : text) {
    if (!IsDigit(c)) return std::nullopt;
    ns += (c - '0') * unit;
    unit /= 10;
  }
  return ns;
}

// Does it say how far its clock is from UTC, as RFC 3339 wants it?
bool HasOffset(std::string_view text) {
  if (text.find('T') != 10) return false;
  if (text.ends_with('Z')) return true;
  if (text.size() < 6) return false;
  const std::string_view end = text.substr(text.size() - 6);
  return (end[0] == '+' || end[0] == '-') && end[3] == ':';
}

}  // namespace

int64_t ReplayTime::NsAt(int64_t reference_ns, const SessionTime& zone) const {
  if (!of_day) return ns;
  // From two days before it is a midnight or two to that of the day.
  int64_t midnight_ns =
      zone.NextNs(reference_ns - 2 * kDayNs, std::chrono::seconds(0));
  for (int64_t next_ns = midnight_ns; next_ns <= reference_ns;) {
    midnight_ns = next_ns;
    next_ns = zone.NextNs(midnight_ns, std::chrono::seconds(0));
  }
  const std::chrono::seconds whole(ns / kSecond);
  return zone.NextNs(midnight_ns - 1, whole) + ns % kSecond;
}

absl::StatusOr<ReplayTime> ParseReplayTime(std::string_view text) {
  if (const auto of_day = TimeOfDay(text); of_day.has_value()) {
    return ReplayTime{true, *of_day};
  }
  const auto utc = SessionTime::Create("UTC");
  if (!utc.ok()) return utc.status();
  ReplayTime time;
  if (HasOffset(text) &&
      csv::TimeReader(csv::TimeForm(), *utc, 0).Read(text, &time.ns)) {
    return time;
  }
  return absl::InvalidArgumentError(
      absl::StrCat("'", ShownText(text), "' is no time like 14:30, ",
                   "14:30:05.25 or 2024-01-02T14:30:00Z"));
}

std::string FormatUtc(int64_t ns) {
  int64_t fraction = ns % kSecond;
  if (fraction < 0) fraction += kSecond;
  const std::time_t seconds = (ns - fraction) / kSecond;
  std::tm utc{};
  gmtime_r(&seconds, &utc);
  char text[32];
  const size_t size = std::strftime(text, sizeof text, "%FT%T", &utc);
  std::string out(text, size);
  if (fraction != 0) {
    std::string digits = std::to_string(fraction);
    digits.insert(0, 9 - digits.size(), '0');
    digits.erase(digits.find_last_not_of('0') + 1);
    absl::StrAppend(&out, ".", digits);
  }
  return out + "Z";
}

}  // namespace streamhub
