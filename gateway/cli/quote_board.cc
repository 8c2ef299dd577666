#include "gateway/cli/quote_board.h"

#include <absl/strings/str_cat.h>
#include <simdjson.h>

#include <algorithm>

#include "gateway/base/clock.h"
#include "gateway/base/strings.h"

namespace streamhub {
namespace {

namespace ondemand = simdjson::ondemand;
using simdjson::SUCCESS;

constexpr int64_t kHourMs = 3'600'000;

template <typename Value>
std::string TextOf(Value& value) {
  std::string_view text;
  return value.get_string().get(text) == SUCCESS ? std::string(text)
                                                 : std::string();
}

template <typename Value>
int64_t IntegerOf(Value& value) {
  // Beyond that no time and no count goes: differences must not overflow.
  constexpr int64_t kMax = int64_t{1} << 60;
  int64_t number = 0;
  return value.get_int64().get(number) == SUCCESS && -kMax < number &&
                 number < kMax
             ? number
             : 0;
}

template <typename Value>
bool TrueIn(Value& value) {
  bool flag = false;
  return value.get_bool().get(flag) == SUCCESS && flag;
}

// A number, string, boolean or null as it is written; empty for others.
std::string RawOf(ondemand::value& value) {
  ondemand::json_type type;
  if (value.type().get(type) != SUCCESS ||
      type == ondemand::json_type::object ||
      type == ondemand::json_type::array) {
    return {};
  }
  std::string_view raw = value.raw_json_token();
  while (!raw.empty() && raw.back() == ' ') raw.remove_suffix(1);
  return std::string(raw);
}

// Any value as it is written; false if it is malformed.
bool JsonOf(ondemand::value& value, std::string* json) {
  ondemand::json_type type;
  if (value.type().get(type) != SUCCESS) return false;
  std::string_view raw;
  if (type == ondemand::json_type::object) {
    ondemand::object object;
    if (value.get_object().get(object) != SUCCESS ||
        object.raw_json().get(raw) != SUCCESS) {
      return false;
    }
  } else if (type == ondemand::json_type::array) {
    ondemand::array array;
    if (value.get_array().get(array) != SUCCESS ||
        array.raw_json().get(raw) != SUCCESS) {
      return false;
    }
  } else {
    *json = RawOf(value);
    return !json->empty();
  }
  *json = raw;
  return true;
}

// Calls take(key, value) for each member of the object `from`; false if it is
// none, or malformed.
template <typename From, typename Take>
bool ForEach(From&& from, Take take) {
  ondemand::object object;
  if (from.get_object().get(object) != SUCCESS) return false;
  for (auto field : object) {
    std::string_view key;
    if (field.unescaped_key().get(key) != SUCCESS) return false;
    const std::string name(key);
    ondemand::value value;
    if (field.value().get(value) != SUCCESS || !take(name, value)) return false;
  }
  return true;
}

}  // namespace

// Takes one object apart. The keys of version 1 mean the same in every type of
// message, so that one pass in any order is enough.
struct QuoteBoard::Reader {
  QuoteBoard& board;
  Message& message;
  std::string type, reason, key;

