#include "tests/support/sent_log.h"

#include <algorithm>
#include <fstream>
#include <iterator>

#include "feeds/tick_record.h"
#include "feeds/ticklog/block_codec.h"
#include "feeds/ticklog/log_format.h"
#include "gateway/base/check.h"

namespace streamhub {
namespace {

LoggedCopy CopyOf(const TickRecord& record) {
  LoggedCopy copy;
  copy.time_ns = record.time_ns;
  if (record.kind == TickRecord::Kind::kGap) {
    copy.lost = record.lost;
    copy.lost_from_ns = record.from_ns;
    return copy;
  }
  STREAMHUB_CHECK(record.kind == TickRecord::Kind::kSent);
  const SentRecord& sent = record.sent;
  STREAMHUB_CHECK(sent.cut == 0);
  copy.session = sent.session;
  copy.transport = sent.transport;
  copy.encoding = sent.encoding;
  copy.batch = sent.batch;
  copy.symbol = sent.symbol;
  copy.bytes = sent.bytes;
  return copy;
}

}  // namespace

std::vector<LoggedCopy> ReadSentLog(std::string_view file) {
  using ticklog::Bytes;
  Bytes rest(reinterpret_cast<const uint8_t*>(file.data()), file.size());
  STREAMHUB_CHECK(rest.size() >= ticklog::kFileHeadBytes);
  STREAMHUB_CHECK(ticklog::CheckFileHead(rest.first(ticklog::kFileHeadBytes)) ==
                  ticklog::FileHead::kGood);
  rest = rest.subspan(ticklog::kFileHeadBytes);
  ticklog::BlockUnpacker unpacker;
  TickRecordReader reader;
  std::vector<LoggedCopy> copies;
  while (rest.size() >= ticklog::kBlockHeadBytes) {
    const auto head =
        ticklog::DecodeBlockHead(rest.first(ticklog::kBlockHeadBytes));
    if (!head.has_value() || head->is_index()) break;
    rest = rest.subspan(ticklog::kBlockHeadBytes);
    if (rest.size() < head->payload) break;
    std::string_view plain;
    STREAMHUB_CHECK(
        unpacker.Unpack(*head, rest.first(head->payload), &plain).ok());
    rest = rest.subspan(head->payload);
    reader.Begin(plain);
    TickRecord record;
    while (reader.Read(&record) == TickRecordReader::Next::kRecord) {
      copies.push_back(CopyOf(record));
    }
    STREAMHUB_CHECK(reader.status().ok() && reader.offset() == plain.size());
  }
  return copies;
}

std::vector<LoggedCopy> ReadSentLogFile(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  STREAMHUB_CHECK(in.good());
  return ReadSentLog(std::string(std::istreambuf_iterator<char>(in), {}));
}

}  // namespace streamhub
