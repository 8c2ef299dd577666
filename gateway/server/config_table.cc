#include "gateway/server/config_table.h"

#include <absl/strings/ascii.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_replace.h>
#include <arpa/inet.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <type_traits>

#include "gateway/base/client_address.h"
#include "gateway/base/strings.h"
#include "gateway/market/symbol.h"

namespace streamhub {
namespace {

constexpr double kInfinity = std::numeric_limits<double>::infinity();
constexpr int kPortMax = 65535;
constexpr int kHourMs = 3600 * 1000;
constexpr int64_t kSeedMax = 1'000'000'000'000'000;

bool IsAddress(std::string_view text) {
  const std::string address(text);
  unsigned char ignored[sizeof(in6_addr)];
  return inet_pton(AF_INET, address.c_str(), ignored) == 1 ||
         inet_pton(AF_INET6, address.c_str(), ignored) == 1;
}

bool IsAddressRangeOrNone(std::string_view text) {
  return text == "none" || AddressRange::Parse(text).has_value();
}

bool IsLogLevel(std::string_view text) {
  return text == "debug" || text == "info" || text == "warning" ||
         text == "error";
}

bool IsLogFormat(std::string_view text) {
  return text == "text" || text == "json";
}

bool IsTlsVersion(std::string_view text) {
  return text == "1.2" || text == "1.3";
}

bool IsFeed(std::string_view text) {
  return text == "synthetic" || text == "replay" || text == "none";
}

bool IsFormat(std::string_view text) {
  static constexpr std::string_view kFormats[] = {
      "auto",          "itch",   "itch-mold", "itch-soup",   "dbn",
      "fix",           "iex",    "csv",       "fxcm",        "tardis-quotes",
      "tardis-trades", "truefx", "crypto",    "tardis-book", "tardis-snapshot",
      "lobster",       "ticklog"};
  return std::find(std::begin(kFormats), std::end(kFormats), text) !=
         std::end(kFormats);
}

// The form only: which days and hours there are is the feeds' to know.
bool IsEmptyOrLike(std::string_view form, std::string_view text) {
  return text.empty() || std::equal(text.begin(), text.end(), form.begin(),
                                    form.end(), [](char c, char like) {
                                      return like == '0' ? '0' <= c && c <= '9'
                                                         : c == like;
                                    });
}

bool IsDateOrEmpty(std::string_view text) {
  return IsEmptyOrLike("0000-00-00", text);
}

bool IsTimeOfDayOrEmpty(std::string_view text) {
  return IsEmptyOrLike("00:00", text);
}

// As browsers write it: `scheme://host` with the port if it is not the
// scheme's own, in lower case and without a path; or any.
bool IsOrigin(std::string_view text) {
  if (text == "*") return true;
  const size_t colon = text.find("://");
  if (colon == text.npos || colon == 0) return false;
  const std::string_view host = text.substr(colon + 3);
  return !host.empty() && std::all_of(text.begin(), text.end(), [](char c) {
    return c > ' ' && c < 0x7f && !absl::ascii_isupper(c);
  }) && host.find_first_of("/?#,@") == host.npos;
}

bool IsScriptDoor(std::string_view text) {
  return text == "jsonp" || text == "frame";
}

// A topic, or what topics begin with and a "*" behind it.
bool IsTopicPattern(std::string_view text) {
  if (text == "*") return true;
  // Of "news, chat/*" nobody means the space.
  if (text.starts_with(' ') || text.ends_with(' ')) return false;
  if (text.ends_with('*')) text.remove_suffix(1);
  return IsValidSymbol(text) && text.find('*') == text.npos;
}

bool IsMarketOrEmpty(std::string_view text) {
  // Whoever asks for /market/../ gets another page.
  if (text == "." || text == "..") return false;
  return text.size() <= 64 && std::all_of(text.begin(), text.end(), [](char c) {
           return absl::ascii_isalnum(static_cast<unsigned char>(c)) ||
                  c == '-' || c == '_' || c == '.';
         });
}

bool IsNotEmpty(std::string_view text) { return !text.empty(); }

constexpr ConfigKey kTable[] = {
    {.section = "server",
     .name = "listen",
     .member = &Config::listen,
     .help = "IP address that clients connect to; 0.0.0.0: all of them",
     .valid = IsAddress,
     .expected = "an IP address"},
    {.section = "server",
     .name = "port",
     .member = &Config::port,
     .help = "port that clients connect to; 0: a free one, told at start",
     .max = kPortMax},
    {.section = "server",
     .name = "admin_listen",
     .member = &Config::admin_listen,
     .help = "IP address of /healthz, /metrics, /admin and /replay",
     .valid = IsAddress,
     .expected = "an IP address"},
    {.section = "server",
     .name = "admin_port",
     .member = &Config::admin_port,
     .help =
         "port of /healthz, /metrics, /replay; 0: a free one, told at start",
     .max = kPortMax},
    {.section = "server",
     .name = "admin_token_file",
     .member = &Config::admin_token_file,
     .help = "file with the token that the admin port asks for; empty: none, "
             "which only a loopback admin_listen may have",
     .live = true},
    {.section = "server",
     .name = "admin_metrics_open",
     .member = &Config::admin_metrics_open,
     .help = "/metrics asks for no token",
     .live = true},
    {.section = "server",
     .name = "threads",
     .member = &Config::threads,
     .help = "threads that serve clients; 0: one per core but one",
     .max = 1024},
    {.section = "server",
     .name = "web_root",
     .member = &Config::web_root,
     .help = "folder of the web pages; empty: found beside the binary or in "
             "its prefix"},
    {.section = "server",
     .name = "incident_dir",
     .member = &Config::incident_dir,
     .help = "folder for logs of what a client was sent, which operators begin "
             "on the admin port; empty: none"},
    {.section = "server",
     .name = "log_level",
     .member = &Config::log_level,
     .help = "lowest level that is logged: debug, info, warning, error",
     .valid = IsLogLevel,
     .expected = "debug, info, warning or error",
     .live = true},
    {.section = "server",
     .name = "log_format",
     .member = &Config::log_format,
     .help = "how log lines are written: text, or json, an object per line",
     .valid = IsLogFormat,
     .expected = "text or json"},
    {.section = "server",
     .name = "drain_ms",
     .member = &Config::drain_ms,
     .help = "how long clients may take to move elsewhere when the gateway is "
             "stopped; 0: all are sent away at once",
     .max = 10 * 60 * 1000,
     .live = true},
    {.section = "server",
     .name = "reuse_port",
     .member = &Config::reuse_port,
     .help = "another gateway of this user may listen on the port already: one "
             "that is to be stopped next"},

    {.section = "tls",
     .name = "tls_certificate",
     .member = &Config::tls_certificate,
     .help = "file of the certificate and its issuers, PEM, for TLS on the "
             "clients' port; empty: no TLS",
     .live = true},
    {.section = "tls",
     .name = "tls_key",
     .member = &Config::tls_key,
     .help = "file of its key, PEM without a passphrase",
     .live = true},
    {.section = "tls",
     .name = "tls_client_ca",
     .member = &Config::tls_client_ca,
     .help = "file of the authorities of clients' certificates, PEM; empty: "
             "no client is asked for one",
     .live = true},
    {.section = "tls",
     .name = "tls_client_required",
     .member = &Config::tls_client_required,
     .help = "clients without a certificate of tls_client_ca are refused",
     .live = true},
    {.section = "tls",
     .name = "tls_min",
     .member = &Config::tls_min,
     .help = "lowest version of TLS: 1.2, 1.3",
     .valid = IsTlsVersion,
     .expected = "1.2 or 1.3",
     .live = true},

    {.section = "clients",
     .name = "default_rate",
     .member = &Config::default_rate,
     .help = "updates per second and symbol where a client asks for no rate",
     .min = 1.0 / 60,
     .max = 1000,
     .infinite = "unlimited",
     .live = true},
    {.section = "clients",
     .name = "heartbeat_ms",
     .member = &Config::heartbeat_ms,
     .help = "a heartbeat is sent after this long without anything else",
     .min = 100,
     .max = kHourMs},
    {.section = "clients",
     .name = "write_stall_ms",
     .member = &Config::write_stall_ms,
     .help = "a client that has not taken a message for this long is closed",
     .min = 100,
     .max = kHourMs,
     .live = true},
    {.section = "clients",
     .name = "handshake_ms",
     .member = &Config::handshake_ms,
     .help = "a connection that makes no request for this long is closed",
     .min = 100,
     .max = kHourMs,
     .live = true},
    {.section = "clients",
     .name = "sessions_max",
     .member = &Config::sessions_max,
     .help = "clients at the same time; capped by the limit of open files",
     .min = 1,
     .max = 10'000'000,
     .live = true},
    {.section = "clients",
     .name = "subscriptions_max",
     .member = &Config::subscriptions_max,
     .help = "symbols that one client may subscribe to",
     .min = 1,
     .max = 10'000'000,
     .live = true},
    {.section = "clients",
     .name = "symbols_max",
     .member = &Config::symbols_max,
     .help = "symbols that the market can hold",
     .min = 1,
     .max = 10'000'000},

    {.section = "clients",
     .name = "cors_origins",
     .member = &Config::cors_origins,
     .help = "origins whose pages may use this server, with commas between; "
             "*: all of them",
     .valid = IsOrigin,
     .expected = "origins such as https://desk.example:8443, or *",
     .live = true},
    {.section = "clients",
     .name = "script_doors",
     .member = &Config::script_doors,
     .help = "ways for old browsers to open, with commas between: jsonp, frame",
     .valid = IsScriptDoor,
     .expected = "jsonp or frame"},

    {.section = "topics",
     .name = "tape",
     .member = &Config::tape,
     .help = "trades kept of each symbol in its topic tape/SYMBOL; 0: none",
     .max = 10'000},
    {.section = "topics",
     .name = "publish_topics",
     .member = &Config::publish_topics,
     .help = "topics that clients may publish to, with commas between: names, "
             "or chat/* for all that begin so; empty: none",
     .valid = IsTopicPattern,
     .expected = "topics such as news, or chat/*",
     .live = true},
    {.section = "topics",
     .name = "publish_rate",
     .member = &Config::publish_rate,
     .help = "messages per second that a client may publish; twice as many at "
             "once",
     .min = 0.1,
     .max = 1'000'000,
     .live = true},
    {.section = "topics",
     .name = "topic_history",
     .member = &Config::topic_history,
     .help = "messages kept of each topic that clients publish to",
     .min = 1,
     .max = 10'000},
    {.section = "topics",
     .name = "topics_max",
     .member = &Config::topics_max,
     .help = "topics that clients may begin by publishing to them",
     .min = 1,
     .max = 10'000'000},

    {.section = "limits",
     .name = "connections_per_address",
     .member = &Config::connections_per_address,
     .help = "connections that one address may have, of IPv6 one /64; 0: any "
             "number",
     .max = 10'000'000},
    {.section = "limits",
     .name = "connect_rate_per_address",
     .member = &Config::connect_rate_per_address,
     .help = "connections per second that one address may make; 0: any number",
     .max = 1'000'000},
    {.section = "limits",
     .name = "connect_rate",
     .member = &Config::connect_rate,
     .help = "connections per second that are taken from all addresses; 0: any "
             "number",
     .max = 10'000'000},
    {.section = "limits",
     .name = "trusted_addresses",
     .member = &Config::trusted_addresses,
     .help = "addresses that no limit of an address is for, proxies say, with "
             "commas between; none: no one",
     .valid = IsAddressRangeOrNone,
     .expected = "IP addresses such as 10.0.0.0/8, or none"},
    {.section = "limits",
     .name = "requests_per_second",
     .member = &Config::requests_per_second,
     .help = "requests that a session, or a connection of plain HTTP, may make "
             "per second, ten times as many at once; 0: any number",
     .max = 1'000'000},
    {.section = "limits",
     .name = "header_bytes_max",
     .member = &Config::header_bytes_max,
     .help = "bytes of a request's line and headers",
     .min = 1024,
     .max = 64 * 1024},
    {.section = "limits",
     .name = "body_bytes_max",
     .member = &Config::body_bytes_max,
     .help = "bytes of a request's body",
     .min = 1024,
     .max = 64 * 1024},
    {.section = "limits",
     .name = "message_bytes_max",
     .member = &Config::message_bytes_max,
     .help = "bytes of a message of requests over a WebSocket",
     .min = 1024,
     .max = 64 * 1024},
    {.section = "limits",
     .name = "keep_alive_ms",
     .member = &Config::keep_alive_ms,
     .help = "a connection that makes no further request for this long is "
             "closed",
     .min = 100,
     .max = kHourMs},
    {.section = "limits",
     .name = "publish_rate_per_address",
     .member = &Config::publish_rate_per_address,
     .help = "messages per second that clients of one address may publish; 0: "
             "any number",
     .max = 10'000'000},
    {.section = "limits",
     .name = "topics_per_address",
     .member = &Config::topics_per_address,
     .help = "topics that clients of one address may begin; 0: any number",
     .max = 10'000'000},
    {.section = "limits",
     .name = "storm_lag_ms",
     .member = &Config::storm_lag_ms,
     .help = "new sessions are paced while others wait longer than this for "
             "their turn; 0: never",
     .max = kHourMs},

    {.section = "feed",
     .name = "feed",
     .member = &Config::feed,
     .help = "where prices come from: synthetic, replay, none",
     .valid = IsFeed,
     .expected = "synthetic, replay or none"},
    {.section = "feed",
     .name = "stale_after_ms",
     .member = &Config::stale_after_ms,
     .help = "a feed that is silent for this long is stale",
     .min = 100,
     .max = kHourMs},
    {.section = "feed",
     .name = "quiet_after_ms",
     .member = &Config::quiet_after_ms,
     .help = "a symbol without a tick for this long, and for five times its "
             "usual interval, is quiet; 0: only the latter",
     .max = 24 * kHourMs},
    {.section = "feed",
     .name = "gap_stale_ms",
     .member = &Config::gap_stale_ms,
     .help = "a feed that lost messages is stale for this long, if nothing "
             "repairs it before; 0: it is not",
     .max = 24 * kHourMs},
    {.section = "feed",
     .name = "session_roll",
     .member = &Config::session_roll,
     .help = "when a trading day begins, HH:MM; empty: when the feed says so",
     .valid = IsTimeOfDayOrEmpty,
     .expected = "a time of day as HH:MM"},
    {.section = "feed",
     .name = "timezone",
     .member = &Config::timezone,
     .help = "time zone of session_roll and of recordings, America/Chicago or "
             "UTC-05; empty: America/New_York, of CSV files their format's"},
    {.section = "feed",
     .name = "derived",
     .member = &Config::derived,
     .help = "symbols computed from others, such as "
             "\"EUR/GBP=cross(EUR/USD,GBP/USD) decimals=5\"",
     .separator = ';'},

    {.section = "synthetic",
     .name = "symbols",
     .member = &Config::symbols,
     .help = "how many symbols the synthetic market has",
     .min = 1,
     .max = 10'000'000},
    {.section = "synthetic",
     .name = "ticks_per_second",
     .member = &Config::ticks_per_second,
     .help = "ticks per second of the whole synthetic market",
     .min = 0,
     .max = 100'000'000},
    {.section = "synthetic",
     .name = "even_ticks",
     .member = &Config::even_ticks,
     .help = "all symbols tick in turn, at equal intervals, and every tick "
             "moves bid and ask; for measurements"},
    {.section = "synthetic",
     .name = "symbol_fields",
     .member = &Config::symbol_fields,
     .help = "fields of every symbol, 5 to 64, with even_ticks; 0: as its kind "
             "has them; for measurements",
     .max = 64},
    {.section = "synthetic",
     .name = "changed_fields",
     .member = &Config::changed_fields,
     .help = "how many of symbol_fields every tick changes: bid, ask and the "
             "next ones in turn",
     .min = 2,
     .max = 63},
    {.section = "synthetic",
     .name = "ticks_max",
     .member = &Config::ticks_max,
     .help = "the synthetic market ends after so many ticks; 0: never",
     .max = 1e15},
    {.section = "synthetic",
     .name = "seed",
     .member = &Config::seed,
     .help = "the same seed makes the same synthetic market",
     .max = static_cast<double>(kSeedMax)},

    {.section = "record",
     .name = "record",
     .member = &Config::record,
     .help = "folder that all ticks are recorded in, as tick logs; empty: "
             "nothing is recorded"},
    {.section = "record",
     .name = "record_rotate_mb",
     .member = &Config::record_rotate_mb,
     .help = "another tick log is begun when one is so long; 0: never",
     .max = 1'000'000},
    {.section = "record",
     .name = "record_rotate_s",
     .member = &Config::record_rotate_s,
     .help = "another tick log is begun when one is so old; 0: never",
     .max = 31 * 24 * 3600},
    {.section = "record",
     .name = "record_keep",
     .member = &Config::record_keep,
     .help = "tick logs kept in the folder, older ones are deleted; 0: all",
     .max = 1'000'000},
    {.section = "record",
     .name = "record_ring_mb",
     .member = &Config::record_ring_mb,
     .help = "what waits to be recorded at most, of each feed; what is more is "
             "lost and told as a gap",
     .min = 1,
     .max = 16'384},

    {.section = "replay",
     .name = "files",
     .member = &Config::files,
     .help = "recordings to play: ITCH one after the other, CSV merged by "
             "time; \"-\": standard input",
     .separator = ':',
     .valid = IsNotEmpty,
     .expected = "names of files"},
    {.section = "replay",
     .name = "replay_market",
     .member = &Config::replay_market,
     .help = "name of the market that recordings are played in, beside `feed`; "
             "empty: they are played only if `feed` is replay",
     .valid = IsMarketOrEmpty,
     .expected = "up to 64 letters, digits, '-', '_' and '.', not . or .."},
    {.section = "replay",
     .name = "speed",
     .member = &Config::speed,
     .help = "times the recorded pace; max: as fast as possible",
     .min = 0.001,
     .max = 1'000'000,
     .infinite = "max"},
    {.section = "replay",
     .name = "loop",
     .member = &Config::loop,
     .help = "begin again at the end"},
    {.section = "replay",
     .name = "paused",
     .member = &Config::paused,
     .help = "begin paused, until the admin port says otherwise"},
    {.section = "replay",
     .name = "from",
     .member = &Config::from,
     .help = "where the pace begins, 14:30, 14:30:05.25 or "
             "2024-01-02T14:30:00Z: what is earlier is applied at once"},
    {.section = "replay",
     .name = "to",
     .member = &Config::to,
     .help = "where the replay ends, a time like from; empty: with the files"},
    {.section = "replay",
     .name = "only",
     .member = &Config::only,
     .help = "symbols to play, with commas between: codes, or EUR/* for all "
             "that begin so; empty: all",
     .valid = IsTopicPattern,
     .expected = "symbols such as AAPL, or EUR/*"},
    {.section = "replay",
     .name = "exit_at_end",
     .member = &Config::exit_at_end,
     .help = "exit at the end instead of serving the last prices on"},
    {.section = "replay",
     .name = "arbitrate",
     .member = &Config::arbitrate,
     .help = "the files, captures of itch-mold or iex, are lines (A, B) of one "
             "stream: what one of them lacks is taken from the others"},
    {.section = "replay",
     .name = "date",
     .member = &Config::date,
     .help = "day of the recordings, YYYY-MM-DD; empty: from their names",
     .valid = IsDateOrEmpty,
     .expected = "a date as YYYY-MM-DD"},
    {.section = "replay",
     .name = "format",
     .member = &Config::format,
     .help = "kind of the recordings: auto, itch, itch-mold, itch-soup, dbn, "
             "fix, iex, crypto, ticklog, csv, fxcm, truefx, tardis-quotes, "
             "tardis-trades, tardis-book, tardis-snapshot, lobster; auto: by "
             "what they begin with or are called, else itch",
     .valid = IsFormat,
     .expected = "auto, itch, itch-mold, itch-soup, dbn, fix, iex, crypto, "
                 "ticklog, csv, fxcm, truefx, tardis-quotes, tardis-trades, "
                 "tardis-book, tardis-snapshot or lobster"},
    {.section = "replay",
     .name = "csv_columns",
     .member = &Config::csv_columns,
     .help = "columns of format csv, by number from 0 or by name: "
             "time=0,symbol=1,bid=2,bid_size=3,ask=4,ask_size=5,last=6,"
             "last_size=7"},
    {.section = "replay",
     .name = "csv_time",
     .member = &Config::csv_time,
     .help = "times of format csv: iso, s-of-day, ms-of-day, us-of-day, "
             "ns-of-day, unix-s, unix-ms, unix-us, unix-ns; empty: iso"},
    {.section = "replay",
     .name = "csv_decimals",
     .member = &Config::csv_decimals,
     .help = "decimals of prices and sizes in CSV files, "
             "[SYMBOL=]PRICE[/QUANTITY],...; empty: by the first rows"},
    {.section = "replay",
     .name = "symbol",
     .member = &Config::symbol,
     .help = "symbol of CSV files that do not name it: one for all, or one "
             "per file, with commas between",
     .valid = IsValidSymbol,
     .expected = "symbols such as EUR/USD"},
};

// Shortest form that reads back to the same number.
std::string FormatNumber(double value) {
  char text[32];
  const auto end = std::to_chars(text, text + sizeof text, value);
  return {text, end.ptr};
}

template <typename Number>
bool ParseWhole(std::string_view text, Number* value) {
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, *value);
  return error == std::errc() && stop == end;
}

std::string Quoted(std::string_view text) {
  std::string out = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') {
      absl::StrAppend(&out, "\\", std::string(1, c));
    } else if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) {
      absl::StrAppend(&out, "\\u00", absl::Hex(c, absl::kZeroPad2));
    } else {
      out += c;
    }
  }
  return out + '"';
}

}  // namespace

