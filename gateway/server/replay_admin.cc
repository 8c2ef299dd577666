#include "gateway/server/replay_admin.h"

#include <absl/status/status.h>
#include <absl/status/statusor.h>
#include <absl/strings/str_cat.h>
#include <simdjson.h>

#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include "feeds/replay/replay_time.h"
#include "gateway/base/json_text.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"
#include "gateway/codec/json.h"
#include "gateway/codec/query_string.h"
#include "gateway/server/replay_page.h"

namespace streamhub {
namespace {

namespace dom = simdjson::dom;
using Kind = ReplayCommand::Kind;

constexpr char kNoReplay[] = "there is no replay here: feed is not replay";

// The one argument of a command, whichever way it came.
struct Argument {
  std::optional<std::string> text;
  std::optional<double> number;

  bool empty() const { return !text.has_value() && !number.has_value(); }
};

absl::Status Bad(std::string_view why) {
  return absl::InvalidArgumentError(ToAbsl(why));
}

absl::Status Unknown(std::string_view key, std::string_view wanted) {
  return Bad(absl::StrCat("unknown argument '", ShownText(key), "': ",
                          wanted.empty()
                              ? std::string("this command has none")
                              : absl::StrCat("want '", ToAbsl(wanted), "'")));
}

absl::Status ReadQuery(std::string_view query, std::string_view wanted,
                       Argument* argument) {
  std::vector<QueryParameter> parameters;
  std::string bad;
  if (!SplitQuery(query, &parameters, &bad)) {
    return Bad(
        absl::StrCat("the query has a bad '%' in '", ShownText(bad), "'"));
  }
  for (QueryParameter& parameter : parameters) {
    if (parameter.name != wanted) return Unknown(parameter.name, wanted);
    if (!argument->empty()) {
      return Bad(absl::StrCat("'", ToAbsl(wanted), "' is given twice"));
    }
    argument->text = std::move(parameter.value);
  }
  return absl::OkStatus();
}

absl::Status ReadBody(std::string_view body, std::string_view wanted,
                      Argument* argument) {
  if (body.empty()) return absl::OkStatus();
  dom::parser parser;
  dom::object members;
  if (parser.parse(simdjson::padded_string(body)).get(members) !=
      simdjson::SUCCESS) {
    return Bad("the body is no JSON object");
  }
  for (const dom::key_value_pair member : members) {
    if (member.key != wanted) return Unknown(member.key, wanted);
    if (!argument->empty()) {
      return Bad(absl::StrCat("'", ToAbsl(wanted), "' is given twice"));
    }
    std::string_view text;
    double number = 0;
    if (member.value.get(text) == simdjson::SUCCESS) {
      argument->text = std::string(text);
    } else if (member.value.get(number) == simdjson::SUCCESS) {
      argument->number = number;
    } else {
      return Bad(absl::StrCat("'", ToAbsl(wanted),
                              "' is neither a text nor a number"));
    }
  }
  return absl::OkStatus();
}

absl::Status ReadSeek(const Argument& argument, ReplayCommand* command) {
  if (!argument.text.has_value()) {
    return Bad("want 'to', a time like \"14:30\" or \"2024-01-02T14:30:00Z\"");
  }
  const auto time = ParseReplayTime(*argument.text);
  if (!time.ok()) {
    return Bad(absl::StrCat("to: ", time.status().message()));
  }
  command->to = *time;
  return absl::OkStatus();
}

absl::Status ReadSpeed(const Argument& argument, ReplayCommand* command) {
  std::optional<double> speed = argument.number;
  if (argument.text == "max") {
    speed = std::numeric_limits<double>::infinity();
  } else if (argument.text.has_value()) {
    double number = 0;
    const char* const end = argument.text->data() + argument.text->size();
    const auto [stop, error] =
        std::from_chars(argument.text->data(), end, number);
    if (error == std::errc() && stop == end && std::isfinite(number)) {
      speed = number;
    }
  }
  const bool good =
      speed.has_value() &&
      (std::isinf(*speed) ? argument.text == "max"
                          : *speed >= ReplayControl::kSpeedMin &&
                                *speed <= ReplayControl::kSpeedMax);
  if (!good) {
    return Bad("want 'speed', a number from 0.001 to 1000000, or \"max\"");
  }
  command->speed = *speed;
  return absl::OkStatus();
}

std::string_view ArgumentOf(Kind kind) {
  return kind == Kind::kSeek ? "to" : kind == Kind::kSpeed ? "speed" : "";
}

absl::StatusOr<ReplayCommand> ReadCommand(Kind kind,
                                          const AdminRequest& request) {
  Argument argument;
  absl::Status status = ReadQuery(request.query, ArgumentOf(kind), &argument);
  if (status.ok()) {
    status = ReadBody(request.body, ArgumentOf(kind), &argument);
  }
  ReplayCommand command;
  command.kind = kind;
  if (status.ok() && kind == Kind::kSeek) status = ReadSeek(argument, &command);
  if (status.ok() && kind == Kind::kSpeed) {
    status = ReadSpeed(argument, &command);
  }
  if (!status.ok()) return status;
  return command;
}

AdminAnswer Obey(Kind kind, const AdminRequest& request, ReplayControl* control,
                 const Clock& clock) {
  if (control == nullptr) return AdminError(404, kNoReplay);
  const auto command = ReadCommand(kind, request);
  if (!command.ok()) {
    return AdminError(400, FromAbsl(command.status().message()));
  }
  if (kind == Kind::kSeek && !command->to.of_day) {
    const ReplayState state = control->state();
    if (!state.rewindable &&
        command->to.ns < state.PositionAt(clock.MonoNs())) {
      return AdminError(409,
                        "to: is in the past, and a pipe is read only once");
    }
  }
  const auto number = control->Post(*command);
  if (!number.ok()) {
    return AdminError(503, FromAbsl(number.status().message()));
  }
  AdminAnswer answer;
  answer.status = 202;
  answer.body = absl::StrCat("{\"command\":", *number, "}\n");
  return answer;
}

std::string_view NameOf(ReplayState::Phase phase) {
  switch (phase) {
    case ReplayState::Phase::kPlaying:
      return "playing";
    case ReplayState::Phase::kPaused:
      return "paused";
    case ReplayState::Phase::kSeeking:
      return "seeking";
    case ReplayState::Phase::kEnded:
      return "ended";
  }
  return "playing";
}

void AppendTime(std::string_view key, int64_t ns, std::string* out) {
  absl::StrAppend(out, ",\"", ToAbsl(key), "\":");
  if (ns == 0) {
    *out += "null";
  } else {
    absl::StrAppend(out, "\"", FormatUtc(ns), "\"");
  }
}

// File names are bytes.
std::string Utf8Of(std::string_view text) {
  if (IsValidUtf8(text)) return std::string(text);
  std::string ascii(text);
  for (char& c : ascii) {
    if (static_cast<unsigned char>(c) >= 0x80) c = '?';
  }
  return ascii;
}

}  // namespace

std::string ReplayStateJson(const ReplayState& state, std::string_view file,
                            int64_t mono_ns) {
  std::string out = "{\"phase\":";
  AppendString(NameOf(state.phase), &out);
  absl::StrAppend(&out, ",\"paused\":", state.paused ? "true" : "false",
                  ",\"speed\":");
  if (std::isinf(state.speed)) {
    out += "\"max\"";
  } else {
    AppendRate(state.speed, &out);
  }
  AppendTime("position", state.PositionAt(mono_ns), &out);
  AppendTime("next", state.next_ns, &out);
  AppendTime("first", state.first_ns, &out);
  AppendTime("last", state.last_ns, &out);
  out += ",\"fraction\":";
  if (state.bytes_total == 0) {
    out += "null";
  } else {
    AppendRate(state.Fraction(), &out);
  }
  absl::StrAppend(&out, ",\"round\":", state.round,
                  ",\"messages\":", state.messages, ",\"file\":");
  AppendString(Utf8Of(file), &out);
  absl::StrAppend(&out, ",\"file_number\":", state.file_number,
                  ",\"files\":", state.files,
                  ",\"bytes_read\":", state.bytes_read, ",\"bytes_total\":");
  if (state.bytes_total == 0) {
    out += "null";
  } else {
    absl::StrAppend(&out, state.bytes_total);
  }
  absl::StrAppend(&out, ",\"rewindable\":", state.rewindable ? "true" : "false",
                  ",\"done\":", state.done,
                  ",\"mono\":", mono_ns / kMicrosecond, "}\n");
  return out;
}

std::vector<AdminRoute> ReplayRoutes(ReplayControl* control,
                                     const Clock& clock) {
  std::vector<AdminRoute> routes;
  routes.push_back({"GET", "/replay", [](const AdminRequest&) {
                      return PageAnswer(ReplayPage);
                    }});
  routes.push_back(
      {"GET", "/admin/replay", [control, &clock](const AdminRequest&) {
         if (control == nullptr) return AdminError(404, kNoReplay);
         AdminAnswer answer;
         answer.body =
             ReplayStateJson(control->state(), control->file(), clock.MonoNs());
         return answer;
       }});
  for (const auto& [name, kind] :
       {std::pair("pause", Kind::kPause), std::pair("resume", Kind::kResume),
        std::pair("step", Kind::kStep), std::pair("seek", Kind::kSeek),
        std::pair("speed", Kind::kSpeed)}) {
    routes.push_back(
        {"POST", absl::StrCat("/admin/replay/", name),
         [control, &clock, kind = kind](const AdminRequest& request) {
           return Obey(kind, request, control, clock);
         }});
  }
  return routes;
}

}  // namespace streamhub
