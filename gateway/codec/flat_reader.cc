#include "gateway/codec/flat_reader.h"

#include <absl/strings/str_cat.h>

#include <cmath>

#include "gateway/base/utf8.h"
#include "gateway/codec/json.h"
#include "gateway/market/symbol.h"
#include "schemas/client_generated.h"
#include "schemas/flat_frame.h"

namespace streamhub {
namespace {

// Far beyond any, so that nanoseconds fit.
constexpr int64_t kMillisecondsMax = 1'000'000'000'000;

void AppendMember(std::string_view key, std::string* out) {
  absl::StrAppend(out, ",\"", absl::string_view(key.data(), key.size()), "\":");
}

void AppendTextMember(std::string_view key, const flatbuffers::String* text,
                      std::string* out) {
  if (FlatView(text).empty()) return;
  AppendMember(key, out);
  AppendString(FlatView(text), out);
}

void AppendIntMember(std::string_view key, int64_t value, std::string* out) {
  AppendMember(key, out);
  AppendInt(value, out);
}

}  // namespace

size_t FlatFrameSize(std::string_view bytes) {
  if (bytes.size() < kFlatPrefix) return 0;
  const size_t size = FlatSize(bytes);
  return size <= bytes.size() ? size : 0;
}

// One message on its way into JSON.
class FlatReader::Translation {
 public:
  Translation(FlatReader& reader, Quotes quotes, std::string* out)
      : reader_(reader), quotes_(quotes), out_(out), begin_(out->size()) {}

  // Empty, or what is wrong.
  std::string Add(const wire::Message& message) {
    const wire::Body type = message.body_type();
    if (type != wire::Body::Quote && type != wire::Body::TopicMessages) End();
    const size_t from = out_->size();
    std::string wrong = Translate(message);
    const auto added = std::string_view(*out_).substr(from);
    if (wrong.empty() && !IsValidUtf8(added)) wrong = "text that is not UTF-8";
    return wrong;
  }

  // Closes the update or the messages that are open.
  void End() {
    if (open_ == wire::Body::NONE) return;
    open_ = wire::Body::NONE;
    *out_ += "}}";
  }

 private:
  std::string Translate(const wire::Message& message) {
    switch (message.body_type()) {
      case wire::Body::Hello:
        return Hello(*message.body_as_Hello());
      case wire::Body::FeedChange:
        return FeedChange(*message.body_as_FeedChange());
      case wire::Body::Ack:
        return Ack(*message.body_as_Ack());
      case wire::Body::Synced:
        return Synced(*message.body_as_Synced());
      case wire::Body::Pong:
        return Pong(*message.body_as_Pong());
      case wire::Body::Error:
        return Error(*message.body_as_Error());
      case wire::Body::Update:
        return Update(*message.body_as_Update());
      case wire::Body::Quote:
        return Quote(*message.body_as_Quote());
      case wire::Body::Heartbeat:
        return Heartbeat(*message.body_as_Heartbeat());
      case wire::Body::Closing:
        return Closing(*message.body_as_Closing());
      case wire::Body::Messages:
        return Messages(*message.body_as_Messages());
      case wire::Body::TopicMessages:
        return Topic(*message.body_as_TopicMessages());
      default:  // of a later version
        return {};
    }
  }

  void Begin(std::string_view type) {
    if (out_->size() != begin_) *out_ += '\n';
    absl::StrAppend(out_, "{\"type\":\"",
                    absl::string_view(type.data(), type.size()), "\"");
  }

  // An id is JSON already: it goes into JSON as it is.
  void Id(const flatbuffers::String* id) {
    if (FlatView(id).empty()) return;
    AppendMember("id", out_);
    *out_ += FlatView(id);
  }

