// watch: follows symbols of a gateway, as a live table or as lines of JSON.

#include <absl/strings/str_cat.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cerrno>
#include <cstdio>
#include <limits>
#include <memory>
#include <random>
#include <string>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"
#include "gateway/cli/command.h"
#include "gateway/cli/command_line.h"
#include "gateway/cli/quote_board.h"
#include "gateway/cli/quote_line.h"
#include "gateway/cli/quote_table.h"
#include "gateway/cli/stop_signal.h"
#include "gateway/cli/stream_client.h"
#include "gateway/cli/trust_flags.h"
#include "gateway/cli/watch_options.h"
#include "gateway/cli/watch_url.h"

namespace streamhub {
namespace {

constexpr int64_t kNever = std::numeric_limits<int64_t>::max() / 2;
constexpr int64_t kConnectNsMax = 5 * kSecond;
constexpr int64_t kSilenceNsMax = 30 * kSecond;  // then the connection is dead
constexpr int64_t kFirstEchoNs = kSecond;
constexpr int64_t kEchoEveryNs = 30 * kSecond;
constexpr int64_t kRedrawNs = 100 * kMillisecond;
constexpr int64_t kAgeNs = kSecond;  // ages and staleness move by themselves
constexpr int64_t kBackoffNsMin = 500 * kMillisecond;
constexpr int64_t kBackoffNsMax = 10 * kSecond;

class Watch {
 public:
  Watch(const WatchOptions& options, WatchUrl url)
      : options_(options), url_(std::move(url)), board_(options.symbols) {
    if (options_.timeout_s > 0) {
      timeout_at_ns_ =
          Now() + static_cast<int64_t>(options_.timeout_s * double{kSecond});
    }
  }

  int Run();

 private:
  static int64_t Now() { return SystemClock().MonoNs(); }
  bool Done() const { return options_.count > 0 && seen_ >= options_.count; }

  int FailLate(const absl::Status& why) const;
  absl::Status FollowOnce();
  absl::StatusOr<std::unique_ptr<StreamClient>> Connect();
  absl::Status Follow(StreamClient& client);
  absl::Status Take(const std::string& text);
  absl::Status Echo(StreamClient& client);
  absl::Status Pause(const absl::Status& why);
  void Print(const QuoteBoard::Update& update);
  void TellStates();
  void WriteLines();
  void TellUnknown();
  void Draw();

