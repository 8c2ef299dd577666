#include "feeds/ticklog/indexed_log.h"

#include <absl/strings/str_cat.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/types.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>
#include <utility>

namespace streamhub::ticklog {

absl::StatusOr<std::unique_ptr<IndexedLog>> IndexedLog::Open(
    const std::string& path) {
  const int fd = open(path.c_str(), O_RDONLY | O_CLOEXEC | O_NONBLOCK);
  if (fd < 0) {
    const std::string why = absl::StrCat(path, ": ", std::strerror(errno));
    return errno == ENOENT ? absl::NotFoundError(why)
                           : absl::InvalidArgumentError(why);
  }
  std::unique_ptr<IndexedLog> log(new IndexedLog(fd, path));
  struct stat found;
  if (fstat(fd, &found) != 0 || !S_ISREG(found.st_mode)) {
    return absl::InvalidArgumentError(
        absl::StrCat(path, ": is no ordinary file"));
  }
  log->size_ = static_cast<uint64_t>(found.st_size);
  if (absl::Status s = log->ReadFileHead(); !s.ok()) return s;
  log->closed_ = log->ReadIndex();
  if (!log->closed_) log->HopOverBlocks();
  log->Select({});
  return log;
}

IndexedLog::IndexedLog(int fd, std::string path)
    : fd_(fd), path_(std::move(path)) {}

IndexedLog::~IndexedLog() { close(fd_); }

absl::Status IndexedLog::ReadFileHead() {
  std::array<uint8_t, kFileHeadBytes> head;
  FileHead is = FileHead::kNoTickLog;
  if (Fill(0, head)) is = CheckFileHead(head);
  switch (is) {
    case FileHead::kGood:
      return absl::OkStatus();
    case FileHead::kOtherVersion:
      return absl::DataLossError(
          absl::StrCat(path_, ": is a tick log of another version"));
    case FileHead::kDamaged:
      Damaged(0, "the head of the log is damaged");
      return absl::OkStatus();
    case FileHead::kNoTickLog:
      break;
  }
  return absl::DataLossError(absl::StrCat(path_, ": is no tick log"));
}

// False: there is none, or it is not one to rely on.
bool IndexedLog::ReadIndex() {
  if (size_ < kFileHeadBytes + kBlockHeadBytes + kFooterBytes) return false;
  const uint64_t end = size_ - kFooterBytes;
  std::array<uint8_t, kFooterBytes> foot;
  std::array<uint8_t, kBlockHeadBytes> bytes;
  if (!Fill(end, foot)) return false;
  const auto footer = DecodeFooter(foot);
  if (!footer.has_value() || footer->index_offset < kFileHeadBytes ||
      footer->index_offset > end - kBlockHeadBytes ||
      !Fill(footer->index_offset, bytes)) {
    return false;
  }
  const auto head = DecodeBlockHead(bytes);
  if (!head.has_value() || !head->is_index() ||
      head->payload != end - footer->index_offset - kBlockHeadBytes) {
    return false;
  }
  bytes_.resize(head->payload);
  if (!Fill(footer->index_offset + kBlockHeadBytes, bytes_)) return false;
  std::string_view plain;
  BlockUnpacker unpacker;
  if (!unpacker.Unpack(*head, bytes_, &plain).ok()) return false;
  auto index = DecodeIndex(plain);
  if (!index.ok() || index->blocks.size() != footer->blocks) return false;
  index_ = *std::move(index);
  return true;
}

void IndexedLog::HopOverBlocks() {
  uint64_t offset = kFileHeadBytes;
  while (offset < size_) {
    std::array<uint8_t, kBlockHeadBytes> bytes;
    const auto rest = std::span(bytes).first(kFooterBytes);
    if (size_ - offset == kFooterBytes && Fill(offset, rest) &&
        DecodeFooter(rest).has_value()) {
      return;
    }
    const bool fits = size_ - offset >= kBlockHeadBytes;
    const auto head =
        fits && Fill(offset, bytes) ? DecodeBlockHead(bytes) : std::nullopt;
    if (fits && !head.has_value()) {
      Damaged(offset,
              "the head of a block is damaged; no block behind it is "
              "found by hopping");
      return;
    }
    if (!head.has_value() || size_ - offset - kBlockHeadBytes < head->payload) {
      uint64_t records = 0;
      for (const IndexedBlock& block : index_.blocks) records += block.records;
      Damaged(size_,
              absl::StrCat("ends inside a block: the writer was killed; ",
                           records, " records are whole"));
      return;
    }
    if (!head->is_index()) {
      IndexedBlock& block = index_.blocks.emplace_back();
      block.offset = offset;
      block.first_ns = head->first_ns;
      block.last_ns = head->last_ns;
      block.records = head->records;
      block.defines = head->defines();
    }
    offset += kBlockHeadBytes + head->payload;
  }
}

bool IndexedLog::Fill(uint64_t offset, std::span<uint8_t> bytes) const {
  while (!bytes.empty()) {
    const ssize_t got =
        pread(fd_, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (got < 0 && errno == EINTR) continue;
    if (got <= 0) return false;
    bytes = bytes.subspan(static_cast<size_t>(got));
    offset += static_cast<uint64_t>(got);
  }
  return true;
}

void IndexedLog::Select(LogFilter filter) {
  filter_ = RecordFilter(std::move(filter));
  wanted_.clear();
  for (uint32_t number = 0; number < index_.symbols.size(); ++number) {
    if (filter_.filter().WantsSymbol(index_.symbols[number].code)) {
      wanted_.push_back(number);
    }
  }
  records_.emplace();
  // What defines symbols that nobody wants may be passed over.
  records_->PassOverUnknownSymbols();
  next_ = 0;
  in_block_ = false;
}

bool IndexedLog::Wants(uint32_t number) const {
  const IndexedBlock& block = index_.blocks[number];
  const bool timed = block.first_ns != 0 || block.last_ns != 0;
  const bool in_time =
      !timed || filter_.filter().WantsTime(block.first_ns, block.last_ns);
  if (!in_time && !block.defines) return false;
  if (filter_.filter().symbols.empty() || !block.knows_symbols) return true;
  if (in_time && block.events) return true;
  return std::any_of(wanted_.begin(), wanted_.end(), [&](uint32_t symbol) {
    return block.HasSymbol(symbol) || index_.symbols[symbol].block == number;
  });
}

bool IndexedLog::Begin(uint32_t number) {
  const IndexedBlock& block = index_.blocks[number];
  std::array<uint8_t, kBlockHeadBytes> bytes;
  std::optional<BlockHead> head;
  if (Fill(block.offset, bytes)) head = DecodeBlockHead(bytes);
  if (!head.has_value() || head->is_index() || head->number != number) {
    Damaged(block.offset,
            absl::StrCat("the head of block ", number, " is damaged; its ",
                         block.records, " records are lost"));
    return false;
  }
  bytes_.resize(head->payload);
  std::string_view plain;
  absl::Status unpacked = absl::DataLossError("it is not whole");
  if (Fill(block.offset + kBlockHeadBytes, bytes_)) {
    unpacked = unpacker_.Unpack(*head, bytes_, &plain);
  }
  if (!unpacked.ok()) {
    Damaged(block.offset,
            absl::StrCat("block ", number, " is damaged: ", unpacked.message(),
                         "; its ", block.records, " records are lost"));
    return false;
  }
  plain_bytes_ = plain.size();
  records_->Begin(plain);
  return true;
}

IndexedLog::Next IndexedLog::Read(TickRecord* record) {
  for (;;) {
    if (!in_block_) {
      while (next_ < index_.blocks.size() && !Wants(next_)) ++next_;
      if (next_ == index_.blocks.size()) return Next::kEnd;
      in_block_ = Begin(next_++);
      continue;
    }
    switch (records_->Read(record)) {
      case TickRecordReader::Next::kRecord:
        if (filter_.Wants(*record)) return Next::kRecord;
        continue;
      case TickRecordReader::Next::kWrong:
        Damaged(index_.blocks[next_ - 1].offset,
                absl::StrCat("block ", next_ - 1, " holds what is no record: ",
                             records_->status().message(), " of it"));
        break;
      case TickRecordReader::Next::kEnd:
        if (records_->offset() != plain_bytes_) {
          Damaged(index_.blocks[next_ - 1].offset,
                  absl::StrCat("block ", next_ - 1, " ends inside a record"));
        }
        break;
    }
    in_block_ = false;
  }
}

void IndexedLog::Damaged(uint64_t offset, const std::string& what) {
  if (!status_.ok()) return;
  status_ = absl::DataLossError(
      absl::StrCat(path_, ": at byte ", offset, ": ", what));
}

}  // namespace streamhub::ticklog
