#include "feeds/dbn/stream_reader.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cstring>
#include <utility>

#include "feeds/dbn/layout.h"
#include "feeds/dbn/little_endian.h"
#include "gateway/base/strings.h"

namespace streamhub::dbn {
namespace {

constexpr size_t kBufferBytes = 128 * 1024;
constexpr std::string_view kMagic = "DBN";

}  // namespace

StreamReader::StreamReader() : buffer_(kBufferBytes) {}

std::span<uint8_t> StreamReader::Room() {
  std::memmove(buffer_.data(), buffer_.data() + begin_, end_ - begin_);
  end_ -= begin_;
  begin_ = 0;
  if (!has_metadata_) {
    if (end_ == buffer_.size()) buffer_.resize(2 * buffer_.size());
  } else if (buffer_.size() > kBufferBytes && end_ < kBufferBytes) {
    // Any record fits: what big metadata needed is given back.
    buffer_.resize(kBufferBytes);
    buffer_.shrink_to_fit();
  }
  return std::span(buffer_).subspan(end_);
}

StreamReader::Next StreamReader::Read(std::span<const uint8_t>* record) {
  if (!status_.ok()) return Next::kDamaged;
  offset_ = begin_offset_;
  const size_t have = end_ - begin_;
  if (have == 0) return finished_ ? Next::kEnd : Next::kNeedMore;
  if (!has_metadata_) return ReadMetadata();
  const size_t size = SizeAt(begin_);
  if (size < kHeadBytes) {
    return Damaged(absl::StrCat("a record of ", size,
                                " bytes, less than its head of ", kHeadBytes));
  }
  if (have < size) return Incomplete(size, "a record");
  *record = {buffer_.data() + begin_, size};
  begin_ += size;
  begin_offset_ += size;
  return Next::kRecord;
}

StreamReader::Next StreamReader::ReadMetadata() {
  const uint8_t* const at = buffer_.data() + begin_;
  const size_t have = end_ - begin_;
  if (!std::equal(at, at + std::min(have, kMagic.size()), kMagic.begin())) {
    return Damaged("does not begin with 'DBN'");
  }
  if (have < kPreludeBytes) return Incomplete(kPreludeBytes, "the prelude");
  const int version = at[kMagic.size()];
  if (version < 1 || version > kVersionMax) {
    return Damaged(
        absl::StrCat("is DBN version ", version, ", want 1 to ", kVersionMax));
  }
  const auto bytes = Load<uint32_t>(at + 4);
  if (bytes > kMetadataBytesMax) {
    return Damaged(absl::StrCat("metadata of ", bytes, " bytes, more than ",
                                kMetadataBytesMax));
  }
  const size_t size = kPreludeBytes + bytes;
  if (have < size) return Incomplete(size, "the metadata");
  auto metadata = ParseMetadata(version, {at + kPreludeBytes, bytes});
  if (!metadata.ok()) {
    status_ = metadata.status();
    return Next::kDamaged;
  }
  metadata_ = *std::move(metadata);
  has_metadata_ = true;
  begin_ += size;
  begin_offset_ += size;
  return Next::kMetadata;
}

StreamReader::Next StreamReader::Incomplete(size_t want,
                                            std::string_view of_what) {
  if (!finished_) return Next::kNeedMore;
  return Damaged(absl::StrCat("truncated: the input ends ", end_ - begin_,
                              " bytes into ", ToAbsl(of_what), " of ", want));
}

StreamReader::Next StreamReader::Damaged(std::string_view what) {
  status_ = absl::DataLossError(
      absl::StrCat("at byte ", begin_offset_, ": ", ToAbsl(what)));
  return Next::kDamaged;
}

}  // namespace streamhub::dbn
