// convert: recordings of any kind to a tick log, CSV or JSON lines.

#include <absl/strings/str_cat.h>
#include <absl/strings/strip.h>
#include <unistd.h>

#include <CLI/CLI.hpp>
#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/replay/byte_sink.h"
#include "feeds/replay/csv_tap.h"
#include "feeds/replay/json_lines_tap.h"
#include "feeds/replay/log_tap.h"
#include "feeds/replay/recording_run.h"
#include "feeds/replay/recording_start.h"
#include "feeds/ticklog/log_writer.h"
#include "gateway/base/log.h"
#include "gateway/cli/command.h"
#include "gateway/cli/command_line.h"
#include "gateway/cli/recording_flags.h"
#include "gateway/cli/stop_signal.h"
#include "gateway/cli/work_line.h"
#include "gateway/market/field.h"
#include "gateway/market/layout.h"

namespace streamhub {
namespace {

constexpr std::string_view kStandard = "-";

struct ConvertOptions {
  explicit ConvertOptions(CLI::App& app) : flags(app) {}
  RecordingFlags flags;
  std::vector<std::string> files;  // the last one is made
  std::string to;                  // empty: by that one's name
  std::vector<std::string> fields;
  std::string from, until;  // as ReplayOptions has them; empty: all
  bool force = false;
};

enum class Form { kTickLog, kCsv, kJsonLines };

Form FormOf(std::string_view to, std::string_view out) {
  if (to == "csv") return Form::kCsv;
  if (to == "jsonl") return Form::kJsonLines;
  if (!to.empty()) return Form::kTickLog;
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (out.ends_with(packed)) out.remove_suffix(packed.size());
  }
  if (out.ends_with(".csv")) return Form::kCsv;
  return out.ends_with(".jsonl") || out.ends_with(".ndjson") ? Form::kJsonLines
                                                             : Form::kTickLog;
}

absl::StatusOr<std::vector<FieldId>> FieldsOf(
    const std::vector<std::string>& names) {
  std::vector<FieldId> fields;
  if (names.empty()) {
    const Layout& quote = QuoteLayout();
    for (int i = 0; i < quote.size(); ++i) fields.push_back(quote.field(i));
    return fields;
  }
  if (names.size() == 1 && names[0] == "all") {
    for (size_t i = 0; i < kFieldCount; ++i) {
      fields.push_back(static_cast<FieldId>(i));
    }
    return fields;
  }
  for (const std::string& name : names) {
    const auto field = FindField(name);
    if (!field.has_value()) {
      return absl::InvalidArgumentError(
          absl::StrCat("--fields: there is no field '", name, "'"));
    }
    if (std::count(fields.begin(), fields.end(), *field) > 0) {
      return absl::InvalidArgumentError(
          absl::StrCat("--fields: '", name, "' is given twice"));
    }
    fields.push_back(*field);
  }
  return fields;
}

// Writes what comes into the market in one of the forms.
class Converter {
 public:
  Converter(Form form, std::span<const FieldId> fields, std::string feed,
            ByteSink& sink) {
    switch (form) {
      case Form::kCsv:
        tap_ = std::make_unique<CsvTap>(sink, fields);
        break;
      case Form::kJsonLines: {
        auto lines = std::make_unique<JsonLinesTap>(sink);
        lines_ = lines.get();
        tap_ = std::move(lines);
        break;
      }
      case Form::kTickLog:
        log_ = std::make_unique<ticklog::LogWriter>(
            [&sink](std::string_view bytes) { return sink.Write(bytes); },
            ticklog::WriterOptions());
        tap_ = std::make_unique<LogTap>(*log_, std::move(feed));
        break;
    }
  }

  TickTap* tap() { return tap_.get(); }

  // A record of that time was played, and so many messages are lost so far:
  // what is made says so, too, as far as it can.
  void Played(int64_t time_ns, uint64_t lost) {
    if (lost > lost_) {
      const int64_t from_ns = any_ ? time_ns_ : time_ns;
      if (log_ != nullptr) log_->Gap(lost - lost_, from_ns, time_ns);
      if (lines_ != nullptr) lines_->Gap(lost - lost_, from_ns, time_ns);
      lost_ = lost;
    }
    any_ = true;
    time_ns_ = time_ns;
  }

