#include "gateway/cli/inspect_report.h"

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>
#include <cstddef>
#include <string_view>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/base/json_text.h"
#include "gateway/base/session_id.h"
#include "gateway/base/strings.h"
#include "gateway/base/utc_text.h"
#include "gateway/base/utf8.h"

namespace streamhub {
namespace {

constexpr size_t kListMax = 20;  // of a list in the text
constexpr size_t kLostMax = 10;  // each has a line
constexpr size_t kTopMax = 5;    // symbols that are told of one by one

// A line with its name in front: "  messages  12012".
void Line(std::string_view name, std::string_view what, std::string* out) {
  absl::StrAppendFormat(out, "  %-9s %s\n", std::string(name),
                        ForTerminal(what));
}

void More(size_t shown, int64_t all, std::string* list) {
  const int64_t more = all - static_cast<int64_t>(shown);
  if (more > 0) absl::StrAppend(list, ", and ", more, " more");
}

std::string Counts(Findings::Counts counts) {
  std::stable_sort(
      counts.begin(), counts.end(),
      [](const auto& a, const auto& b) { return a.second > b.second; });
  std::string list;
  for (const auto& [name, count] : counts) {
    absl::StrAppend(&list, list.empty() ? "" : ", ", name, " ", count);
  }
  return list;
}

std::string Seconds(int64_t ns) {
  return absl::StrFormat(
      "%.3f s", static_cast<double>(ns) / static_cast<double>(kSecond));
}

std::string TimesText(const Inspection& found) {
  if (!found.first_ns.has_value()) return "none";
  return absl::StrCat(UtcText(*found.first_ns), " to ", UtcText(*found.last_ns),
                      ", ", Seconds(*found.last_ns - *found.first_ns));
}

std::string PeakText(const Inspection& found) {
  return absl::StrCat(found.second.messages, " in the second from ",
                      UtcText(found.second.from_ns), ", ", found.tenth.messages,
                      " in the 100 ms from ", UtcText(found.tenth.from_ns));
}

std::string SymbolsText(const Inspection& found) {
  std::string list = absl::StrCat(found.symbols.size());
  size_t shown = 0;
  for (; shown < std::min(kListMax, found.symbols.size()); ++shown) {
    absl::StrAppend(&list, shown == 0 ? ": " : ", ", found.symbols[shown].code);
  }
  More(shown, static_cast<int64_t>(found.symbols.size()), &list);
  return list;
}

std::string GapsText(const Inspection& found) {
  if (found.gaps.gaps() == 0) return "none";
  std::string list = absl::StrCat(found.gaps.gaps(), ", ",
                                  found.gaps.messages(), " messages lost");
  std::string_view session;
  size_t shown = 0;
  for (const Gap& gap : found.gaps.kept()) {
    if (shown == kListMax) break;
    const bool first = shown++ == 0;
    if (first || gap.session != session) {
      absl::StrAppend(&list, first ? ": " : "; ", gap.session, " ", gap.first);
      session = gap.session;
    } else {
      absl::StrAppend(&list, ", ", gap.first);
    }
    if (gap.last != gap.first) absl::StrAppend(&list, "-", gap.last);
  }
  More(shown, found.gaps.gaps(), &list);
  return list;
}

void AppendLost(const Findings& findings, std::string* out) {
  const size_t shown = std::min(kLostMax, findings.lost.size());
  for (size_t i = 0; i < shown; ++i) {
    const LostRecords& lost = findings.lost[i];
    Line("",
         absl::StrCat(lost.records, " records lost from ",
                      UtcText(lost.from_ns), " to ", UtcText(lost.to_ns)),
         out);
  }
  if (findings.lost.size() == shown) return;
  Line("", absl::StrCat("and ", findings.lost.size() - shown, " more"), out);
}

std::string PlaceOf(const Fault& fault, bool compressed) {
  return absl::StrCat(
      compressed && !fault.in_file ? "decompressed byte " : "byte ",
      fault.offset, fault.line > 0 ? absl::StrCat(", line ", fault.line) : "");
}

void AppendFaults(const Inspection& found, std::string* out) {
  const FaultList& faults = found.findings.faults;
  if (faults.faults() == 0) {
    // What is lost is told by the gaps.
    const bool none =
        found.status.ok() || found.gaps.gaps() > 0 || found.IsWhole();
    return Line("errors", none ? "none" : FromAbsl(found.status.message()),
                out);
  }
  Line("errors", absl::StrCat(faults.faults()), out);
  size_t shown = 0;
  for (const Fault& fault : faults.kept()) {
    if (shown == kListMax) break;
    ++shown;
    Line("",
         absl::StrCat(PlaceOf(fault, found.findings.compressed), ": ",
                      fault.what),
         out);
  }
  const int64_t more = faults.faults() - static_cast<int64_t>(shown);
  if (more > 0) Line("", absl::StrCat("and ", more, " more"), out);
}

void AppendSent(const Inspection& found, std::string* out) {
  if (found.findings.sent_total == 0) return;
  Line("sent", absl::StrCat(found.findings.sent_total), out);
  for (const SentText& sent : found.findings.sent) {
    Line("",
         absl::StrCat(
             UtcText(sent.time_ns), "  session ", SessionText(sent.session),
             "  ", sent.transport, " ", sent.encoding, "  batch ", sent.batch,
             sent.symbol.empty() ? "" : "  ", sent.symbol, "  ",
             SentBytesText(sent),
             sent.cut > 0 ? absl::StrCat(" (and ", sent.cut, " bytes more)")
                          : std::string()),
         out);
  }
  const auto shown = static_cast<int64_t>(found.findings.sent.size());
  if (found.findings.sent_total > shown) {
    Line("", absl::StrCat("and ", found.findings.sent_total - shown, " more"),
         out);
  }
}

}  // namespace

std::vector<InspectedSymbol> BusiestSymbols(const Inspection& found) {
  std::vector<InspectedSymbol> top(std::min(kTopMax, found.symbols.size()));
  std::partial_sort_copy(
      found.symbols.begin(), found.symbols.end(), top.begin(), top.end(),
      [](const InspectedSymbol& a, const InspectedSymbol& b) {
        if (a.ticks + a.trades != b.ticks + b.trades) {
          return a.ticks + a.trades > b.ticks + b.trades;
        }
        return a.code < b.code;
      });
  return top;
}

std::string VolumeText(const InspectedSymbol& symbol) {
  std::string volume;
  AppendDecimal(symbol.volume, symbol.quantity_decimals, &volume);
  return volume;
}

std::string SentBytesText(const SentText& sent) {
  if (IsValidUtf8(sent.bytes)) return sent.bytes;
  return absl::StrCat(sent.bytes.size(), " bytes that are no text");
}

std::string InspectionText(const Inspection& found) {
  const Findings& findings = found.findings;
  std::string text = ForTerminal(found.path) + "\n";
  Line("format",
       absl::StrCat(ToAbsl(NameOf(found.kind)),
                    findings.detail.empty() ? "" : ", ", findings.detail),
       &text);
  Line("size",
       findings.compressed ? absl::StrCat(found.bytes, " bytes, ",
                                          findings.plain_bytes, " decompressed")
                           : absl::StrCat(found.bytes, " bytes"),
       &text);
  Line("messages",
       absl::StrCat(found.messages, " in ", found.records, " records, ",
                    found.ticks, " ticks, ", found.trades, " trades"),
       &text);
  if (!findings.by_type.empty()) {
    Line("by type", Counts(findings.by_type), &text);
  }
  if (!findings.others.empty()) Line("besides", Counts(findings.others), &text);
  Line("times", TimesText(found), &text);
  if (found.second.messages > 0) Line("peaks", PeakText(found), &text);
  Line("symbols", SymbolsText(found), &text);
  for (const InspectedSymbol& symbol : BusiestSymbols(found)) {
    Line("",
         absl::StrCat(symbol.code, "  ", symbol.ticks, " ticks, ",
                      symbol.trades, " trades, volume ", VolumeText(symbol)),
         &text);
  }
  Line("gaps", GapsText(found), &text);
  AppendLost(findings, &text);
  AppendFaults(found, &text);
  AppendSent(found, &text);
  return text;
}

std::string InspectionSumText(std::span<const Inspection> all) {
  Inspection sum;
  int64_t gaps = 0, errors = 0, whole = 0;
  uint64_t lost = 0;
  for (const Inspection& one : all) {
    sum.bytes += one.bytes;
    sum.messages += one.messages;
    sum.records += one.records;
    sum.ticks += one.ticks;
    sum.trades += one.trades;
    gaps += one.gaps.gaps();
    lost += one.gaps.messages();
    errors += one.findings.faults.faults();
    whole += one.IsWhole() ? 1 : 0;
    if (!one.first_ns.has_value()) continue;
    sum.first_ns =
        std::min(sum.first_ns.value_or(*one.first_ns), *one.first_ns);
    sum.last_ns = std::max(sum.last_ns.value_or(*one.last_ns), *one.last_ns);
  }
  std::string text = absl::StrCat("all ", all.size(), " files, ", whole,
                                  " of them complete\n");
  Line("size", absl::StrCat(sum.bytes, " bytes"), &text);
  Line("messages",
       absl::StrCat(sum.messages, " in ", sum.records, " records, ", sum.ticks,
                    " ticks, ", sum.trades, " trades"),
       &text);
  Line("times", TimesText(sum), &text);
  Line("gaps", absl::StrCat(gaps, ", ", lost, " messages lost"), &text);
  Line("errors", absl::StrCat(errors), &text);
  return text;
}

}  // namespace streamhub
