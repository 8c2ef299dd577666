#include <absl/strings/str_cat.h>

#include <optional>
#include <string_view>

#include "gateway/base/json_text.h"
#include "gateway/base/session_id.h"
#include "gateway/base/strings.h"
#include "gateway/base/utc_text.h"
#include "gateway/base/utf8.h"
#include "gateway/cli/inspect_report.h"

namespace streamhub {
namespace {

// JSON is UTF-8; a name of a file or a text of a venue may not be.
void Text(std::string_view text, std::string* out) {
  if (IsValidUtf8(text)) return AppendString(text, out);
  std::string ascii(text);
  for (char& c : ascii) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  AppendString(ascii, out);
}

// The first member of an object has no comma before it.
void Key(std::string_view key, std::string* out) {
  if (!out->ends_with('{')) *out += ',';
  absl::StrAppend(out, "\"", ToAbsl(key), "\":");
}

void Member(std::string_view key, std::string_view text, std::string* out) {
  Key(key, out);
  Text(text, out);
}

void Member(std::string_view key, int64_t number, std::string* out) {
  Key(key, out);
  AppendInt(number, out);
}

void Time(std::string_view key, int64_t ns, std::string* out) {
  Member(key, UtcText(ns), out);
}

void Time(std::string_view key, const std::optional<int64_t>& ns,
          std::string* out) {
  if (ns.has_value()) return Time(key, *ns, out);
  Key(key, out);
  *out += "null";
}

void Counted(std::string_view key, const Findings::Counts& counts,
             std::string* out) {
  Key(key, out);
  *out += '{';
  for (const auto& [name, count] : counts) {
    if (!out->ends_with('{')) *out += ',';
    Text(name, out);
    *out += ':';
    AppendInt(count, out);
  }
  *out += '}';
}

// A list of objects: `each` fills in the members of one.
template <typename Items, typename Each>
void List(std::string_view key, const Items& items, std::string* out,
          Each each) {
  Key(key, out);
  *out += '[';
  for (const auto& item : items) {
    if (!out->ends_with('[')) *out += ',';
    *out += '{';
    each(item);
    *out += '}';
  }
  *out += ']';
}

void PutPeak(std::string_view key, const Peak& peak, std::string* out) {
  Key(key, out);
  if (peak.messages == 0) {
    *out += "null";
    return;
  }
  *out += '{';
  Time("from", peak.from_ns, out);
  Member("messages", peak.messages, out);
  *out += '}';
}

void PutGaps(const Inspection& found, std::string* out) {
  List("gaps", found.gaps.kept(), out, [&](const Gap& gap) {
    Member("of", gap.session, out);
    Key("first", out);
    AppendUnsigned(gap.first, out);
    Key("last", out);
    AppendUnsigned(gap.last, out);
  });
}

void PutFaults(const Inspection& found, std::string* out) {
  const bool compressed = found.findings.compressed;
  List("errors", found.findings.faults.kept(), out, [&](const Fault& fault) {
    Member("offset", fault.offset, out);
    if (compressed && !fault.in_file) {
      Key("decompressed", out);
      *out += "true";
    }
    if (fault.line > 0) Member("line", fault.line, out);
    Member("error", fault.what, out);
  });
}

// What the issue of this command asks for comes first, the rest after it.
void PutRest(const Inspection& found, std::string* out) {
  const Findings& findings = found.findings;
  Member("file", found.path, out);
  Member("detail", findings.detail, out);
  Key("complete", out);
  *out += found.IsWhole() ? "true" : "false";
  Member("status", FromAbsl(found.status.message()), out);
  Member("bytes", found.bytes, out);
  Member("plain_bytes", findings.plain_bytes, out);
  Member("records", found.records, out);
  Member("ticks", found.ticks, out);
  Member("trades", found.trades, out);
  PutPeak("peak_second", found.second, out);
  PutPeak("peak_100ms", found.tenth, out);
  Member("gaps_total", found.gaps.gaps(), out);
  Key("messages_lost", out);
  AppendUnsigned(found.gaps.messages(), out);
  Member("errors_total", findings.faults.faults(), out);
  Counted("counts", findings.others, out);
  List("top", BusiestSymbols(found), out, [&](const InspectedSymbol& symbol) {
    Member("symbol", symbol.code, out);
    Member("ticks", symbol.ticks, out);
    Member("trades", symbol.trades, out);
    Key("volume", out);
    *out += VolumeText(symbol);
  });
  List("lost", findings.lost, out, [&](const LostRecords& lost) {
    Key("records", out);
    AppendUnsigned(lost.records, out);
    Time("from", lost.from_ns, out);
    Time("to", lost.to_ns, out);
  });
  if (findings.sent_total == 0) return;
  Member("sent_total", findings.sent_total, out);
  List("sent", findings.sent, out, [&](const SentText& sent) {
    Time("time", sent.time_ns, out);
    Member("session", SessionText(sent.session), out);
    Member("transport", sent.transport, out);
    Member("encoding", sent.encoding, out);
    Member("batch", static_cast<int64_t>(sent.batch), out);
    Member("symbol", sent.symbol, out);
    Member("bytes", SentBytesText(sent), out);
    if (sent.cut > 0) Member("cut", static_cast<int64_t>(sent.cut), out);
  });
}

}  // namespace

std::string InspectionJson(const Inspection& found) {
  std::string out = "{";
  Member("format", NameOf(found.kind), &out);
  Member("messages", found.messages, &out);
  Counted("by_type", found.findings.by_type, &out);
  Key("symbols", &out);
  out += '[';
  for (const InspectedSymbol& symbol : found.symbols) {
    if (!out.ends_with('[')) out += ',';
    AppendString(symbol.code, &out);
  }
  out += ']';
  Time("first_time", found.first_ns, &out);
  Time("last_time", found.last_ns, &out);
  PutGaps(found, &out);
  PutFaults(found, &out);
  PutRest(found, &out);
  out += '}';
  return out;
}

}  // namespace streamhub