std::string ConfigKey::Flag() const {
  return "--" + absl::StrReplaceAll(ToAbsl(name), {{"_", "-"}});
}

std::string ConfigKey::Variable() const {
  return "STREAMHUB_" + absl::AsciiStrToUpper(ToAbsl(name));
}

std::string ConfigKey::Expected() const {
  if (IsSwitch()) return "true or false";
  if (!expected.empty()) return std::string(expected);
  if (std::holds_alternative<std::string Config::*>(member)) return "a text";
  const bool fractions = std::holds_alternative<double Config::*>(member);
  std::string range =
      absl::StrCat(fractions ? "a number" : "an integer", " from ",
                   min == 1.0 / 60 ? "1/60" : FormatNumber(min), " to ",
                   absl::Dec(static_cast<int64_t>(max)));
  if (!infinite.empty()) {
    absl::StrAppend(&range, " or \"", ToAbsl(infinite), "\"");
  }
  return range;
}

bool ConfigKey::SetInteger(int64_t value, Config* config) const {
  if (const auto* number = std::get_if<int64_t Config::*>(&member)) {
    if (value < min || value > max) return false;
    config->*(*number) = value;
    return true;
  }
  if (const auto* number = std::get_if<int Config::*>(&member)) {
    if (value < min || value > max) return false;
    config->*(*number) = static_cast<int>(value);
    return true;
  }
  return SetNumber(static_cast<double>(value), config);
}

