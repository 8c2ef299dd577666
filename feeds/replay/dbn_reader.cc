#include "feeds/replay/dbn_reader.h"

#include <absl/strings/str_cat.h>

#include <limits>
#include <string>
#include <utility>

#include "gateway/base/log.h"
#include "gateway/base/strings.h"
#include "gateway/base/utf8.h"

namespace streamhub {
namespace {

// Logs the text of an error record.
struct ErrorLog {
  void On(const dbn::ErrorMessage& m) {
    LogWarning(absl::StrCat(
        name, ": the recorded session was told: ", ShownText(m.text)));
  }
  template <typename T>
  void On(const T&) {}

  const std::string& name;
};

bool IsOfTheSession(uint8_t rtype) {
  return rtype == dbn::kMappingType || rtype == dbn::kSystemType ||
         rtype == dbn::kErrorType;
}

}  // namespace

DbnReader::DbnReader(std::unique_ptr<ByteSource> source,
                     dbn::DbnHandler& handler, Counters& counters)
    : source_(std::move(source)), handler_(handler), counters_(counters) {}

RecordReader::Next DbnReader::Peek(int wait_ms_max, int64_t* event_ns) {
  while (record_.empty()) {
    if (!status_.ok()) return Next::kFailed;
    if (surveying_ && !Survey(wait_ms_max)) return Next::kWaiting;
    switch (frames_.Read(&record_)) {
      case dbn::StreamReader::Next::kMetadata:
        stream_ = handler_.Open(frames_.metadata());
        form_ = dbn::FormOf(frames_.metadata());
        surveying_ = true;
        continue;
      case dbn::StreamReader::Next::kRecord:
        if (!Examine()) record_ = {};
        continue;
      case dbn::StreamReader::Next::kEnd:
        if (source_->plain_bytes() == 0) return Fail("is empty");
        return Next::kEnd;
      case dbn::StreamReader::Next::kDamaged:
        return Fail(FromAbsl(frames_.status().message()));
      case dbn::StreamReader::Next::kNeedMore:
        break;
    }
    switch (Fill(wait_ms_max)) {
      case Filled::kWaiting:
        return Next::kWaiting;
      case Filled::kFailed:
        status_ = source_->status();
        faults_.Add(FaultOf(*source_));
        return Next::kFailed;
      case Filled::kBytes:
      case Filled::kEnd:
        break;
    }
  }
  *event_ns = event_ns_;
  return Next::kRecord;
}

DbnReader::Filled DbnReader::Fill(int wait_ms_max) {
  size_t bytes = 0;
  switch (source_->Read(frames_.Room(), wait_ms_max, &bytes)) {
    case ByteSource::Result::kBytes:
      frames_.Filled(bytes);
      return Filled::kBytes;
    case ByteSource::Result::kWaiting:
      return Filled::kWaiting;
    case ByteSource::Result::kEnd:
      frames_.Finish();
      return Filled::kEnd;
    case ByteSource::Result::kFailed:
      break;
  }
  return Filled::kFailed;
}

// False if a pipe has not brought a record yet. A source that failed says so
// again when its bytes are used up.
bool DbnReader::Survey(int wait_ms_max) {
  while (!frames_.Room().empty()) {
    const Filled filled = Fill(wait_ms_max);
    if (filled == Filled::kBytes) continue;
    if (filled != Filled::kWaiting) break;
    bool any = false;
    frames_.ForEachWaiting([&any](std::span<const uint8_t>) { any = true; });
    if (!any) return false;
    break;
  }
  surveying_ = false;
  handler_.Use(stream_);
  frames_.ForEachWaiting([this](std::span<const uint8_t> record) {
    dbn::Decode(record, form_, handler_.survey());
  });
  return true;
}

// False if the record at hand is not for the caller.
bool DbnReader::Examine() {
  const uint8_t rtype = dbn::TypeOf(record_);
  ++records_[rtype];
  ++messages_;
  const size_t want = dbn::RecordBytes(rtype, form_.version);
  if (want == 0) {
    ++skipped_[rtype];
    counters_.Add(Metric::kFeedMessagesIgnored);
    return false;
  }
  if (record_.size() != want + (form_.ts_out ? sizeof(uint64_t) : 0)) {
    const std::string what = dbn::DescribeBadSize(record_, form_);
    Fail(absl::StrCat("at byte ", frames_.offset(), ": ", what));
    return false;
  }
  if (IsOfTheSession(rtype)) {
    handler_.Use(stream_);
    dbn::Decode(record_, form_, handler_);
    if (rtype == dbn::kErrorType && !std::exchange(warned_, true)) {
      ErrorLog log{source_->name()};
      dbn::Decode(record_, form_, log);
    }
    return false;
  }
  const uint64_t index_ns = dbn::IndexNsOf(record_);
  if (index_ns <= uint64_t{std::numeric_limits<int64_t>::max()}) {
    event_ns_ = static_cast<int64_t>(index_ns);
  }
  return true;
}

// Only what Examine() found right is here.
void DbnReader::Apply() {
  handler_.Use(stream_);
  dbn::Decode(std::exchange(record_, {}), form_, handler_);
}

RecordReader::Next DbnReader::Fail(std::string_view what) {
  counters_.Add(Metric::kFeedMessagesBad);
  faults_.Add(static_cast<int64_t>(frames_.offset()), 0, what);
  record_ = {};
  status_ = absl::DataLossError(absl::StrCat(
      source_->name(), source_->compressed() ? ": decompressed data " : ": ",
      ToAbsl(what)));
  return Next::kFailed;
}

void DbnReader::TellFindings(Findings* findings) const {
  const dbn::Metadata& metadata = frames_.metadata();
  findings->detail = absl::StrCat("DBN version ", form_.version, ", ",
                                  ShownText(metadata.dataset));
  AddSource(*source_, findings);
  int64_t skipped = 0;
  for (size_t type = 0; type < records_.size(); ++type) {
    skipped += skipped_[type];
    if (records_[type] == 0) continue;
    findings->by_type.emplace_back(dbn::NameOfType(static_cast<uint8_t>(type)),
                                   records_[type]);
  }
  AddOthers({{"skipped", skipped}}, findings);
  findings->faults = faults_;
}

}  // namespace streamhub