  std::string Feeds(
      const flatbuffers::Vector<flatbuffers::Offset<wire::Feed>>* feeds) {
    reader_.feeds_.clear();
    AppendMember("feeds", out_);
    *out_ += '{';
    for (size_t i = 0; feeds != nullptr && i < feeds->size(); ++i) {
      const wire::Feed& f = *feeds->Get(static_cast<uint32_t>(i));
      FeedInfo info;
      info.name = std::string(FlatView(f.name()));
      info.source = static_cast<Source>(f.source());
      info.delay_s = f.delay_s();
      if (f.status() > wire::FeedStatus::MAX) return "feeds: unknown status";
      if (f.source() > wire::FeedSource::MAX) return "feeds: unknown source";
      info.stale_after_ns = f.stale_after_ms();
      info.quiet_after_ns = f.quiet_after_ms();
      // Not std::abs(): the smallest integer has no opposite.
      if (std::fabs(info.stale_after_ns) > kMillisecondsMax ||
          std::fabs(info.quiet_after_ns) > kMillisecondsMax) {
        return "feeds: a time out of range";
      }
      info.stale_after_ns *= kMillisecond;
      info.quiet_after_ns *= kMillisecond;
      if (i > 0) *out_ += ',';
      AppendFeed(info, static_cast<FeedStatus>(f.status()), out_);
      reader_.feeds_.push_back(info.name);
    }
    *out_ += '}';
    return {};
  }

  std::string Hello(const wire::Hello& m) {
    reader_.fields_.clear();
    if (reader_.epoch_ != m.epoch()) reader_.symbols_.clear();
    reader_.epoch_ = m.epoch();
    for (size_t i = 0; m.fields() != nullptr && i < m.fields()->size(); ++i) {
      const wire::Field& field = *m.fields()->Get(static_cast<uint32_t>(i));
      if (field.kind() > wire::FieldKind::MAX) return "fields: unknown kind";
      reader_.fields_.push_back({std::string(FlatView(field.name())),
                                 static_cast<FieldKind>(field.kind())});
    }
    Begin("hello");
    AppendIntMember("version", m.version(), out_);
    AppendMember("market", out_);
    AppendString(FlatView(m.market()), out_);
    AppendMember("epoch", out_);
    *out_ += '"';
    AppendEpoch(m.epoch(), out_);
    *out_ += '"';
    AppendTextMember("session", m.session(), out_);
    AppendIntMember("heartbeat_ms", m.heartbeat_ms(), out_);
    AppendIntMember("time", m.time(), out_);
    std::string wrong = Feeds(m.feeds());
    *out_ += '}';
    return wrong;
  }

  std::string FeedChange(const wire::FeedChange& m) {
    Begin("feed");
    AppendIntMember("time", m.time(), out_);
    std::string wrong = Feeds(m.feeds());
    *out_ += '}';
    return wrong;
  }

  std::string Ack(const wire::Ack& m) {
    Begin("ack");
    Id(m.id());
    AppendTextMember("at", m.at(), out_);
    if (std::isinf(m.max_rate())) {
      AppendMember("max_rate", out_);
      *out_ += "\"unlimited\"";
    } else if (m.max_rate() > 0 && m.max_rate() < 1e9) {
      AppendMember("max_rate", out_);
      AppendRate(m.max_rate(), out_);
    }
    bool first = true;
    const auto next = [&] {
      if (first) AppendMember("symbols", out_);
      *out_ += first ? '{' : ',';
      first = false;
    };
    for (size_t i = 0; m.symbols() != nullptr && i < m.symbols()->size(); ++i) {
      next();
      const wire::Symbol& symbol = *m.symbols()->Get(static_cast<uint32_t>(i));
      if (std::string wrong = Describe(symbol); !wrong.empty()) return wrong;
    }
    for (size_t i = 0; m.unknown() != nullptr && i < m.unknown()->size(); ++i) {
      next();
      AppendString(FlatView(m.unknown()->Get(static_cast<uint32_t>(i))), out_);
      *out_ += ":{\"unknown\":true}";
    }
    if (!first) *out_ += '}';
    if (m.seq() != 0)
      AppendIntMember("seq", static_cast<int64_t>(m.seq()), out_);
    *out_ += m.more() ? ",\"more\":true}" : "}";
    return {};
  }

