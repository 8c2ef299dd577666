#include "feeds/replay/merged_reader.h"

#include <absl/strings/str_cat.h>

#include "gateway/base/log.h"
#include "gateway/base/strings.h"

namespace streamhub {

MergedReader::MergedReader(std::vector<std::unique_ptr<RecordReader>> readers) {
  for (auto& reader : readers) {
    headless_.push_back(sources_.size());
    sources_.push_back({std::move(reader)});
  }
}

RecordReader::Next MergedReader::Peek(int wait_ms_max, int64_t* event_ns) {
  if (between_) return Next::kEnd;
  // Any of them could have the next record: all have to be known.
  while (!headless_.empty()) {
    const size_t index = headless_.back();
    const Source& source = sources_[index];
    int64_t head_ns = 0;
    const Next next = source.reader->Peek(wait_ms_max, &head_ns);
    if (next == Next::kWaiting) return Next::kWaiting;
    headless_.pop_back();
    if (next == Next::kRecord) {
      heads_.push({head_ns, index});
    } else {
      Drop(source, next == Next::kFailed);
    }
  }
  if (heads_.empty()) return status().ok() ? Next::kEnd : Next::kFailed;
  if (open_ == 0 && any_began_ && !sources_[heads_.top().second].began) {
    // The night between two days: nobody waits for it.
    any_began_ = false;
    between_ = true;
    return Next::kEnd;
  }
  *event_ns = heads_.top().first;
  return Next::kRecord;
}

void MergedReader::Apply() {
  const size_t index = heads_.top().second;
  heads_.pop();
  headless_.push_back(index);
  Source& source = sources_[index];
  if (!source.began) {
    source.began = true;
    any_began_ = true;
    ++open_;
  }
  source.reader->Apply();
}

void MergedReader::Drop(const Source& source, bool failed) {
  if (source.began) --open_;
  if (!failed || sources_.size() == 1) return;
  LogWarning(absl::StrCat(source.reader->status().message(),
                          "; the other files are played on"));
}

absl::Status MergedReader::status() const {
  absl::Status first;
  int others = 0;
  for (const Source& source : sources_) {
    const absl::Status status = source.reader->status();
    if (status.ok()) continue;
    if (first.ok()) {
      first = status;
    } else {
      ++others;
    }
  }
  if (others == 0) return first;
  return absl::Status(first.code(), absl::StrCat(first.message(), "; and ",
                                                 others, " more damaged"));
}

uint64_t MergedReader::messages_lost() const {
  uint64_t sum = 0;
  for (const Source& source : sources_) sum += source.reader->messages_lost();
  return sum;
}

int64_t MergedReader::messages() const {
  int64_t sum = 0;
  for (const Source& source : sources_) sum += source.reader->messages();
  return sum;
}

int64_t MergedReader::bytes_read() const {
  int64_t sum = 0;
  for (const Source& source : sources_) sum += source.reader->bytes_read();
  return sum;
}

int64_t MergedReader::bytes_total() const {
  int64_t sum = 0;
  for (const Source& source : sources_) {
    const int64_t bytes = source.reader->bytes_total();
    if (bytes == 0) return 0;
    sum += bytes;
  }
  return sum;
}

}  // namespace streamhub