  const WatchOptions& options_;
  const WatchUrl url_;
  StopSignal stop_;
  QuoteBoard board_;
  std::minstd_rand random_{std::random_device{}()};
  int64_t timeout_at_ns_ = kNever;
  int64_t seen_ = 0;
  int64_t backoff_ns_ = kBackoffNsMin;
  int64_t after_ns_ = 0;                  // the server's wish
  std::string trouble_;                   // why there is no connection
  std::vector<std::string> told_states_;  // by quote; empty: nothing told
  std::vector<bool> told_unknown_;
  std::string lines_;     // to write, on a terminal above the table
  int output_error_ = 0;  // the errno of the first write that failed
  size_t drawn_ = 0;      // lines of the table on the terminal
  int64_t drawn_at_ns_ = 0;
};

int Watch::Run() {
  for (;;) {
    const absl::Status ended = FollowOnce();
    board_.Disconnect();
    if (output_error_ != 0) return FailOutput(output_error_);
    if (Done() || absl::IsCancelled(ended)) return kExitOk;
    if (Now() >= timeout_at_ns_) return FailLate(ended);
    if (absl::IsFailedPrecondition(ended) || absl::IsInvalidArgument(ended)) {
      return Fail(absl::Status(absl::StatusCode::kUnknown, ended.message()));
    }
    // Whoever counts updates wants to know now.
    if (options_.count > 0) return Fail(ended);
    const absl::Status paused = Pause(ended);
    if (!paused.ok()) return kExitOk;
  }
}

// What came, and what was in the way of more, if that is known.
int Watch::FailLate(const absl::Status& why) const {
  std::string text = absl::StrCat("got ", seen_, " of ", options_.count,
                                  " updates within ", options_.timeout_s, " s");
  if (!absl::IsDeadlineExceeded(why))
    absl::StrAppend(&text, ": ", why.message());
  return Fail(absl::DeadlineExceededError(text));
}

// Never OK, unless all updates were seen.
absl::Status Watch::FollowOnce() {
  if (!options_.json) Draw();
  auto client = Connect();
  return client.ok() ? Follow(**client) : client.status();
}

absl::StatusOr<std::unique_ptr<StreamClient>> Watch::Connect() {
  StreamRequest request;
  request.names = board_.Names();
  request.token = board_.token();
  request.fields = options_.fields;
  request.max_rate = options_.max_rate;
  request.history = options_.history;
  const int64_t deadline_ns = std::min(Now() + kConnectNsMax, timeout_at_ns_);
  if (options_.transport == "sse") {
    return ConnectSse(url_, request, stop_, deadline_ns);
  }
  if (options_.transport == "stream") {
    return ConnectHttpStream(url_, request, stop_, deadline_ns);
  }
  if (options_.transport == "poll") {
    // The first of a connection asks for everything, as if it held nothing.
    request.names = board_.Names();
    request.token.clear();
    return ConnectPoll(
        url_,
        [this, request, first = true]() mutable {
          if (std::exchange(first, false)) return request;
          request.names = board_.PollNames();
          request.token = board_.token();
          return request;
        },
        stop_, deadline_ns);
  }
  return ConnectWebSocket(url_, request, stop_, deadline_ns);
}

absl::Status Watch::Follow(StreamClient& client) {
  int64_t heard_ns = Now();
  int64_t echo_at_ns = heard_ns + kFirstEchoNs;
  while (!Done()) {
    const int64_t look_at_ns = (options_.json ? Now() : drawn_at_ns_) + kAgeNs;
    const auto text = client.Next(
        std::min({look_at_ns, timeout_at_ns_, heard_ns + kSilenceNsMax}));
    if (text.ok()) {
      heard_ns = Now();
      absl::Status taken = Take(*text);
      if (taken.ok() && heard_ns >= echo_at_ns) {
        echo_at_ns = heard_ns + kEchoEveryNs;
        taken = Echo(client);
      }
      if (!taken.ok()) return taken;
    } else if (!absl::IsDeadlineExceeded(text.status())) {
      return text.status();
    }
    const int64_t now_ns = Now();
    if (now_ns >= timeout_at_ns_) {
      return absl::DeadlineExceededError("too late");
    }
    if (now_ns - heard_ns >= kSilenceNsMax) {
      return absl::UnavailableError("the server has gone silent");
    }
    if (options_.json) TellStates();
    if (!options_.json && now_ns - drawn_at_ns_ >= kRedrawNs) Draw();
    if (output_error_ != 0) return absl::UnavailableError("no reader");
  }
  if (!options_.json) Draw();
  return absl::OkStatus();
}

absl::Status Watch::Take(const std::string& text) {
  QuoteBoard::Message message;
  const absl::Status applied = board_.Apply(text, Now(), &message);
  if (!applied.ok()) return absl::UnavailableError(applied.message());
  if (message.refused) {
    return absl::FailedPreconditionError("the server refuses: " +
                                         message.reason);
  }
  if (board_.connected()) {
    trouble_.clear();
    backoff_ns_ = kBackoffNsMin;
  }
  for (const QuoteBoard::Update& update : message.updates) {
    if (Done()) break;
    ++seen_;
    if (options_.json) Print(update);
  }
  for (QuoteBoard::Part& part : message.parts) {
    if (Done()) break;
    const size_t left = options_.count > 0
                            ? static_cast<size_t>(options_.count - seen_)
                            : part.messages.size();
    part.messages.resize(std::min(part.messages.size(), left));
    seen_ += static_cast<int64_t>(part.messages.size());
    const std::string& name = board_.quotes()[part.quote].symbol;
    lines_ +=
        options_.json ? MessageLines(name, part) : MessageTexts(name, part);
  }
  if (options_.json) {
    TellStates();
    TellUnknown();
  }
  if (message.closing) {
    after_ns_ = std::clamp<int64_t>(message.after_ms, 0, 60'000) * kMillisecond;
    const std::string why = "the server says: " + message.reason;
    return message.retry ? absl::UnavailableError(why)
                         : absl::FailedPreconditionError(why);
  }
  return absl::OkStatus();
}

// So that the gateway learns how long its messages take.
absl::Status Watch::Echo(StreamClient& client) {
  if (board_.server_us() == 0) return absl::OkStatus();
  const int64_t held_us = (Now() - board_.heard_ns()) / kMicrosecond;
  return client.Say(
      absl::StrCat(R"({"type":"ping","time":)", board_.server_us(),
                   R"(,"held_us":)", held_us, "}"),
      Now() + kConnectNsMax);
}

// Cancelled if the program is to stop.
absl::Status Watch::Pause(const absl::Status& why) {
  trouble_ = ForTerminal(FromAbsl(why.message()));
  after_ns_ = std::max(after_ns_, RetryMsIn(trouble_) * kMillisecond);
  std::uniform_real_distribution<double> jitter(0.5, 1.0);
  const auto backoff_ns =
      static_cast<int64_t>(static_cast<double>(backoff_ns_) * jitter(random_));
  const int64_t until_ns = Now() + std::max(backoff_ns, after_ns_);
  backoff_ns_ = std::min(2 * backoff_ns_, kBackoffNsMax);
  after_ns_ = 0;
  if (options_.json) {
    TellStates();
    std::fprintf(stderr, "streamhub: disconnected: %s; trying again\n",
                 trouble_.c_str());
  }
  while (Now() < until_ns) {
    if (!options_.json) Draw();
    const int64_t wait_ns = std::min(until_ns - Now(), kAgeNs);
    if (stop_.Wait(static_cast<int>(
            std::max<int64_t>(wait_ns, 0) / kMillisecond + 1))) {
      return absl::CancelledError("stopped");
    }
  }
  return absl::OkStatus();
}

// One line for machines.
void Watch::Print(const QuoteBoard::Update& update) {
  const QuoteBoard::Quote& quote = board_.quotes()[update.quote];
  told_states_.resize(board_.quotes().size());
  std::string& state = told_states_[update.quote];
  state = board_.StateOf(quote, Now());
  lines_ += UpdateLine(quote, update, state);
}

// What was told as live must not stay so because nothing more comes.
void Watch::TellStates() {
  const auto& quotes = board_.quotes();
  told_states_.resize(quotes.size());
  for (size_t i = 0; i < quotes.size(); ++i) {
    if (told_states_[i].empty()) continue;  // nothing was told of it yet
    std::string state = board_.StateOf(quotes[i], Now());
    if (state == told_states_[i]) continue;
    lines_ += StateLine(quotes[i], state);
    told_states_[i] = std::move(state);
  }
  WriteLines();
}

void Watch::WriteLines() {
  const size_t taken = std::fwrite(lines_.data(), 1, lines_.size(), stdout);
  const bool out = taken == lines_.size() && std::fflush(stdout) == 0;
  if (!out && output_error_ == 0) output_error_ = errno;
  lines_.clear();
}

void Watch::TellUnknown() {
  const auto& quotes = board_.quotes();
  told_unknown_.resize(quotes.size());
  for (size_t i = 0; i < quotes.size(); ++i) {
    if (quotes[i].unknown && !told_unknown_[i]) {
      std::fprintf(stderr,
                   "streamhub: unknown symbol: %s (it starts when a feed "
                   "brings it)\n",
                   quotes[i].symbol.c_str());
    }
    told_unknown_[i] = quotes[i].unknown;
  }
}

// Over what was drawn before.
void Watch::Draw() {
  winsize size{};
  ioctl(STDOUT_FILENO, TIOCGWINSZ, &size);
  TableOptions table;
  table.fields = options_.fields;
  constexpr size_t kOtherLines = 4;
  if (size.ws_row > kOtherLines) table.rows_max = size.ws_row - kOtherLines;
  if (size.ws_col > 0) table.columns_max = size.ws_col - 1u;

  const std::string link =
      board_.connected()
          ? "connected by " + options_.transport
          : absl::StrCat("disconnected",
                         trouble_.empty() ? ", connecting" : ": ", trouble_);
  std::vector<std::string> lines = FormatTable(board_, table, Now());
  lines.insert(lines.begin(), FormatStatus(board_, options_.url, link,
                                           table.columns_max, Now()));

  std::string above = "\r\033[J" + lines_;
  if (lines_.empty()) above.clear();
  lines_ = drawn_ > 0 ? absl::StrCat("\033[", drawn_, "A", above) : above;
  for (const std::string& line : lines) {
    absl::StrAppend(&lines_, "\r", line, "\033[K\n");
  }
  lines_ += "\033[J";
  WriteLines();
  drawn_ = lines.size();
  drawn_at_ns_ = Now();
}

}  // namespace

Command AddWatch(CLI::App& program) {
  CLI::App* app =
      program.add_subcommand("watch", "Follow symbols of a running gateway");
  app->footer(
      "On a terminal a live table of symbols, and a line per message of a\n"
      "topic; lines of JSON with --json or where the output is no terminal.\n"
      "Ctrl-C ends it with status 0.\n\n"
      "Examples:\n"
      "  streamhub watch http://127.0.0.1:8080 AAPL MSFT EUR/USD\n"
      "  streamhub watch --transport sse --fields bid,ask --max-rate 2 \\\n"
      "      http://127.0.0.1:8080 AAPL\n"
      "  streamhub watch --history 20 http://127.0.0.1:8080 tape/AAPL\n"
      "  streamhub watch --json --count 1 --timeout 5 "
      "ws://127.0.0.1:8080 AAPL\n");
  const auto options = std::make_shared<WatchOptions>();
  app->add_option("URL", options->url, kUrlHelp)->required();
  app->add_option("SYMBOL", options->symbols, "symbols and topics")->required();
  app->add_option("--transport", options->transport,
                  "ws, sse, stream or poll [ws]")
      ->check(CLI::IsMember({"ws", "sse", "stream", "poll"}))
      ->type_name("NAME");
  app->add_option("--fields", options->fields,
                  "fields to get, by commas [all with --json, else "
                  "bid,ask,last,change]")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAME,...");
  app->add_option("--max-rate", options->max_rate,
                  "updates per second and symbol [the server's default]")
      ->type_name("NUMBER|unlimited");
  app->add_option("--history", options->history,
                  "of topics: begin with so many of the kept messages [0]")
      ->check(CLI::Range(0, 10'000))
      ->type_name("NUMBER");
  app->add_flag("--json", options->json,
                "a line of JSON per update or message");
  app->add_option("--count", options->count,
                  "end after so many updates and messages")
      ->check(WhatIsNotPositive)
      ->type_name("NUMBER");
  app->add_option("--timeout", options->timeout_s,
                  "fail if --count is not reached within so many seconds")
      ->check(WhatIsNotPositive)
      ->type_name("SECONDS");
  AddTrustFlags(*app, &options->trust);
  return {app, [options] {
            const absl::Status good = CheckWatchOptions(*options);
            if (!good.ok()) return Fail(good);
            const auto url = ParseWatchUrl(options->url, options->trust);
            if (!url.ok()) return Fail(url.status());
            if (isatty(STDOUT_FILENO) != 1) options->json = true;
            if (!options->json && options->fields.empty()) {
              options->fields = {"bid", "ask", "last", "change"};
            }
            return Watch(*options, *url).Run();
          }};
}

}  // namespace streamhub