  std::string Describe(const wire::Symbol& symbol) {
    if (symbol.decimals() > kDecimalsMax ||
        symbol.quantity_decimals() > kDecimalsMax) {
      return "a symbol with too many decimals";
    }
    const bool no_feed = symbol.topic() && symbol.feed() == kNoFeed;
    if (!no_feed && symbol.feed() >= reader_.feeds_.size()) {
      return "a symbol of no feed";
    }
    reader_.symbols_[symbol.number()] = {std::string(FlatView(symbol.code())),
                                         symbol.decimals(),
                                         symbol.quantity_decimals()};
    AppendString(FlatView(symbol.code()), out_);
    if (symbol.topic()) {
      *out_ += ":{\"topic\":true";
      AppendIntMember("keeps", symbol.keeps(), out_);
      if (!no_feed) {
        AppendMember("feed", out_);
        AppendString(reader_.feeds_[symbol.feed()], out_);
      }
      *out_ += '}';
      return {};
    }
    *out_ += ":{\"decimals\":";
    AppendInt(symbol.decimals(), out_);
    AppendIntMember("quantity_decimals", symbol.quantity_decimals(), out_);
    AppendTextMember("currency", symbol.currency(), out_);
    if (symbol.pip() != 0) {
      AppendMember("pip", out_);
      AppendDecimal(symbol.pip(), symbol.decimals(), out_);
    }
    AppendTextMember("name", symbol.name(), out_);
    AppendMember("feed", out_);
    AppendString(reader_.feeds_[symbol.feed()], out_);
    *out_ += '}';
    return {};
  }

  std::string Synced(const wire::Synced& m) {
    Begin("synced");
    Id(m.id());
    *out_ += '}';
    return {};
  }

  std::string Pong(const wire::Pong& m) {
    Begin("pong");
    Id(m.id());
    AppendIntMember("time", m.time(), out_);
    *out_ += '}';
    return {};
  }

  std::string Error(const wire::Error& m) {
    Begin("error");
    Id(m.id());
    AppendMember("code", out_);
    AppendString(FlatView(m.code()), out_);
    AppendMember("reason", out_);
    AppendString(FlatView(m.reason()), out_);
    AppendTextMember("key", m.key(), out_);
    *out_ += '}';
    return {};
  }

  std::string Update(const wire::Update& m) {
    Begin("update");
    AppendMember("epoch", out_);
    *out_ += '"';
    AppendEpoch(m.epoch(), out_);
    *out_ += '"';
    AppendIntMember("time", m.time(), out_);
    AppendMember("quotes", out_);
    *out_ += '{';
    open_ = wire::Body::Update;
    first_member_ = true;
    return {};
  }

  std::string Quote(const wire::Quote& m) {
    if (open_ != wire::Body::Update) return "a quote outside of an update";
    const auto found = reader_.symbols_.find(m.symbol());
    if (found == reader_.symbols_.end()) {
      return absl::StrCat("a quote of symbol ", m.symbol(),
                          ", which was not told");
    }
    const size_t count = m.fields() == nullptr ? 0 : m.fields()->size();
    if (count != (m.values() == nullptr ? 0 : m.values()->size()) ||
        count > kLayoutFieldsMax) {
      return "a quote whose fields and values do not match";
    }
    if (!first_member_) *out_ += ',';
    first_member_ = false;
    AppendString(found->second.code, out_);
    *out_ += ":{\"v\":";
    AppendInt(static_cast<int64_t>(m.version()), out_);
    if (m.snapshot()) *out_ += ",\"snapshot\":true";
    AppendIntMember("n", static_cast<int64_t>(m.ticks()), out_);
    AppendIntMember("t", m.received(), out_);
    if (m.event() != 0) AppendIntMember("e", m.event(), out_);
    if (m.quiet() != wire::Quiet::NotTold) {
      *out_ += m.quiet() == wire::Quiet::Withdrawn ? ",\"withdrawn\":true"
               : m.quiet() == wire::Quiet::Yes     ? ",\"quiet\":true"
                                                   : ",\"quiet\":false";
    }
    for (size_t i = 0; i < count; ++i) {
      const uint16_t field = FlatElement(*m.fields(), i);
      if (field >= reader_.fields_.size()) {
        return absl::StrCat("a quote with field ", field,
                            ", which was not told");
      }
      if (quotes_ == Quotes::kHeads) continue;
      *out_ += ',';
      AppendString(reader_.fields_[field].name, out_);
      *out_ += ':';
      if ((m.empty() >> i & 1) != 0) {
        *out_ += "null";
      } else {
        Value(reader_.fields_[field].kind, found->second,
              FlatElement(*m.values(), i));
      }
    }
    *out_ += '}';
    return {};
  }

