#include "feeds/replay/recording.h"

#include <absl/strings/str_cat.h>
#include <sys/stat.h>

#include <algorithm>
#include <memory>
#include <string_view>
#include <utility>

#include "feeds/replay/byte_source.h"
#include "feeds/replay/file_date.h"
#include "feeds/replay/lobster_files.h"
#include "gateway/base/strings.h"
#include "gateway/market/symbol.h"

namespace streamhub {
namespace {

constexpr char kNasdaqZone[] = "America/New_York";

bool CanBeReadAgain(const std::string& path) {
  struct stat found;
  return path != kStandardInput && stat(path.c_str(), &found) == 0 &&
         S_ISREG(found.st_mode);
}

absl::Status NameFlag(std::string_view flag, const absl::Status& status) {
  return absl::Status(status.code(),
                      absl::StrCat(ToAbsl(flag), ": ", status.message()));
}

template <typename... Parts>
absl::Status Wrong(const Parts&... parts) {
  return absl::InvalidArgumentError(absl::StrCat(parts...));
}

absl::Status CheckFiles(const ReplayOptions& options) {
  if (options.files.empty()) return Wrong("no file to replay");
  for (const std::string& path : options.files) {
    if (absl::Status s = ByteSource::Check(path); !s.ok()) return s;
    if (options.loop && !CanBeReadAgain(path)) {
      return Wrong("--loop: '", path, "' cannot be read twice; give a file");
    }
  }
  if (std::count(options.files.begin(), options.files.end(), kStandardInput) >
      1) {
    return Wrong("'-' (standard input) is given twice");
  }
  return absl::OkStatus();
}

// Its first line as far as that is in its first bytes; empty if it is binary.
std::string FirstLine(const std::string& path) {
  auto source = ByteSource::Open(path);
  if (!source.ok()) return {};
  std::vector<uint8_t> bytes(1024);
  size_t count = 0;
  if ((*source)->Read(bytes, 0, &count) != ByteSource::Result::kBytes) {
    return {};
  }
  std::string line(bytes.begin(), bytes.begin() + static_cast<int64_t>(count));
  line.resize(std::min(line.find('\n'), line.size()));
  if (line.ends_with('\r')) line.pop_back();
  return line.starts_with("\xEF\xBB\xBF") ? line.substr(3) : line;
}

absl::StatusOr<std::string> FormatOf(const std::string& path,
                                     const ReplayOptions& options) {
  if (options.format != "auto") return options.format;
  if (!options.csv_columns.empty()) return "csv";
  std::string_view name = path;
  for (const std::string_view packed : {".gz", ".zst"}) {
    if (name.ends_with(packed)) name.remove_suffix(packed.size());
  }
  if (name.ends_with("_tick_quote.csv")) return "fxcm";
  if (FindLobster(path).has_value()) {
    return std::string(NameOf(RecordingKind::kLobster));
  }
  if (CanBeReadAgain(path)) {
    // What is wrong with the file is told by who opens it.
    const auto kind = KindOfFile(path);
    if (kind.ok() && kind->has_value()) return std::string(NameOf(**kind));
    const std::string_view preset = csv::PresetOfHeader(FirstLine(path));
    if (!preset.empty()) return std::string(preset);
  }
  if (!name.ends_with(".csv")) {
    // Before it is asked for a date that it has not.
    if (CanBeReadAgain(path)) {
      if (absl::Status s = CheckUnknownFile(path); !s.ok()) return s;
    }
    return "itch";
  }
  return Wrong("--format: wanted, as '", path,
               "' has none of the known headers: for example --csv-columns "
               "time=0,bid=1,ask=2 --csv-time unix-ms");
}

absl::StatusOr<csv::Format> CustomFormat(const ReplayOptions& options) {
  if (options.csv_columns.empty()) {
    return Wrong("--csv-columns: wanted with --format csv: for example ",
                 "time=0,bid=1,ask=2");
  }
  auto columns = csv::Columns::Parse(options.csv_columns);
  if (!columns.ok()) return NameFlag("--csv-columns", columns.status());
  const auto time =
      csv::FindTimeForm(options.csv_time.empty() ? "iso" : options.csv_time);
  if (!time.has_value()) {
    return Wrong("--csv-time: '", options.csv_time, "' is none of ",
                 csv::TimeFormNames());
  }
  return csv::Format{*std::move(columns), *time, "UTC"};
}

// Of the format of that name; none for those of other kinds.
absl::StatusOr<std::optional<csv::Format>> CsvOf(const std::string& format,
                                                 const ReplayOptions& options) {
  if (format == "csv") {
    auto custom = CustomFormat(options);
    if (!custom.ok()) return custom.status();
    return std::optional(*std::move(custom));
  }
  for (const auto& [flag, value] :
       {std::pair("--csv-columns", &options.csv_columns),
        std::pair("--csv-time", &options.csv_time)}) {
    if (!value->empty()) {
      return Wrong(flag, ": only with --format csv, not with ", format);
    }
  }
  if (FindKind(format).has_value()) return std::optional<csv::Format>();
  const csv::Format* const preset = csv::FindPreset(format);
  if (preset == nullptr) return Wrong("--format: unknown '", format, "'");
  return std::optional(*preset);
}

// A CSV file has its symbol in a column or gets one of those given.
absl::Status GiveSymbols(const ReplayOptions& options,
                         std::vector<Recording>* recordings) {
  std::vector<Recording*> nameless;
  for (Recording& one : *recordings) {
    if (one.csv.has_value() && !one.csv->columns.Has(csv::Column::kSymbol)) {
      nameless.push_back(&one);
    }
  }
  const std::vector<std::string>& given = options.symbol;
  for (const std::string& symbol : given) {
    if (!IsValidSymbol(symbol)) {
      return Wrong("--symbol: '", symbol, "' is no symbol: want 1-64 bytes of ",
                   "UTF-8 without control characters, ',' or '@'");
    }
  }
  if (given.empty() && !nameless.empty()) {
    return Wrong("--symbol: wanted, as '", nameless[0]->path,
                 "' has no column for it: for example --symbol EUR/USD");
  }
  if (!given.empty() && nameless.empty()) {
    return Wrong("--symbol: no file wants one");
  }
  if (given.size() > 1 && given.size() != nameless.size()) {
    return Wrong("--symbol: ", given.size(), " are given and ", nameless.size(),
                 " files want one; give one for all, or one for each");
  }
  for (size_t i = 0; i < nameless.size(); ++i) {
    nameless[i]->symbol = given[given.size() == 1 ? 0 : i];
  }
  return absl::OkStatus();
}

// Prices are texts, and how many decimals a symbol has is found out or said.
bool HasFoundDecimals(RecordingKind kind) {
  return kind == RecordingKind::kCsv || kind == RecordingKind::kFix ||
         kind == RecordingKind::kCrypto || kind == RecordingKind::kTardisBook ||
         kind == RecordingKind::kTardisSnapshot;
}

// Either file of the two stands for both.
absl::Status UseLobster(const std::string& path, Recording* recording) {
  auto files = FindLobster(path);
  if (!files.has_value() || !IsValidSymbol(files->symbol)) {
    return Wrong("--format: '", path,
                 "' is not called as LOBSTER's files are, ",
                 "AAPL_2012-06-21_34200000_57600000_message_10.csv");
  }
  for (const std::string* one : {&files->message, &files->orderbook}) {
    if (absl::Status s = ByteSource::Check(*one); !s.ok()) return s;
  }
  recording->path = std::move(files->message);
  recording->symbol = std::move(files->symbol);
  return absl::OkStatus();
}

absl::StatusOr<Recording> Find(const std::string& path,
                               const std::optional<CalendarDate>& given,
                               const ReplayOptions& options) {
  const auto format = FormatOf(path, options);
  if (!format.ok()) return format.status();
  auto csv = CsvOf(*format, options);
  if (!csv.ok()) return csv.status();
  const RecordingKind kind = FindKind(*format).value_or(RecordingKind::kCsv);
  const bool lobster = kind == RecordingKind::kLobster;
  const bool nasdaq = IsItch(kind) || lobster;
  if (!options.csv_decimals.empty() && !HasFoundDecimals(kind)) {
    return Wrong(
        "--csv-decimals: '", path,
        lobster ? "' has 4 of prices and none of sizes" : "' is no CSV file");
  }
  const auto zone =
      SessionTime::Create(!options.timezone.empty() ? options.timezone
                          : nasdaq                  ? kNasdaqZone
                          : csv->has_value()        ? (*csv)->zone
                                                    : "UTC");
  if (!zone.ok()) return NameFlag("--timezone", zone.status());
  Recording recording = {path, *zone, 0, kind, *std::move(csv), {}};
  if (lobster) {
    if (absl::Status s = UseLobster(path, &recording); !s.ok()) return s;
  }
  const bool of_day =
      nasdaq || (recording.csv.has_value() &&
                 recording.csv->time.base == csv::TimeForm::Base::kMidnight);
  if (!of_day) return recording;
  const auto date = given.has_value() ? given : DateOfFile(path);
  if (!date.has_value()) {
    // Of one that cannot be read nobody needs the date.
    if (CanBeReadAgain(path)) {
      const auto found = KindOfFile(path);
      if (!found.ok()) return found.status();
    }
    return Wrong("--date: wanted, as '", path,
                 "' has no date in its name: for example --date 2024-01-02");
  }
  recording.midnight_ns = zone->MidnightNs(*date);
  return recording;
}

absl::Status CheckLines(const std::vector<Recording>& recordings) {
  if (recordings.size() < 2) {
    return Wrong("--arbitrate: wants two files or more, the lines of a stream");
  }
  for (const Recording& one : recordings) {
    if (one.kind != RecordingKind::kItchMold &&
        one.kind != RecordingKind::kIex) {
      return Wrong("--arbitrate: '", one.path, "' is no capture of ITCH over ",
                   "MoldUDP64, nor of IEX");
    }
    if (one.kind != recordings[0].kind) {
      return Wrong("--arbitrate: '", recordings[0].path, "' and '", one.path,
                   "' are captures of different protocols");
    }
    if (one.midnight_ns != recordings[0].midnight_ns) {
      return Wrong("--arbitrate: '", recordings[0].path, "' and '", one.path,
                   "' are of different days");
    }
  }
  return absl::OkStatus();
}

}  // namespace

absl::StatusOr<std::vector<Recording>> FindRecordings(
    const ReplayOptions& options) {
  if (absl::Status s = CheckFiles(options); !s.ok()) return s;
  std::optional<CalendarDate> given;
  if (!options.date.empty()) {
    const auto parsed = ParseDate(options.date);
    if (!parsed.ok()) return NameFlag("--date", parsed.status());
    given = *parsed;
  }
  std::vector<Recording> recordings;
  for (const std::string& path : options.files) {
    auto found = Find(path, given, options);
    if (!found.ok()) return found.status();
    const auto same = [&](const Recording& other) {
      return found->kind == RecordingKind::kLobster &&
             other.kind == found->kind && other.path == found->path;
    };
    if (std::any_of(recordings.begin(), recordings.end(), same)) continue;
    recordings.push_back(*std::move(found));
    if (IsItch(recordings.back().kind) != IsItch(recordings[0].kind)) {
      return Wrong("'", recordings[0].path, "' and '", path,
                   "' cannot be played together: ITCH files are played one ",
                   "after the other, others are merged");
    }
  }
  absl::Status named = GiveSymbols(options, &recordings);
  if (!named.ok()) return named;
  if (options.arbitrate) {
    if (absl::Status s = CheckLines(recordings); !s.ok()) return s;
  }
  return recordings;
}

}  // namespace streamhub