bool ConfigKey::SetNumber(double value, Config* config) const {
  const auto* number = std::get_if<double Config::*>(&member);
  // Written so that it refuses a NaN, too.
  if (number == nullptr || !(value >= min && value <= max)) return false;
  config->*(*number) = value;
  return true;
}

bool ConfigKey::SetSwitch(bool value, Config* config) const {
  const auto* flag = std::get_if<bool Config::*>(&member);
  if (flag == nullptr) return false;
  config->*(*flag) = value;
  return true;
}

void ConfigKey::ClearList(Config* config) const {
  if (const auto* list =
          std::get_if<std::vector<std::string> Config::*>(&member)) {
    (config->*(*list)).clear();
  }
}

bool ConfigKey::SetText(std::string_view value, Config* config) const {
  if (const auto* text = std::get_if<std::string Config::*>(&member)) {
    if (valid != nullptr && !valid(value)) return false;
    config->*(*text) = std::string(value);
    return true;
  }
  if (const auto* list =
          std::get_if<std::vector<std::string> Config::*>(&member)) {
    if (valid != nullptr && !valid(value)) return false;
    (config->*(*list)).emplace_back(value);
    return true;
  }
  if (IsSwitch()) {
    if (value != "true" && value != "false") return false;
    return SetSwitch(value == "true", config);
  }
  if (const auto* number = std::get_if<double Config::*>(&member)) {
    if (!infinite.empty() && value == infinite) {
      config->*(*number) = kInfinity;
      return true;
    }
    double parsed = 0;
    return ParseWhole(value, &parsed) && SetNumber(parsed, config);
  }
  int64_t parsed = 0;
  return ParseWhole(value, &parsed) && SetInteger(parsed, config);
}

std::string ConfigKey::ToToml(const Config& config) const {
  return std::visit(
      [&](auto pointer) -> std::string {
        const auto& value = config.*pointer;
        using Value = std::decay_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, bool>) {
          return value ? "true" : "false";
        } else if constexpr (std::is_same_v<Value, std::string>) {
          return Quoted(value);
        } else if constexpr (std::is_same_v<Value, double>) {
          return value == kInfinity ? Quoted(infinite) : FormatNumber(value);
        } else if constexpr (std::is_integral_v<Value>) {
          return absl::StrCat(value);
        } else {
          std::string out;
          for (const std::string& element : value) {
            absl::StrAppend(&out, out.empty() ? "[" : ", ", Quoted(element));
          }
          return out.empty() ? "[]" : out + "]";
        }
      },
      member);
}

std::span<const ConfigKey> ConfigTable() { return kTable; }

const ConfigKey* FindConfigKey(std::string_view name) {
  for (const ConfigKey& key : kTable) {
    if (key.name == name) return &key;
  }
  return nullptr;
}

}  // namespace streamhub