  void Value(FieldKind kind, const FlatReader::Symbol& symbol, int64_t value) {
    char storage[8];
    switch (kind) {
      case FieldKind::kPrice:
        return AppendDecimal(value, symbol.decimals, out_);
      case FieldKind::kQuantity:
        return AppendDecimal(value, symbol.quantity_decimals, out_);
      case FieldKind::kTime:
        return AppendInt(value, out_);
      case FieldKind::kText:
        return AppendString(UnpackText(value, storage), out_);
    }
  }

  std::string Messages(const wire::Messages& m) {
    Begin("messages");
    AppendIntMember("time", m.time(), out_);
    AppendMember("topics", out_);
    *out_ += '{';
    open_ = wire::Body::Messages;
    first_member_ = true;
    return {};
  }

  std::string Topic(const wire::TopicMessages& m) {
    if (open_ != wire::Body::Messages) return "a topic outside of messages";
    const auto found = reader_.symbols_.find(m.symbol());
    if (found == reader_.symbols_.end()) {
      return absl::StrCat("messages of topic ", m.symbol(),
                          ", which was not told");
    }
    if (!first_member_) *out_ += ',';
    first_member_ = false;
    AppendString(found->second.code, out_);
    *out_ += ":{\"v\":";
    AppendInt(static_cast<int64_t>(m.last()), out_);
    if (m.withdrawn()) *out_ += ",\"withdrawn\":true";
    if (m.lost_unknown()) {
      *out_ += ",\"lost\":null";
    } else if (m.lost() != 0) {
      AppendIntMember("lost", static_cast<int64_t>(m.lost()), out_);
    }
    AppendMember("messages", out_);
    *out_ += '[';
    const size_t count = m.messages() == nullptr ? 0 : m.messages()->size();
    for (size_t i = 0; i < count; ++i) {
      const auto& message = *m.messages()->Get(static_cast<uint32_t>(i));
      const std::string_view data = FlatView(message.data());
      // It goes into JSON as it is, and into a line.
      if (data.empty() || data.find('\n') != data.npos) {
        return "a message whose data is no line of JSON";
      }
      *out_ += i > 0 ? ",{\"seq\":" : "{\"seq\":";
      AppendInt(static_cast<int64_t>(message.seq()), out_);
      AppendIntMember("time", message.time(), out_);
      AppendMember("data", out_);
      *out_ += data;
      *out_ += '}';
    }
    *out_ += "]}";
    return {};
  }

  std::string Heartbeat(const wire::Heartbeat& m) {
    Begin("heartbeat");
    AppendIntMember("time", m.time(), out_);
    *out_ += '}';
    return {};
  }

  std::string Closing(const wire::Closing& m) {
    Begin("closing");
    AppendIntMember("code", m.code(), out_);
    AppendMember("reason", out_);
    AppendString(FlatView(m.reason()), out_);
    if (m.after_ms() < 0) {
      *out_ += ",\"retry\":false}";
    } else {
      *out_ += ",\"retry\":true";
      AppendIntMember("after_ms", m.after_ms(), out_);
      *out_ += '}';
    }
    return {};
  }

  FlatReader& reader_;
  const Quotes quotes_;
  std::string* const out_;
  const size_t begin_;
  wire::Body open_ = wire::Body::NONE;  // an Update or Messages
  bool first_member_ = true;
};

absl::Status FlatReader::ToJson(std::string_view message, std::string* lines,
                                Quotes quotes) {
  Translation translation(*this, quotes, lines);
  size_t offset = 0;
  while (offset < message.size()) {
    const std::string_view rest = message.substr(offset);
    const size_t size = FlatFrameSize(rest);
    if (size == 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("message cut off at byte ", offset));
    }
    frame_ = rest.substr(0, size);  // aligned, wherever the message lies
    flatbuffers::Verifier verifier(
        reinterpret_cast<const uint8_t*>(frame_.data()), size);
    std::string wrong;
    if (size % kFlatAlign != 0 ||
        !wire::VerifySizePrefixedMessageBuffer(verifier)) {
      wrong = "not a FlatBuffer of client.fbs";
    } else {
      const wire::Message& frame = *wire::GetSizePrefixedMessage(frame_.data());
      // Known by its type, and there: a union may be without its table.
      if (frame.body() != nullptr) wrong = translation.Add(frame);
    }
    if (!wrong.empty()) {
      return absl::InvalidArgumentError(
          absl::StrCat(wrong, " at byte ", offset));
    }
    offset += size;
  }
  translation.End();
  return absl::OkStatus();
}

}  // namespace streamhub