  // A record was played of which nothing is to be made; so many messages are
  // lost so far, which is nobody's concern.
  void Passed(uint64_t lost) { lost_ = passed_ = lost; }

  // No record follows.
  void Ended(uint64_t lost) {
    if (any_) Played(time_ns_, lost);
  }

  // Messages, of what was played.
  uint64_t lost() const { return lost_ - passed_; }

  // All was told.
  absl::Status Finish() {
    return log_ != nullptr ? log_->Close() : absl::OkStatus();
  }

 private:
  std::unique_ptr<ticklog::LogWriter> log_;
  std::unique_ptr<TickTap> tap_;
  JsonLinesTap* lines_ = nullptr;  // it, if it is that
  bool any_ = false;               // a record was played
  int64_t time_ns_ = 0;            // of the record before
  uint64_t lost_ = 0;              // as far as it is told
  uint64_t passed_ = 0;            // of that, before what was wanted
};

// What cannot be done, before anything is.
absl::Status Check(const std::vector<std::string>& in, const std::string& out,
                   Form form) {
  for (const std::string& file : in) {
    std::error_code ignored;
    if (std::filesystem::equivalent(file, out, ignored)) {
      return absl::InvalidArgumentError(
          absl::StrCat(out, ": is read and cannot be made, too"));
    }
  }
  if (out == kStandard && form == Form::kTickLog &&
      isatty(STDOUT_FILENO) == 1) {
    return absl::InvalidArgumentError(
        "a tick log is not for a terminal: name a file, or say --to csv");
  }
  return absl::OkStatus();
}

// A file that is in the way is for the command line to solve.
absl::Status Explain(const absl::Status& status) {
  if (!absl::IsAlreadyExists(status)) return status;
  return absl::InvalidArgumentError(
      absl::StrCat(status.message(), "; --force replaces it"));
}

// A reader that is gone needs no explanation.
int FailToWrite(const absl::Status& status) {
  return absl::IsCancelled(status) ? kExitFailed : Fail(Explain(status));
}

// What could not be played at all would make an empty file.
absl::Status CheckLogs(const RecordingRun& run) {
  for (const Recording& file : run.files()) {
    if (file.kind != RecordingKind::kTickLog) continue;
    if (absl::Status s = CheckStart(file); !s.ok()) return s;
  }
  return absl::OkStatus();
}

absl::Status Missing(const ReplayOptions& replay, uint64_t lost) {
  return absl::DataLossError(absl::StrCat(
      replay.files[0], replay.files.size() > 1 ? " and others: " : ": ", lost,
      " messages are lost"));
}

// `to` is another flag here than in a replay.
absl::Status NameUntil(const absl::Status& status) {
  absl::string_view message = status.message();
  if (!absl::ConsumePrefix(&message, "--to: ")) return status;
  return absl::Status(status.code(), absl::StrCat("--until: ", message));
}

int RunConvert(const ConvertOptions& options) {
  if (options.files.size() < 2) {
    return Fail(absl::InvalidArgumentError(
        "convert: want the recordings, and the file that is to be made"));
  }
  const std::string out = options.files.back();
  const Form form = FormOf(options.to, out);
  auto replay = options.flags.Options();
  if (!replay.ok()) return Fail(replay.status());
  replay->files.assign(options.files.begin(), options.files.end() - 1);
  replay->from = options.from;
  replay->to = options.until;
  if (const absl::Status s = Check(replay->files, out, form); !s.ok()) {
    return Fail(s);
  }
  if (!options.fields.empty() && form != Form::kCsv) {
    return Fail(absl::InvalidArgumentError("--fields: is for --to csv"));
  }
  const auto fields = FieldsOf(options.fields);
  if (!fields.ok()) return Fail(fields.status());
  // What is wrong with the recordings is told once, at the end.
  SetLogLevel(LogLevel::kError);
  const StopSignal stop;
  const auto run = RecordingRun::Create(*replay);
  if (!run.ok()) return Fail(NameUntil(run.status()));
  if (const absl::Status s = CheckLogs(**run); !s.ok()) return Fail(s);
  auto opened = ByteSink::Create(out, ByteSink::PackingOf(out), options.force);
  if (!opened.ok()) return Fail(Explain(opened.status()));
  ByteSink& sink = **opened;
  Converter converter(form, *fields,
                      std::string(NameOf((*run)->files()[0].kind)), sink);
  (*run)->SetTap(converter.tap());
  RecordReader::Next end = RecordReader::Next::kEnd;
  {
    WorkReport report(stop, replay->files[0]);
    end = PlayRun(
        **run, [&] { return sink.status().ok() && report.GoOn(**run); },
        [&](int64_t time_ns, int64_t) {
          const uint64_t lost = (*run)->messages_lost();
          if (!(*run)->begun()) return converter.Passed(lost);
          converter.Played(time_ns, lost);
        });
  }
  (*run)->SetTap(nullptr);
  if (!sink.status().ok()) return FailToWrite(sink.status());
  if (end == RecordReader::Next::kWaiting) {
    return Fail(absl::CancelledError("interrupted: nothing was made"));
  }
  const absl::Status damage = (*run)->status();
  if (!damage.ok() && (*run)->records() == 0) return Fail(damage);
  if (!options.from.empty() && !(*run)->begun()) {
    return Fail(absl::InvalidArgumentError(
        "--from: there is no record from then on, nothing was made"));
  }
  converter.Ended((*run)->messages_lost());
  absl::Status written = converter.Finish();
  if (written.ok()) written = sink.Commit();
  if (!written.ok()) return FailToWrite(written);
  if (isatty(STDERR_FILENO) == 1) {
    std::fprintf(stderr, "streamhub: %lld messages, %lld bytes\n",
                 static_cast<long long>((*run)->messages()),
                 static_cast<long long>(sink.bytes()));
  }
  if (!damage.ok()) return Fail(damage);
  return converter.lost() == 0 ? kExitOk
                               : Fail(Missing(*replay, converter.lost()));
}

}  // namespace

