#include "feeds/ticklog/log_writer.h"

#include <algorithm>
#include <utility>

namespace streamhub::ticklog {
namespace {

template <typename T>
std::string_view ViewOf(const T& bytes) {
  return {reinterpret_cast<const char*>(bytes.data()), bytes.size()};
}

}  // namespace

absl::StatusOr<std::unique_ptr<LogWriter>> LogWriter::Create(
    const std::string& path, const WriterOptions& options) {
  auto file = LogFile::Create(path);
  if (!file.ok()) return file.status();
  std::unique_ptr<LogWriter> writer(
      new LogWriter(*std::move(file), nullptr, options));
  if (!writer->status().ok()) return writer->status();
  return writer;
}

LogWriter::LogWriter(Sink sink, const WriterOptions& options)
    : LogWriter(nullptr, std::move(sink), options) {}

LogWriter::LogWriter(std::unique_ptr<LogFile> file, Sink sink,
                     const WriterOptions& options)
    : file_(std::move(file)),
      sink_(std::move(sink)),
      block_bytes_(std::min(options.block_bytes, kBlockBytesMax / 2)),
      packer_(options.level) {
  plain_.reserve(block_bytes_ + kTickRecordBytesMax);
  Put(ViewOf(EncodeFileHead()));
}

LogWriter::~LogWriter() { (void)Close(); }

void LogWriter::Symbol(uint32_t number, const SymbolInfo& info,
                       std::string_view feed) {
  if (IsOver()) return;
  if (number >= kNumbersMax) {
    ++left_out_;
    return;
  }
  if (number >= known_.size()) known_.resize(number + 1);
  known_[number] = {info.layout, next_number_++};
  writer_.Symbol(known_[number].number, info, feed, &plain_);
  index_.Symbol(info.code);
  head_.flags |= BlockHead::kDefines;
  Grown();
}

void LogWriter::Tick(uint32_t number, std::span<const FieldValue> values,
                     int64_t received_ns, int64_t event_ns) {
  const Known* const symbol = Find(number);
  if (symbol == nullptr) return;
  writer_.Tick(symbol->number, *symbol->layout, values, received_ns, event_ns,
               &plain_);
  index_.Touch(symbol->number);
  Happened(received_ns, received_ns);
}

void LogWriter::Refresh(uint32_t number, std::span<const FieldValue> values,
                        int64_t received_ns, int64_t event_ns) {
  const Known* const symbol = Find(number);
  if (symbol == nullptr) return;
  writer_.Refresh(symbol->number, *symbol->layout, values, received_ns,
                  event_ns, &plain_);
  index_.Touch(symbol->number);
  head_.flags |= BlockHead::kDefines;
  Grown();
}

void LogWriter::Trade(uint32_t number, const TradeReport& trade,
                      int64_t received_ns, int64_t event_ns) {
  const Known* const symbol = Find(number);
  if (symbol == nullptr) return;
  writer_.Trade(symbol->number, trade, received_ns, event_ns, &plain_);
  index_.Touch(symbol->number);
  Happened(received_ns, received_ns);
}

void LogWriter::Epoch(uint64_t epoch, int64_t time_ns) {
  if (IsOver()) return;
  writer_.Epoch(epoch, time_ns, &plain_);
  index_.TouchNone();
  Happened(time_ns, time_ns);
}

void LogWriter::Status(std::string_view feed, FeedStatus status,
                       int64_t time_ns) {
  if (IsOver()) return;
  writer_.Status(feed, status, time_ns, &plain_);
  index_.TouchNone();
  Happened(time_ns, time_ns);
}

void LogWriter::Gap(uint64_t records, int64_t from_ns, int64_t to_ns) {
  if (IsOver()) return;
  writer_.Gap(records, from_ns, to_ns, &plain_);
  index_.TouchNone();
  Happened(std::min(from_ns, to_ns), std::max(from_ns, to_ns));
}

void LogWriter::Sent(const SentRecord& sent) {
  if (IsOver()) return;
  writer_.Sent(sent, &plain_);
  index_.TouchNone();
  Happened(sent.time_ns, sent.time_ns);
}

absl::Status LogWriter::Flush() {
  if (!IsOver()) WriteBlock();
  return status_;
}

absl::Status LogWriter::Close() {
  if (closed_) return status_;
  if (!Flush().ok()) return status_;
  closed_ = true;
  // In one piece: a file has all of it or nothing.
  std::string end;
  Footer footer = {0, head_.number};
  const std::string index = index_.Encode();
  if (!index.empty() && index.size() <= kIndexBytesMax) {
    footer.index_offset = bytes_written_;
    std::string_view block;
    status_ = packer_.Pack(
        index, {.number = head_.number, .flags = BlockHead::kIndex}, &block);
    if (!status_.ok()) return status_;
    end = block;
  }
  end += ViewOf(Encode(footer));
  Put(end);
  if (status_.ok() && file_ != nullptr) status_ = file_->Sync();
  return status_;
}

const LogWriter::Known* LogWriter::Find(uint32_t number) {
  if (IsOver()) return nullptr;
  if (number >= known_.size() || known_[number].layout == nullptr) {
    ++left_out_;
    return nullptr;
  }
  return &known_[number];
}

void LogWriter::Happened(int64_t first_ns, int64_t last_ns) {
  head_.first_ns = has_times_ ? std::min(head_.first_ns, first_ns) : first_ns;
  head_.last_ns = has_times_ ? std::max(head_.last_ns, last_ns) : last_ns;
  has_times_ = true;
  ++head_.records;
  ++records_;
  Grown();
}

void LogWriter::Grown() {
  if (plain_.size() + writer_.held_bytes() >= block_bytes_) WriteBlock();
}

void LogWriter::WriteBlock() {
  writer_.Flush(&plain_);
  if (plain_.empty()) return;
  const uint64_t offset = bytes_written_;
  std::string_view block;
  status_ = packer_.Pack(plain_, head_, &block);
  if (status_.ok()) Put(block);
  if (status_.ok()) {
    index_.Block(offset, head_.first_ns, head_.last_ns, head_.records,
                 head_.defines());
  }
  plain_.clear();
  head_ = {.number = head_.number + 1};
  has_times_ = false;
}

void LogWriter::Put(std::string_view piece) {
  status_ = file_ != nullptr ? file_->Append(piece) : sink_(piece);
  if (status_.ok()) bytes_written_ += piece.size();
}

}  // namespace streamhub::ticklog
