#include "gateway/cli/doctor_findings.h"

#include <absl/strings/ascii.h>
#include <absl/strings/match.h>
#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <algorithm>
#include <array>
#include <cstdlib>
#include <utility>

#include "gateway/base/clock.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"

namespace streamhub {
namespace {

constexpr int64_t kHeldBackUs = 1'000'000;
constexpr int64_t kClockUs = 1'000'000;
constexpr int64_t kIdleNs = kSecond / 2;
constexpr int64_t kDeafNs = 2 * kSecond;

// The one table of cures; web/doctor/cures.ts is the page's.
constexpr auto kCures = std::to_array<Cure>({
    {" upgrade_refused upgrade_silent deaf ", "Let WebSockets through",
     "# in http { }:\n"
     "map $http_upgrade $streamhub_connection { default upgrade; '' ''; }\n"
     "# in location / { }:\n"
     "proxy_http_version 1.1;\n"
     "proxy_set_header Upgrade $http_upgrade;\n"
     "proxy_set_header Connection $streamhub_connection;\n"
     "proxy_set_header Host $http_host;",
     "mode http  # passes upgrades; delete no Upgrade or Connection header\n"
     "timeout tunnel 60s",
     "reverse_proxy 127.0.0.1:8080  # passes WebSockets by itself"},
    {" host_changed ", "Pass the Host header on",
     "proxy_set_header Host $http_host;", "# no `http-request set-header Host`",
     "# no `header_up Host`"},
    {" buffered silent ", "Pass each message on at once",
     "proxy_buffering off;\ngzip off;\nproxy_http_version 1.1;",
     "option http-no-delay  # and no `option http-buffer-response`",
     "reverse_proxy 127.0.0.1:8080 {\n\tflush_interval -1\n}\n"
     "# and no `encode`: it gathers what it compresses"},
    {" cut idle_cut ", "Let connections live",
     "proxy_read_timeout 60s;\nsend_timeout 60s;",
     "timeout client 60s\ntimeout server 60s\ntimeout tunnel 60s",
     "# no `timeouts { write ... }` of the server, in reverse_proxy no\n"
     "# `stream_timeout`, and in its transport http no `read_timeout`"},
    {" compressed ", "Do not compress",
     "gzip off;\nproxy_set_header Accept-Encoding '';",
     "# no `compression algo` or `filter compression`",
     "# no `encode`\nreverse_proxy 127.0.0.1:8080 {\n"
     "\ttransport http {\n\t\tcompression off\n\t}\n}"},
    {" type_changed cache_changed ", "Leave the headers as they are",
     "# no `proxy_hide_header`, `add_header` or `expires` for /v1/",
     "# no `http-response set-header`, `replace-header` or `del-header` of "
     "them",
     "# no `header` or `header_down` for /v1/"},
});

std::string Seconds(int64_t ns) {
  return absl::StrFormat("%.1f s", static_cast<double>(ns) / double{kSecond});
}

std::string Size(int64_t bytes) {
  return bytes < 1000
             ? absl::StrCat(bytes, " bytes")
             : absl::StrFormat("%.1f KB", static_cast<double>(bytes) / 1000);
}

// What a header says, cut to what fits into a sentence.
std::string Said(const HttpHead& head, std::string_view name) {
  return ShownText(head.Field(name));
}

bool Says(const HttpHead& head, std::string_view name, std::string_view what) {
  return absl::StrContains(absl::AsciiStrToLower(ToAbsl(head.Field(name))),
                           ToAbsl(what));
}

std::string By(const HttpHead& head) {
  const std::string via = Said(head, "Via"), server = Said(head, "Server");
  const std::string& who = via.empty() ? server : via;
  return who.empty() ? "" : absl::StrCat(" (by ", who, ")");
}

void Add(Diagnosis* out, std::string code, std::string text,
         bool note = false) {
  out->findings.push_back({std::move(code), std::move(text), note});
}

// There was no `hello`.
void FindSilence(Diagnosis* out) {
  const DoctorFacts& f = out->facts;
  const bool socket = f.door == Door::kWebSocket;
  const int wanted = socket ? 101 : 200;
  const int status = f.head.status;
  out->verdict = Verdict::kBroken;
  if (f.connected_ns < 0) {
    Add(out, "unreachable", f.failure);
  } else if (status == 404 &&
             (f.door == Door::kFrame || f.door == Door::kJsonp)) {
    out->verdict = Verdict::kClosed;
    Add(out, "closed", "not opened by script_doors", true);
  } else if (status == 403 &&
             (f.door == Door::kFrame || f.door == Door::kJsonp)) {
    Add(out, "host_changed",
        absl::StrCat("refused: 403: a proxy changes the Host header",
                     By(f.head),
                     "; the gateway's own pages are foreign to it "
                     "then, and cannot publish either"));
  } else if (status != 0 && status != wanted) {
    const bool stripped =
        socket && (status == 426 || status == 400 || status == 200);
    Add(out, socket ? "upgrade_refused" : "refused",
        absl::StrCat(stripped ? "upgrade headers are removed: "
                     : socket ? "the upgrade is refused: "
                              : "refused: ",
                     status, " instead of ", wanted, By(f.head)));
  } else if (!f.encoding.empty() && f.ended_ns >= 0 && f.bytes == 0) {
    Add(out, "refused", "it compresses, and does not answer otherwise");
  } else if (status == wanted && f.messages == 0 && f.bytes > 0 &&
             f.ended_ns >= 0) {
    Add(out, "garbage",
        absl::StrCat("what answers is no StreamHub", By(f.head)));
  } else if (f.ended_ns >= 0) {
    Add(out, socket ? "upgrade_refused" : "cut",
        absl::StrCat("ended after ", Seconds(f.ended_ns),
                     " before anything came: ", f.failure));
  } else if (socket && status == 0) {
    Add(out, "upgrade_silent",
        absl::StrCat("the upgrade got no answer within ", Seconds(f.over_ns)));
  } else {
    Add(out, socket ? "silent" : "buffered",
        absl::StrCat(socket ? "accepted, and then "
                            : "a proxy buffers "
                              "responses: ",
                     "nothing came within ", Seconds(f.over_ns), By(f.head)));
  }
}

void FindHeaders(Diagnosis* out) {
  const DoctorFacts& f = out->facts;
  if (!f.encoding.empty()) {
    Add(out, "compressed",
        absl::StrCat("compressed on the way: Content-Encoding ", f.encoding,
                     By(f.head)));
  }
  if (f.door == Door::kWebSocket || f.head.status != 200) return;
  const std::string_view type = f.door == Door::kSse     ? "text/event-stream"
                                : f.door == Door::kFrame ? "text/html"
                                : f.door == Door::kJsonp
                                    ? "text/javascript"
                                    : "application/x-ndjson";
  if (!Says(f.head, "Content-Type", type)) {
    Add(out, "type_changed",
        absl::StrCat("the Content-Type was changed: \"",
                     Said(f.head, "Content-Type"), "\" instead of ",
                     ToAbsl(type)));
  }
  if (!Says(f.head, "Cache-Control", "no-store")) {
    Add(out, "cache_changed",
        absl::StrCat("the Cache-Control was changed: \"",
                     Said(f.head, "Cache-Control"), "\" instead of no-store"));
  }
  if (!IsPoll(f.door) && !Says(f.head, "X-Accel-Buffering", "no")) {
    Add(out, "accel_taken",
        "X-Accel-Buffering did not come through (nginx keeps it for itself)",
        true);
  }
}

// There was a `hello`; `lag_us`: the least of all messages.
void FindTrouble(int64_t lag_us, Diagnosis* out) {
  const DoctorFacts& f = out->facts;
  const int64_t held_us = f.lag_us_max - lag_us;
  if (f.lag_us_max > INT64_MIN && held_us > kHeldBackUs) {
    Add(out, "buffered",
        absl::StrCat("a proxy buffers responses: ", Size(f.burst_bytes),
                     " arrived at once after ", Seconds(f.burst_ns), ", up to ",
                     Seconds(held_us * kMicrosecond), " late", By(f.head)));
  }
  const bool cut = f.ended_ns >= 0 && !f.goodbye;
  if (cut) {
    // A poll's last byte may be that of a refusal, which a proxy sends when it
    // is tired of waiting.
    const bool refused = IsPoll(f.door) && f.head.status != 200;
    const int64_t idle_ns =
        f.ended_ns - (refused ? f.asked_ns : f.last_byte_ns);
    const bool idle = idle_ns >= kIdleNs;
    Add(out, idle ? "idle_cut" : "cut",
        idle ? absl::StrCat("connections are cut after ", Seconds(idle_ns),
                            " without data: ", f.failure)
             : absl::StrCat("the connection was cut after ",
                            Seconds(f.ended_ns), ": ", f.failure));
  }
  const int64_t quiet_ns = f.over_ns - f.last_byte_ns;
  const int64_t beat_ns = f.heartbeat_ms * kMillisecond;
  const int64_t silence_ns = std::max(f.silence_ns, cut ? 0 : quiet_ns);
  if (f.ended_ns < 0 && !out->Has("buffered") && silence_ns > 5 * beat_ns / 2) {
    Add(out, "silent",
        absl::StrCat("nothing came for ", Seconds(silence_ns),
                     "; the gateway sends something every ", Seconds(beat_ns)));
  }
  if (f.pings > f.pongs && !cut && f.over_ns - f.pinged_ns > kDeafNs) {
    Add(out, "deaf", "what this side says gets no answer");
  }
}

int64_t LeastLag(const std::vector<DoctorFacts>& all) {
  int64_t least = INT64_MAX;
  for (const DoctorFacts& f : all) least = std::min(least, f.lag_us_min);
  return least;
}

std::optional<Door> Choose(const std::vector<Diagnosis>& doors) {
  const auto find = [&doors](auto good) -> std::optional<Door> {
    const auto one = std::find_if(doors.begin(), doors.end(), good);
    if (one == doors.end()) return std::nullopt;
    return one->facts.door;
  };
  const auto works = [](const Diagnosis& d) {
    return d.verdict == Verdict::kGood || d.verdict == Verdict::kLimited;
  };
  // What gathers or cuts is left by the client.
  auto choice = find([&works](const Diagnosis& d) {
    return works(d) && !d.Has("buffered") && !d.Has("cut") &&
           !d.Has("idle_cut") && !d.Has("silent") && !d.Has("deaf");
  });
  return choice.has_value() ? choice : find(works);
}

std::vector<Cure> ChooseCures(const std::vector<Diagnosis>& doors) {
  std::vector<Cure> cures;
  for (const Cure& cure : kCures) {
    bool needed = false;
    for (const Diagnosis& door : doors) {
      for (const Finding& finding : door.findings) {
        needed |= absl::StrContains(ToAbsl(cure.codes),
                                    absl::StrCat(" ", finding.code, " "));
      }
    }
    if (needed) cures.push_back(cure);
  }
  return cures;
}

}  // namespace

std::string_view NameOf(Verdict verdict) {
  switch (verdict) {
    case Verdict::kGood:
      return "good";
    case Verdict::kLimited:
      return "works, but";
    case Verdict::kBroken:
      return "does not work";
    case Verdict::kClosed:
      return "closed";
  }
  return "";
}

bool Diagnosis::Has(std::string_view code) const {
  return std::any_of(findings.begin(), findings.end(),
                     [code](const Finding& f) { return f.code == code; });
}

Diagnoses Diagnose(std::vector<DoctorFacts> facts) {
  Diagnoses out;
  const int64_t lag_us = LeastLag(facts);
  for (DoctorFacts& one : facts) {
    Diagnosis door;
    door.facts = std::move(one);
    if (door.facts.hello_ns < 0) {
      FindSilence(&door);
    } else {
      FindTrouble(lag_us, &door);
    }
    if (door.verdict != Verdict::kClosed) FindHeaders(&door);
    const bool found = std::any_of(door.findings.begin(), door.findings.end(),
                                   [](const Finding& f) { return !f.note; });
    if (door.verdict == Verdict::kGood && found) {
      door.verdict = Verdict::kLimited;
    }
    const HttpHead& head = door.facts.head;
    for (const std::string_view name : {"Via", "Server"}) {
      if (out.through.empty()) out.through = Said(head, name);
    }
    out.doors.push_back(std::move(door));
  }
  out.choice = Choose(out.doors);
  out.cures = ChooseCures(out.doors);
  if (lag_us != INT64_MAX) out.clock_us = lag_us;
  if (out.clock_us.has_value() && std::abs(*out.clock_us) > kClockUs) {
    out.findings.push_back(
        {"clock", absl::StrCat("the clock of this machine is ",
                               Seconds(std::abs(*out.clock_us) * kMicrosecond),
                               *out.clock_us > 0 ? " ahead of" : " behind",
                               " the gateway's")});
  }
  const bool all =
      std::all_of(out.doors.begin(), out.doors.end(), [](const Diagnosis& d) {
        return d.verdict == Verdict::kGood || d.verdict == Verdict::kClosed;
      });
  if (!all || !out.findings.empty()) out.verdict = Verdict::kLimited;
  if (!out.choice.has_value()) out.verdict = Verdict::kBroken;
  return out;
}

}  // namespace streamhub
