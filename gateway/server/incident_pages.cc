#include "gateway/server/incident_pages.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>
#include <simdjson.h>

#include <algorithm>
#include <charconv>
#include <optional>
#include <string>
#include <string_view>
#include <utility>

#include "gateway/base/json_text.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"
#include "gateway/codec/query_string.h"
#include "gateway/market/symbol.h"

namespace streamhub {
namespace {

namespace dom = simdjson::dom;

constexpr std::chrono::milliseconds kShardPatience{500};
constexpr std::chrono::milliseconds kFilePatience{2000};
constexpr int64_t kSecondsMax = 3600;
constexpr size_t kMarketBytesMax = 64;
constexpr int64_t kBytesMin = 1024;
constexpr int64_t kBytesMax = int64_t{1} << 30;
// Of one listing, and of that what a shard does at a time: it takes 0.1 ms.
constexpr size_t kSessionsDefault = 1000;
constexpr size_t kSessionsMax = 100'000;
constexpr size_t kSessionsAtOnce = 128;

void Member(std::string_view key, std::string* out) {
  if (out->back() != '{') *out += ',';
  absl::StrAppend(out, "\"", ToAbsl(key), "\":");
}

void TextMember(std::string_view key, std::string_view text, std::string* out) {
  Member(key, out);
  AppendString(text, out);
}

void IntMember(std::string_view key, int64_t value, std::string* out) {
  Member(key, out);
  AppendInt(value, out);
}

// A time as clients are told it, or null.
void TimeMember(std::string_view key, int64_t wall_ns, std::string* out) {
  Member(key, out);
  if (wall_ns == 0) {
    *out += "null";
  } else {
    AppendInt(wall_ns / kMicrosecond, out);
  }
}

// Names of folders may be any bytes.
std::string AsUtf8(std::string_view text) {
  return IsValidUtf8(text) ? std::string(text) : ShownText(text);
}

// --- sessions ---

void AppendSession(const SessionSeen& seen, std::string* out) {
  *out += '{';
  TextMember("id", SessionText(seen.id), out);
  TextMember("transport", TransportName(seen.transport), out);
  TextMember("encoding", EncodingName(seen.encoding), out);
  TextMember("market", seen.market, out);
  if (!seen.peer.empty()) TextMember("peer", seen.peer, out);
  IntMember("subscriptions", static_cast<int64_t>(seen.subscriptions), out);
  TimeMember("since", seen.since_ns, out);
  IntMember("messages", static_cast<int64_t>(seen.messages), out);
  IntMember("bytes", static_cast<int64_t>(seen.bytes), out);
  TimeMember("last_sent", seen.last_sent_ns, out);
  Member("waiting", out);
  *out += seen.waiting ? "true}" : "false}";
}

struct Listing {
  std::optional<std::string> symbol;
  size_t limit = kSessionsDefault;
};

// nullopt: `*wrong` says what is.
std::optional<Listing> ParseListing(std::string_view query,
                                    std::string* wrong) {
  Listing listing;
  std::vector<QueryParameter> parameters;
  if (!SplitQuery(query, &parameters, wrong)) {
    *wrong = absl::StrCat("a bad %: ", ToAbsl(ShownText(*wrong)));
    return std::nullopt;
  }
  for (const QueryParameter& parameter : parameters) {
    const std::string& value = parameter.value;
    if (parameter.name == "symbol" && IsValidSymbol(value)) {
      listing.symbol = value;
      continue;
    }
    if (parameter.name == "limit") {
      const char* const end = value.data() + value.size();
      const auto [at, error] =
          std::from_chars(value.data(), end, listing.limit);
      if (error == std::errc() && at == end && listing.limit > 0 &&
          listing.limit <= kSessionsMax) {
        continue;
      }
    }
    *wrong = absl::StrCat("there is symbol=CODE and limit=1 to ", kSessionsMax,
                          ", not ", ToAbsl(ShownText(parameter.name)));
    return std::nullopt;
  }
  return listing;
}

AdminAnswer SessionsPage(std::span<const ShardDoor> doors, size_t markets,
                         std::string_view query) {
  std::string wrong;
  const auto listing = ParseListing(query, &wrong);
  if (!listing.has_value()) return AdminError(400, wrong);
  struct Part {
    std::vector<SessionSeen> seen;
    size_t total = 0;
    uint64_t from = 0;
    bool cut = false;
  };
  std::vector<Part> parts(doors.size());
  const auto late = AskShards(
      doors,
      [&](size_t shard, Fanout& fanout) {
        Part& part = parts[shard];
        part.total = fanout.session_count();
        const auto next = fanout.LookAtSessions(part.from, kSessionsAtOnce,
                                                listing->symbol, &part.seen);
        part.from = next.value_or(0);
        part.cut = next.has_value() && part.seen.size() >= listing->limit;
        return next.has_value() && !part.cut;
      },
      kShardPatience);
  size_t total = 0, told = 0;
  bool more = false;
  AdminAnswer answer;
  std::string& out = answer.body;
  out = "{\"sessions\":[";
  for (const Part& part : parts) {
    total += part.total;
    more = more || part.cut;
    for (const SessionSeen& seen : part.seen) {
      if (told == listing->limit) {
        more = true;
        break;
      }
      out += told++ == 0 ? "\n" : ",\n";
      AppendSession(seen, &out);
    }
  }
  out += "]";
  IntMember("total", static_cast<int64_t>(total), &out);
  Member("more", &out);
  out += more ? "true" : "false";
  AppendLateShards(late, markets, &out);
  out += "}\n";
  return answer;
}

// --- incidents ---

void AppendIncident(const IncidentState& state, std::string* out) {
  const IncidentWanted& wanted = state.wanted;
  *out += '{';
  IntMember("id", static_cast<int64_t>(state.id), out);
  if (wanted.session != 0) {
    TextMember("session", SessionText(wanted.session), out);
  } else {
    TextMember("symbol", wanted.symbol, out);
    if (!wanted.market.empty()) TextMember("market", wanted.market, out);
  }
  TextMember("state",
             state.end == IncidentEnd::kNone ? "recording"
             : state.closed                  ? "ended"
                                             : "ending",
             out);
  if (state.end != IncidentEnd::kNone) {
    TextMember("ended_by", IncidentEndName(state.end), out);
  }
  if (!state.error.empty()) TextMember("error", AsUtf8(state.error), out);
  TextMember("file", AsUtf8(state.file), out);
  IntMember("seconds", wanted.seconds, out);
  IntMember("bytes_max", static_cast<int64_t>(wanted.bytes_max), out);
  TimeMember("started", state.started_ns, out);
  TimeMember("ended", state.ended_ns, out);
  IntMember("records", static_cast<int64_t>(state.records), out);
  IntMember("bytes", static_cast<int64_t>(state.bytes), out);
  IntMember("lost", static_cast<int64_t>(state.lost), out);
  IntMember("file_bytes", static_cast<int64_t>(state.file_bytes), out);
}

AdminAnswer IncidentsAnswer(const std::vector<IncidentState>& states, bool on) {
  AdminAnswer answer;
  std::string& out = answer.body;
  out =
      on ? "{\"on\":true" : "{\"on\":false,\"why\":\"incident_dir is not set\"";
  out += ",\"incidents\":[";
  for (size_t i = 0; i < states.size(); ++i) {
    out += i == 0 ? "\n" : ",\n";
    AppendIncident(states[i], &out);
    out += '}';
  }
  out += "]}\n";
  return answer;
}

bool ReadInt(dom::element value, int64_t min, int64_t max, int64_t* number) {
  return value.get(*number) == simdjson::SUCCESS && min <= *number &&
         *number <= max;
}

// Calls `read(key, value)` for each member of the object that `body` is; empty
// text is one without any. What is wrong with it, or an empty text.
template <typename Read>
std::string ReadObject(std::string_view body, Read read) {
  if (body.empty()) return {};
  dom::parser parser;
  dom::element element;
  dom::object object;
  if (parser.parse(body.data(), body.size()).get(element) !=
          simdjson::SUCCESS ||
      element.get(object) != simdjson::SUCCESS) {
    return "the body is no JSON object";
  }
  for (const dom::key_value_pair member : object) {
    std::string wrong = read(member.key, member.value);
    if (!wrong.empty()) return wrong;
  }
  return {};
}

// What is wrong, or an empty text.
std::string ParseWanted(std::string_view body, IncidentWanted* wanted) {
  std::string wrong = ReadObject(body, [&](std::string_view key,
                                           dom::element value) {
    std::string_view text;
    int64_t number;
    if (key == "session") {
      if (value.get(text) != simdjson::SUCCESS) text = {};
      const auto session = ParseSession(text);
      if (!session.has_value()) return std::string("session: as 2-117");
      wanted->session = *session;
    } else if (key == "symbol") {
      if (value.get(text) != simdjson::SUCCESS || !IsValidSymbol(text)) {
        return std::string("symbol: the name of a symbol or topic");
      }
      wanted->symbol = text;
    } else if (key == "market") {
      if (value.get(text) != simdjson::SUCCESS || text.empty() ||
          text.size() > kMarketBytesMax) {
        return std::string("market: the name of one");
      }
      wanted->market = text;
    } else if (key == "seconds") {
      if (!ReadInt(value, 1, kSecondsMax, &number)) {
        return absl::StrCat("seconds: from 1 to ", kSecondsMax);
      }
      wanted->seconds = static_cast<int>(number);
    } else if (key == "bytes_max") {
      if (!ReadInt(value, kBytesMin, kBytesMax, &number)) {
        return absl::StrCat("bytes_max: from ", kBytesMin, " to ", kBytesMax);
      }
      wanted->bytes_max = static_cast<uint64_t>(number);
    } else {
      return absl::StrCat(
          "there is session or symbol, market, seconds and bytes_max, not ",
          ToAbsl(ShownText(key)));
    }
    return std::string();
  });
  if (wrong.empty() && (wanted->session != 0) == !wanted->symbol.empty()) {
    wrong = "want a session or a symbol";
  }
  return wrong;
}

int StatusFor(const absl::Status& status) {
  if (absl::IsFailedPrecondition(status)) return 409;
  return absl::IsResourceExhausted(status) ? 429 : 500;
}

bool IsOf(const Fanout& fanout, std::string_view market) {
  return market.empty() || fanout.market().name() == market;
}

AdminAnswer BeginIncident(IncidentRecorder& recorder,
                          std::span<const ShardDoor> doors,
                          std::span<const std::string> markets,
                          std::string_view body) {
  IncidentWanted wanted;
  const std::string wrong = ParseWanted(body, &wanted);
  if (!wrong.empty()) return AdminError(400, wrong);
  // Before it takes one of the few places, and a file.
  if (!wanted.market.empty() &&
      std::count(markets.begin(), markets.end(), wanted.market) == 0) {
    return AdminError(
        404, absl::StrCat("market: there is no ", ShownText(wanted.market)));
  }
  const auto begun = recorder.Begin(wanted);
  if (!begun.ok()) {
    return AdminError(StatusFor(begun.status()),
                      AsUtf8(FromAbsl(begun.status().message())));
  }
  const SentWatch watch = {begun->id, &recorder, wanted.session, wanted.symbol};
  // All of them, also those that are late: these above all.
  for (const ShardDoor& door : doors) {
    door([watch, market = wanted.market](Fanout& fanout) {
      if (IsOf(fanout, market)) fanout.Watch(watch);
    });
  }
  std::vector<char> found(doors.size());
  const auto late = AskShards(
      doors,
      [&](size_t shard, Fanout& fanout) {
        found[shard] =
            IsOf(fanout, wanted.market) &&
            (wanted.session != 0 ? fanout.Knows(wanted.session)
                                 : fanout.KnowsSymbol(wanted.symbol));
        return false;
      },
      kShardPatience);
  AdminAnswer answer;
  AppendIncident(*begun, &answer.body);
  Member("found", &answer.body);
  const bool any = std::count(found.begin(), found.end(), 0) <
                   static_cast<std::ptrdiff_t>(found.size());
  answer.body += any ? "true" : late.empty() ? "false" : "null";
  AppendLateShards(late, markets.size(), &answer.body);
  answer.body += "}\n";
  return answer;
}

AdminAnswer StopIncidents(IncidentRecorder& recorder, std::string_view body) {
  int64_t id = 0;
  const std::string wrong =
      ReadObject(body, [&](std::string_view key, dom::element value) {
        const bool good = key == "id" && ReadInt(value, 1, INT64_MAX, &id);
        return std::string(good ? "" : "there is id, a number, or nothing");
      });
  if (!wrong.empty()) return AdminError(400, wrong);
  const auto states = recorder.Stop(static_cast<uint64_t>(id), kFilePatience);
  if (states.empty() && id != 0) {
    return AdminError(404, absl::StrCat("there is no incident ", id));
  }
  return IncidentsAnswer(states, recorder.on());
}

}  // namespace

std::vector<AdminRoute> IncidentRoutes(IncidentRecorder& recorder,
                                       std::vector<ShardDoor> doors,
                                       std::vector<std::string> markets) {
  return {{"GET", "/admin/sessions",
           [doors, markets = markets.size()](const AdminRequest& request) {
             return SessionsPage(doors, markets, request.query);
           }},
          {"GET", "/admin/incident",
           [&recorder](const AdminRequest&) {
             return IncidentsAnswer(recorder.States(), recorder.on());
           }},
          {"POST", "/admin/incident",
           [&recorder, doors, markets](const AdminRequest& request) {
             return BeginIncident(recorder, doors, markets, request.body);
           }},
          {"POST", "/admin/incident/stop",
           [&recorder](const AdminRequest& request) {
             return StopIncidents(recorder, request.body);
           }}};
}

}  // namespace streamhub