  bool Read(const simdjson::padded_string& text);
  bool ReadMember(std::string_view name, ondemand::value& value);
  bool ReadFeeds(ondemand::value& value);
  bool ReadSymbols(ondemand::value& value);
  bool ReadQuotes(ondemand::value& value);
  bool ReadQuote(ondemand::value& value, Quote* quote, Update* update);
  bool ReadTopics(ondemand::value& value);
  bool ReadMessages(ondemand::value& value, Part* part);
};

bool QuoteBoard::Reader::Read(const simdjson::padded_string& text) {
  ondemand::parser parser;
  ondemand::document document;
  return parser.iterate(text).get(document) == SUCCESS &&
         ForEach(document,
                 [this](std::string_view name, ondemand::value& value) {
                   return ReadMember(name, value);
                 }) &&
         document.current_location().error() == simdjson::OUT_OF_BOUNDS;
}

bool QuoteBoard::Reader::ReadMember(std::string_view name,
                                    ondemand::value& value) {
  if (name == "type") {
    type = TextOf(value);
  } else if (name == "time") {
    board.server_us_ = IntegerOf(value);
  } else if (name == "heartbeat_ms") {
    board.heartbeat_ms_ = std::clamp<int64_t>(IntegerOf(value), 1, kHourMs);
  } else if (name == "at") {
    board.token_ = TextOf(value);
  } else if (name == "epoch") {
    board.epoch_ = TextOf(value);
  } else if (name == "reason") {
    reason = TextOf(value);
  } else if (name == "key") {
    key = TextOf(value);
  } else if (name == "retry") {
    message.retry = TrueIn(value);
  } else if (name == "after_ms") {
    message.after_ms = IntegerOf(value);
  } else if (name == "feeds") {
    return ReadFeeds(value);
  } else if (name == "symbols") {
    return ReadSymbols(value);
  } else if (name == "quotes") {
    return ReadQuotes(value);
  } else if (name == "topics") {
    return ReadTopics(value);
  }
  return true;
}

bool QuoteBoard::Reader::ReadFeeds(ondemand::value& value) {
  return ForEach(value, [this](const std::string& name, ondemand::value& item) {
    Feed& feed = board.feeds_[name];
    return ForEach(
        item, [&feed](std::string_view key_of_feed, ondemand::value& what) {
          if (key_of_feed == "status") feed.status = TextOf(what);
          if (key_of_feed == "source") feed.source = TextOf(what);
          if (key_of_feed == "delay_s") feed.delay_s = IntegerOf(what);
          return true;
        });
  });
}

bool QuoteBoard::Reader::ReadSymbols(ondemand::value& value) {
  return ForEach(value, [this](std::string_view name, ondemand::value& item) {
    const auto known = board.index_.find(name);
    if (known == board.index_.end()) return true;
    Quote& quote = board.quotes_[known->second];
    quote.described = true;
    quote.unknown = false;
    return ForEach(
        item, [&quote](std::string_view key_of_symbol, ondemand::value& what) {
          if (key_of_symbol == "unknown") quote.unknown = TrueIn(what);
          if (key_of_symbol == "topic") quote.topic = TrueIn(what);
          if (key_of_symbol == "feed") quote.feed = TextOf(what);
          return true;
        });
  });
}

bool QuoteBoard::Reader::ReadQuotes(ondemand::value& value) {
  return ForEach(value, [this](std::string_view name, ondemand::value& item) {
    const auto known = board.index_.find(name);
    if (known == board.index_.end()) return true;
    Quote& quote = board.quotes_[known->second];
    Update update{known->second, false, {}};
    if (!ReadQuote(item, &quote, &update)) return false;
    if (update.snapshot) quote.fields.clear();
    for (const auto& [field, raw] : update.fields) quote.fields[field] = raw;
    quote.current = true;
    quote.epoch = board.epoch_;
    message.updates.push_back(std::move(update));
    return true;
  });
}

bool QuoteBoard::Reader::ReadQuote(ondemand::value& value, Quote* quote,
                                   Update* update) {
  bool event = false;
  quote->withdrawn = false;
  const auto take = [&](const std::string& name, ondemand::value& item) {
    if (name == "v") {
      return item.get_uint64().get(quote->version) == SUCCESS;
    }
    if (name == "snapshot") {
      update->snapshot = TrueIn(item);
    } else if (name == "n") {
      quote->ticks = IntegerOf(item);
    } else if (name == "t") {
      quote->received_us = IntegerOf(item);
    } else if (name == "e") {
      quote->event_us = IntegerOf(item);
      event = true;
    } else if (name == "quiet") {
      quote->quiet = TrueIn(item);
    } else if (name == "withdrawn") {
      quote->withdrawn = TrueIn(item);
    } else if (std::string raw = RawOf(item); !raw.empty()) {
      update->fields.emplace_back(name, std::move(raw));
    }
    return true;
  };
  if (!ForEach(value, take)) return false;
  // It is told whenever there is one; the one before may be another epoch's.
  if (!event) quote->event_us = 0;
  return true;
}

bool QuoteBoard::Reader::ReadTopics(ondemand::value& value) {
  return ForEach(value, [this](std::string_view name, ondemand::value& item) {
    const auto known = board.index_.find(name);
    if (known == board.index_.end()) return true;
    Quote& quote = board.quotes_[known->second];
    Part part{known->second, {}, {}};
    quote.withdrawn = false;
    const bool read =
        ForEach(item, [&](std::string_view key_of_part, ondemand::value& what) {
          if (key_of_part == "v") {
            return what.get_uint64().get(quote.version) == SUCCESS;
          }
          if (key_of_part == "lost") part.lost = RawOf(what);
          if (key_of_part == "withdrawn") quote.withdrawn = TrueIn(what);
          return key_of_part != "messages" || ReadMessages(what, &part);
        });
    if (!read) return false;
    if (!part.messages.empty()) {
      quote.received_us = part.messages.back().time_us;
    }
    quote.topic = quote.current = true;
    message.parts.push_back(std::move(part));
    return true;
  });
}

bool QuoteBoard::Reader::ReadMessages(ondemand::value& value, Part* part) {
  ondemand::array array;
  if (value.get_array().get(array) != SUCCESS) return false;
  for (auto item : array) {
    ondemand::value object;
    if (item.get(object) != SUCCESS) return false;
    Part::Message& one = part->messages.emplace_back();
    if (!ForEach(object, [&](std::string_view name, ondemand::value& what) {
          if (name == "seq") return what.get_uint64().get(one.seq) == SUCCESS;
          if (name == "time") one.time_us = IntegerOf(what);
          return name != "data" || JsonOf(what, &one.data);
        })) {
      return false;
    }
  }
  return true;
}

QuoteBoard::QuoteBoard(const std::vector<std::string>& symbols) {
  for (const std::string& symbol : symbols) {
    if (!index_.emplace(symbol, quotes_.size()).second) continue;
    quotes_.emplace_back().symbol = symbol;
  }
}

absl::Status QuoteBoard::Apply(std::string_view text, int64_t mono_ns,
                               Message* message) {
  *message = {};
  while (!text.empty()) {
    const size_t end = text.find('\n');
    const std::string_view line = text.substr(0, end);
    text.remove_prefix(end == text.npos ? text.size() : end + 1);
    if (line.empty()) continue;
    Reader reader{*this, *message, {}, {}, {}};
    const int64_t clock_before = server_us_;
    if (!reader.Read(simdjson::padded_string(line))) {
      constexpr size_t kShown = 100;
      return absl::InvalidArgumentError(absl::StrCat(
          "not a message of ours: ", ToAbsl(line.substr(0, kShown))));
    }
    if (server_us_ != clock_before) heard_ns_ = mono_ns;
    if (reader.type == "hello") connected_ = true;
    // Of what was resumed and has not changed there is no update.
    if (reader.type == "synced") {
      for (Quote& quote : quotes_) quote.current = quote.version > 0;
    }
    if (reader.type == "error") message->refused = true;
    if (reader.type == "closing") message->closing = true;
    if (message->refused || message->closing) {
      message->reason = reader.reason;
      if (!reader.key.empty()) {
        absl::StrAppend(&message->reason, ": ", reader.key);
      }
    }
  }
  return absl::OkStatus();
}

void QuoteBoard::Disconnect() {
  connected_ = false;
  for (Quote& quote : quotes_) quote.current = false;
}

std::string QuoteBoard::StateOf(const Quote& quote, int64_t mono_ns) const {
  if (!connected_) return "disconnected";
  if (quote.unknown) return "unknown";
  if (!quote.current) return "waiting";
  // docs/protocol.md: after 2.5 heartbeats without the server's clock.
  if (mono_ns - heard_ns_ > heartbeat_ms_ * kMillisecond * 5 / 2) {
    return "stale";
  }
  if (quote.withdrawn) return "withdrawn";
  if (quote.topic && quote.feed.empty()) return "live";  // no feed fills it
  const auto feed = feeds_.find(quote.feed);
  if (feed == feeds_.end()) return "down";
  if (feed->second.status != "live") return feed->second.status;
  return quote.quiet ? "quiet" : "live";
}

int64_t QuoteBoard::AgeUs(const Quote& quote, int64_t mono_ns) const {
  if (quote.received_us == 0 || server_us_ == 0) return -1;
  const int64_t now_us = server_us_ + (mono_ns - heard_ns_) / kMicrosecond;
  return now_us > quote.received_us ? now_us - quote.received_us : 0;
}

std::string QuoteBoard::FeedsText() const {
  std::string out;
  for (const auto& [name, feed] : feeds_) {
    absl::StrAppend(&out, out.empty() ? "" : ", ", name, " ", feed.status, " ",
                    feed.source);
    if (feed.delay_s > 0) absl::StrAppend(&out, " ", feed.delay_s, " s");
  }
  return out;
}

std::vector<std::string> QuoteBoard::Names() const {
  std::vector<std::string> names;
  for (const Quote& quote : quotes_) {
    names.push_back(quote.version == 0 || (token_.empty() && !quote.topic)
                        ? quote.symbol
                        : absl::StrCat(quote.symbol, "@", quote.version));
  }
  return names;
}

std::vector<std::string> QuoteBoard::PollNames() const {
  std::vector<std::string> names;
  for (const Quote& quote : quotes_) {
    std::string& name = names.emplace_back(quote.symbol);
    const bool holds = quote.topic || quote.epoch == epoch_;
    if (quote.version > 0 && holds) {
      absl::StrAppend(&name, "@", quote.version,
                      quote.withdrawn ? "w"
                      : quote.quiet   ? "q"
                                      : "");
    } else if (quote.described) {
      name += "@0";
    }
  }
  return names;
}

}  // namespace streamhub