Command AddConvert(CLI::App& program) {
  CLI::App* app = program.add_subcommand(
      "convert", "Make a tick log, CSV or JSON lines of recordings");
  app->footer(
      "Takes what `replay` takes, and plays it as `replay` does: ITCH files "
      "one\n"
      "after the other, others merged by time. OUT's name says what is made:\n"
      ".csv, .jsonl, else a tick log; with .gz or .zst behind it, compressed.\n"
      "It appears when it is whole. Of damaged input all that came before the\n"
      "damage is converted. With --from it begins with what was then. Exit "
      "status:\n"
      "0 all is well, 1 something is damaged, left out or missing (a gap), or\n"
      "could not be done, 2 it was not said well what to do.\n\n"
      "Examples:\n"
      "  streamhub convert 20240102.itch.gz 20240102.shtl\n"
      "  streamhub convert quotes.csv.gz trades.csv.gz day.shtl\n"
      "  streamhub convert --fields bid,ask,last capture.pcap.gz day.csv.zst\n"
      "  streamhub convert --to jsonl 20240102.shtl - | jq .symbol\n"
      "  streamhub convert --from 14:30 --until 14:35 day.shtl part.csv\n");
  const auto options = std::make_shared<ConvertOptions>(*app);
  app->add_option("FILE", options->files,
                  "recordings, then OUT, the file to make; \"-\": standard "
                  "input or output")
      ->required();
  app->add_option("--to", options->to, "ticklog, csv or jsonl")
      ->check(CLI::IsMember({"ticklog", "csv", "jsonl"}))
      ->type_name("FORM");
  app->add_option("--fields", options->fields,
                  "columns of CSV: names of fields, or all [those of a quote]")
      ->delimiter(',')
      ->allow_extra_args(false)
      ->type_name("NAME,...");
  app->add_option("--from", options->from,
                  "where OUT begins, as of replay: 14:30, 14:30:05.25 or "
                  "2024-01-02T14:30:00Z")
      ->type_name("TIME");
  app->add_option("--until", options->until,
                  "where OUT ends, a time like --from (replay's --to)")
      ->type_name("TIME");
  app->add_flag("--force", options->force, "replace OUT if it is there");
  return {app, [options] { return RunConvert(*options); }};
}

}  // namespace streamhub
