#include "gateway/cli/doctor_report.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>
#include <absl/strings/str_replace.h>

#include <algorithm>

#include "gateway/base/clock.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"
#include "gateway/codec/json.h"

namespace streamhub {
namespace {

std::string Milliseconds(int64_t ns) {
  return ns < 0 ? "-"
                : absl::StrFormat(
                      "%.1f", static_cast<double>(ns) / double{kMillisecond});
}

int64_t HeldBackUs(const Diagnoses& all, const DoctorFacts& facts) {
  if (!all.clock_us.has_value() || facts.lag_us_max == INT64_MIN) return -1;
  return facts.lag_us_max - *all.clock_us;
}

std::string Row(const Diagnoses& all, const Diagnosis& door) {
  const DoctorFacts& f = door.facts;
  if (door.verdict == Verdict::kClosed) {
    return absl::StrFormat("%-10s %-14s %s\n", ToAbsl(NameOf(f.door)),
                           ToAbsl(NameOf(door.verdict)), door.findings[0].text);
  }
  const int64_t held_us = HeldBackUs(all, f);
  return absl::StrFormat(
      "%-10s %-14s %9s %9s %9s %9s %9s %8d\n", ToAbsl(NameOf(f.door)),
      ToAbsl(NameOf(door.verdict)), Milliseconds(f.connected_ns),
      Milliseconds(f.first_byte_ns), Milliseconds(f.hello_ns),
      Milliseconds(f.update_ns),
      Milliseconds(held_us < 0 ? -1 : held_us * kMicrosecond), f.messages);
}

void AppendIndented(std::string_view lines, std::string* out) {
  absl::StrAppend(out, "      ",
                  absl::StrReplaceAll(ToAbsl(lines), {{"\n", "\n      "}}),
                  "\n");
}

void AppendMember(std::string_view key, std::string_view text,
                  std::string* out) {
  absl::StrAppend(out, ",\"", ToAbsl(key), "\":");
  AppendString(ForTerminal(text), out);
}

void AppendMs(std::string_view key, int64_t ns, std::string* out) {
  absl::StrAppend(out, ",\"", ToAbsl(key),
                  "\":", ns < 0 ? "null" : Milliseconds(ns));
}

void AppendFindings(const std::vector<Finding>& findings, std::string* out) {
  absl::StrAppend(out, ",\"findings\":[");
  for (const Finding& finding : findings) {
    if (out->back() != '[') *out += ',';
    *out += "{\"code\":";
    AppendString(finding.code, out);
    AppendMember("text", finding.text, out);
    absl::StrAppend(out, ",\"note\":", finding.note ? "true" : "false", "}");
  }
  *out += ']';
}

std::string_view Word(Verdict verdict) {
  switch (verdict) {
    case Verdict::kGood:
      return "good";
    case Verdict::kLimited:
      return "limited";
    case Verdict::kBroken:
      return "broken";
    case Verdict::kClosed:
      return "closed";
  }
  return "";
}

void AppendDoor(const Diagnoses& all, const Diagnosis& door, std::string* out) {
  const DoctorFacts& f = door.facts;
  const int64_t held_us = HeldBackUs(all, f);
  absl::StrAppend(out, "{\"name\":\"", ToAbsl(NameOf(f.door)),
                  "\",\"verdict\":\"", ToAbsl(Word(door.verdict)), "\"");
  absl::StrAppend(out, ",\"status\":",
                  f.head.status == 0 ? "null" : std::to_string(f.head.status));
  AppendMs("connect_ms", f.connected_ns, out);
  AppendMs("first_byte_ms", f.first_byte_ns, out);
  AppendMs("hello_ms", f.hello_ns, out);
  AppendMs("update_ms", f.update_ns, out);
  AppendMs("round_trip_ms", f.round_trip_ns, out);
  AppendMs("held_back_ms", held_us < 0 ? -1 : held_us * kMicrosecond, out);
  AppendMs("silence_ms", f.silence_ns, out);
  AppendMs("ended_ms", f.ended_ns, out);
  absl::StrAppend(out, ",\"messages\":", f.messages, ",\"bytes\":", f.bytes);
  AppendMember("server", ShownText(f.head.Field("Server")), out);
  AppendMember("via", ShownText(f.head.Field("Via")), out);
  AppendFindings(door.findings, out);
  *out += '}';
}

}  // namespace

std::string DoctorText(std::string_view url, const Diagnoses& diagnoses) {
  std::string out = absl::StrCat(ForTerminal(url), "\n\n");
  absl::StrAppendFormat(&out, "%-10s %-14s %9s %9s %9s %9s %9s %8s\n", "ms",
                        "verdict", "connect", "1st byte", "hello", "update",
                        "late by", "messages");
  for (const Diagnosis& door : diagnoses.doors) out += Row(diagnoses, door);
  out += "\n";
  for (const Diagnosis& door : diagnoses.doors) {
    if (door.verdict == Verdict::kClosed) continue;
    for (const Finding& finding : door.findings) {
      absl::StrAppend(&out, finding.note ? "  note: " : "  ",
                      ToAbsl(NameOf(door.facts.door)), ": ",
                      ForTerminal(finding.text), "\n");
    }
  }
  for (const Finding& finding : diagnoses.findings) {
    absl::StrAppend(&out, "  ", finding.text, "\n");
  }
  if (!diagnoses.through.empty()) {
    absl::StrAppend(
        &out, "  answers come through: ", ForTerminal(diagnoses.through), "\n");
  }
  if (diagnoses.choice.has_value()) {
    absl::StrAppend(&out, "  the client would choose: ",
                    ToAbsl(NameOf(*diagnoses.choice)), "\n");
  } else {
    out += "  nothing works\n";
  }
  for (const Cure& cure : diagnoses.cures) {
    absl::StrAppend(&out, "\n", ToAbsl(cure.title), "\n    nginx\n");
    AppendIndented(cure.nginx, &out);
    out += "    HAProxy\n";
    AppendIndented(cure.haproxy, &out);
    out += "    Caddy\n";
    AppendIndented(cure.caddy, &out);
  }
  return out;
}

std::string DoctorJson(std::string_view url, const Diagnoses& diagnoses) {
  std::string out = "{\"url\":";
  AppendString(ForTerminal(url), &out);
  absl::StrAppend(&out, ",\"verdict\":\"", ToAbsl(Word(diagnoses.verdict)),
                  "\",\"choice\":");
  if (diagnoses.choice.has_value()) {
    AppendString(NameOf(*diagnoses.choice), &out);
  } else {
    out += "null";
  }
  absl::StrAppend(&out, ",\"clock_ms\":",
                  diagnoses.clock_us.has_value()
                      ? std::to_string(*diagnoses.clock_us / 1000)
                      : "null");
  AppendMember("through", diagnoses.through, &out);
  AppendFindings(diagnoses.findings, &out);
  out += ",\"transports\":[";
  for (const Diagnosis& door : diagnoses.doors) {
    if (out.back() != '[') out += ',';
    AppendDoor(diagnoses, door, &out);
  }
  out += "],\"cures\":[";
  for (const Cure& cure : diagnoses.cures) {
    if (out.back() != '[') out += ',';
    out += "{\"title\":";
    AppendString(cure.title, &out);
    for (const auto& [key, lines] :
         {std::pair{"nginx", cure.nginx}, std::pair{"haproxy", cure.haproxy},
          std::pair{"caddy", cure.caddy}}) {
      absl::StrAppend(&out, ",\"", key, "\":");
      AppendString(lines, &out);
    }
    out += '}';
  }
  return out + "]}\n";
}

std::string DoctorJson(std::string_view url, const absl::Status& error) {
  std::string out = "{\"url\":";
  AppendString(ForTerminal(url), &out);
  absl::StrAppend(&out, ",\"verdict\":\"", ToAbsl(Word(Verdict::kBroken)),
                  "\",\"error\":");
  AppendString(ForTerminal(FromAbsl(error.message())), &out);
  return out + "}\n";
}

}  // namespace streamhub
