#include "feeds/ticklog/log_reader.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "gateway/base/strings.h"

namespace streamhub::ticklog {
namespace {

constexpr size_t kRoomBytes = 64 * 1024;

// True if `bytes` begin so, as far as there are any.
bool MayBe(Bytes bytes, std::string_view magic) {
  const size_t size = std::min(bytes.size(), magic.size());
  return std::memcmp(bytes.data(), magic.data(), size) == 0;
}

bool BeginsWith(Bytes bytes, std::string_view magic) {
  return bytes.size() >= magic.size() && MayBe(bytes, magic);
}

bool CountsAsRecord(TickRecord::Kind kind) {
  return kind != TickRecord::Kind::kSymbol &&
         kind != TickRecord::Kind::kRefresh;
}

// Something undamaged begins here.
bool IsAnchor(Bytes bytes) {
  if (bytes.size() >= kBlockHeadBytes && BeginsWith(bytes, kBlockMagic)) {
    return DecodeBlockHead(bytes).has_value();
  }
  if (bytes.size() >= kFooterBytes && BeginsWith(bytes, kFooterMagic)) {
    return DecodeFooter(bytes).has_value();
  }
  return bytes.size() >= kFileHeadBytes && BeginsWith(bytes, kFileMagic) &&
         CheckFileHead(bytes) == FileHead::kGood;
}

}  // namespace

LogReader::LogReader(LogFilter filter) : filter_(std::move(filter)) {}

std::span<uint8_t> LogReader::Room() {
  if (buffer_.size() - end_ < kRoomBytes) {
    // What is not looked at is a block that is not whole, most often.
    if (begin_ > 0) {
      std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
      end_ -= begin_;
      begin_ = 0;
    }
    // With room for more: blocks are moved once or twice, not at each piece.
    if (buffer_.size() - end_ < kRoomBytes) {
      buffer_.resize(2 * (end_ + kRoomBytes));
    }
  }
  return std::span(buffer_).subspan(end_);
}

LogReader::Next LogReader::Read(TickRecord* record) {
  for (;;) {
    Step step;
    switch (state_) {
      case State::kRecords:
        step = ReadRecord(record);
        break;
      case State::kFileHead:
        step = ReadFileHead();
        break;
      case State::kBlock:
        step = ReadBlock();
        break;
      case State::kSeeking:
        step = Seek();
        break;
      case State::kFailed:
        return Next::kFailed;
    }
    if (step.has_value()) return *step;
  }
}

void LogReader::Pass(size_t bytes) {
  begin_ += bytes;
  offset_ += bytes;
}

LogReader::Step LogReader::ReadFileHead() {
  const Bytes here = Here();
  if (here.empty() && any_file_) {
    return finished_ ? Next::kEnd : Next::kNeedMore;
  }
  if (here.size() < kFileHeadBytes) {
    if (!finished_) return Next::kNeedMore;
    if (here.empty()) return Fail(offset_, "is empty");
    return Fail(offset_, MayBe(here, kFileMagic) ? "ends inside its head"
                                                 : "is no tick log");
  }
  switch (CheckFileHead(here)) {
    case FileHead::kNoTickLog:
      return Fail(offset_, any_file_ ? "what follows its end is no tick log"
                                     : "is no tick log");
    case FileHead::kDamaged:
      Damaged(offset_, 0, "the head of the log is damaged");
      break;
    case FileHead::kOtherVersion:
      return Fail(offset_, "is a tick log of another version");
    case FileHead::kGood:
      break;
  }
  Pass(kFileHeadBytes);
  if (records_.has_value()) {
    unknown_symbols_before_ += records_->unknown_symbols();
    unknown_records_before_ += records_->unknown_records();
  }
  records_.emplace();
  filter_.StartLog();
  any_file_ = true;
  closed_ = false;
  next_number_ = 0;
  state_ = State::kBlock;
  return std::nullopt;
}

LogReader::Step LogReader::ReadBlock() {
  const Bytes here = Here();
  if (here.empty()) return finished_ ? Next::kEnd : Next::kNeedMore;
  if (here.size() < kFooterMagic.size()) return Incomplete();
  if (BeginsWith(here, kFooterMagic)) return ReadFooter();
  if (here.size() < kBlockHeadBytes) return Incomplete();
  const auto head = DecodeBlockHead(here);
  if (!head.has_value()) {
    seek_from_ = offset_;
    state_ = State::kSeeking;
    return std::nullopt;
  }
  if (here.size() - kBlockHeadBytes < head->payload) return Incomplete();
  return ReadPayload(*head);
}

// The bytes end within something.
LogReader::Step LogReader::Incomplete() {
  if (!finished_) return Next::kNeedMore;
  return Fail(offset_ + Here().size(),
              absl::StrCat("ends inside a block: the writer was killed; ",
                           whole_records_, " records are whole"));
}

LogReader::Step LogReader::ReadPayload(const BlockHead& head) {
  const Bytes payload = Here().subspan(kBlockHeadBytes, head.payload);
  block_offset_ = offset_;
  Pass(kBlockHeadBytes + head.payload);
  if (head.is_index()) {
    FollowsOthers(head);
    if (Crc(payload) != head.payload_crc) {
      Damaged(block_offset_, 0, "the index is damaged, and not wanted here");
    }
    return std::nullopt;
  }
  if (!FollowsOthers(head)) return std::nullopt;
  next_number_ = head.number + 1;
  const bool wanted = !head.has_times() ||
                      filter_.filter().WantsTime(head.first_ns, head.last_ns);
  if (!wanted && !head.defines()) {
    ++whole_blocks_;
    whole_records_ += head.records;
    return std::nullopt;
  }
  std::string_view plain;
  const absl::Status unpacked = unpacker_.Unpack(head, payload, &plain);
  if (!unpacked.ok()) {
    Damaged(
        block_offset_, head.records,
        absl::StrCat("block ", head.number, " is damaged: ", unpacked.message(),
                     "; its ", head.records, " records are lost"));
    return std::nullopt;
  }
  head_ = head;
  plain_bytes_ = plain.size();
  told_ = 0;
  records_->Begin(plain);
  state_ = State::kRecords;
  return std::nullopt;
}

// False for a block that was there before.
bool LogReader::FollowsOthers(const BlockHead& head) {
  const bool after_seek = std::exchange(after_seek_, false);
  if (head.number == next_number_) return true;
  if (head.number < next_number_) {
    Damaged(block_offset_, 0,
            absl::StrCat("block ", head.number, " is there again"));
    return false;
  }
  if (!after_seek) {
    Damaged(block_offset_, 0,
            absl::StrCat("blocks ", next_number_, " to ", head.number - 1,
                         " are missing before it"));
  }
  return true;
}

LogReader::Step LogReader::ReadFooter() {
  const Bytes here = Here();
  if (here.size() < kFooterBytes) return Incomplete();
  const auto footer = DecodeFooter(here);
  if (!footer.has_value()) {
    seek_from_ = offset_;
    state_ = State::kSeeking;
    return std::nullopt;
  }
  if (footer->blocks != next_number_ && !std::exchange(after_seek_, false)) {
    Damaged(offset_, 0, "blocks are missing at the end");
  }
  Pass(kFooterBytes);
  closed_ = true;
  state_ = State::kFileHead;
  return std::nullopt;
}

// Looks for the next thing that is whole.
LogReader::Step LogReader::Seek() {
  for (;;) {
    const Bytes here = Here();
    if (here.empty() || (!finished_ && here.size() < kBlockHeadBytes)) {
      if (!finished_) return Next::kNeedMore;
      return Fail(seek_from_,
                  absl::StrCat("is damaged from here to its end; ",
                               whole_records_, " records are whole"));
    }
    if (IsAnchor(here)) break;
    Pass(1);
  }
  Damaged(seek_from_, 0,
          absl::StrCat("is damaged up to byte ", offset_,
                       "; how many records are lost is not known"));
  after_seek_ = true;
  state_ = BeginsWith(Here(), kFileMagic) ? State::kFileHead : State::kBlock;
  return std::nullopt;
}

LogReader::Step LogReader::ReadRecord(TickRecord* record) {
  switch (records_->Read(record)) {
    case TickRecordReader::Next::kRecord:
      if (CountsAsRecord(record->kind)) ++told_;
      if (filter_.Wants(*record)) return Next::kRecord;
      return std::nullopt;
    case TickRecordReader::Next::kWrong:
      EndBlock(FromAbsl(records_->status().message()));
      return std::nullopt;
    case TickRecordReader::Next::kEnd:
      break;
  }
  EndBlock(records_->offset() == plain_bytes_ ? "" : "ends inside a record");
  return std::nullopt;
}

void LogReader::EndBlock(std::string_view wrong) {
  state_ = State::kBlock;
  if (wrong.empty()) {
    ++whole_blocks_;
    whole_records_ += head_.records;
    return;
  }
  whole_records_ += told_;
  const uint64_t lost = head_.records > told_ ? head_.records - told_ : 0;
  Damaged(block_offset_, lost,
          absl::StrCat("block ", head_.number, " holds what is no record: ",
                       ToAbsl(wrong), " of it; the ", lost,
                       " records from there on are lost"));
}

LogReader::Step LogReader::Fail(uint64_t offset, std::string what) {
  Damaged(offset, 0, std::move(what));
  state_ = State::kFailed;
  return Next::kFailed;
}

void LogReader::Damaged(uint64_t offset, uint64_t records, std::string what) {
  if (status_.ok()) {
    status_ = absl::DataLossError(absl::StrCat("at byte ", offset, ": ", what));
  }
  lost_records_ += records;
  if (++damaged_ <= static_cast<int64_t>(kDamagesKept)) {
    damages_.push_back({offset, records, std::move(what)});
  }
  if (records_.has_value()) records_->PassOverUnknownSymbols();
}

uint64_t LogReader::unknown_symbols() const {
  return unknown_symbols_before_ +
         (records_.has_value() ? records_->unknown_symbols() : 0);
}

uint64_t LogReader::unknown_records() const {
  return unknown_records_before_ +
         (records_.has_value() ? records_->unknown_records() : 0);
}

}  // namespace streamhub::ticklog
