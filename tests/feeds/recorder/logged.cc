#include "tests/feeds/recorder/logged.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <fstream>
#include <iterator>

#include "feeds/ticklog/block_codec.h"
#include "feeds/ticklog/log_format.h"
#include "feeds/ticklog/log_reader.h"

namespace streamhub {
namespace {

using Kind = TickRecord::Kind;

void Append(const TickRecord& record, std::map<uint32_t, std::string>* codes,
            LoggedFile* file) {
  if (record.kind == Kind::kSymbol) (*codes)[record.number] = record.info->code;
  Logged& one = file->records.emplace_back();
  one.kind = record.kind;
  const bool of_symbol =
      record.kind == Kind::kSymbol || record.kind == Kind::kTick ||
      record.kind == Kind::kRefresh || record.kind == Kind::kTrade;
  if (of_symbol) one.code = codes->at(record.number);
  one.feed = record.feed;
  one.status = record.status;
  one.values.assign(record.values.begin(), record.values.end());
  one.trade = record.trade;
  one.trade_id = record.trade.id;
  one.trade_cross = record.trade.cross;
  one.time_ns = record.time_ns;
  one.event_ns = record.event_ns;
  one.from_ns = record.from_ns;
  one.epoch = record.epoch;
  one.lost = record.lost;
}

}  // namespace

std::vector<Logged> LoggedFile::Of(Kind kind) const {
  std::vector<Logged> some;
  for (const Logged& record : records) {
    if (record.kind == kind) some.push_back(record);
  }
  return some;
}

LoggedFile ReadLogBytes(std::string_view text) {
  using namespace ticklog;  // NOLINT: a dozen names of one folder
  LoggedFile file;
  file.torn = true;
  const Bytes bytes(reinterpret_cast<const uint8_t*>(text.data()), text.size());
  if (bytes.size() < kFileHeadBytes) return file;
  if (CheckFileHead(bytes.first(kFileHeadBytes)) != FileHead::kGood) {
    file.wrong = "the file's head";
    return file;
  }
  TickRecordReader reader;
  BlockUnpacker unpacker;
  std::map<uint32_t, std::string> codes;
  size_t at = kFileHeadBytes;
  while (true) {
    const Bytes rest = bytes.subspan(at);
    if (rest.size() == kFooterBytes && DecodeFooter(rest).has_value()) {
      file.torn = false;
      return file;
    }
    if (rest.size() < kBlockHeadBytes) return file;
    const auto head = DecodeBlockHead(rest);
    if (!head.has_value()) {
      file.wrong = "a block's head at " + std::to_string(at);
      return file;
    }
    if (rest.size() < kBlockHeadBytes + head->payload) return file;
    std::string_view plain;
    const absl::Status unpacked = unpacker.Unpack(
        *head, rest.subspan(kBlockHeadBytes, head->payload), &plain);
    if (!unpacked.ok()) {
      file.wrong = std::string(unpacked.message());
      return file;
    }
    at += kBlockHeadBytes + head->payload;
    if (head->is_index()) continue;
    ++file.blocks;
    reader.Begin(plain);
    TickRecord record;
    TickRecordReader::Next next;
    while ((next = reader.Read(&record)) == TickRecordReader::Next::kRecord) {
      Append(record, &codes, &file);
    }
    if (next == TickRecordReader::Next::kWrong) {
      file.wrong = std::string(reader.status().message());
      return file;
    }
  }
}

LoggedFile ReadLog(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return ReadLogBytes(std::string(std::istreambuf_iterator<char>(in), {}));
}

void ExpectReadBackAlike(const std::string& path, const LoggedFile& file) {
  std::ifstream in(path, std::ios::binary);
  ticklog::LogReader reader;
  TickRecord record;
  uint64_t records = 0;
  auto next = ticklog::LogReader::Next::kNeedMore;
  do {
    next = reader.Read(&record);
    if (next == ticklog::LogReader::Next::kRecord) {
      if (records >= file.records.size() ||
          file.records[records].kind != record.kind ||
          file.records[records].time_ns != record.time_ns) {
        ADD_FAILURE() << path << ": record " << records;
        return;
      }
      ++records;
    } else if (next == ticklog::LogReader::Next::kNeedMore) {
      const auto room = reader.Room();
      in.read(reinterpret_cast<char*>(room.data()),
              static_cast<std::streamsize>(room.size()));
      reader.Filled(static_cast<size_t>(in.gcount()));
      if (in.gcount() == 0) reader.Finish();
    }
  } while (next == ticklog::LogReader::Next::kRecord ||
           next == ticklog::LogReader::Next::kNeedMore);
  EXPECT_EQ(records, file.records.size()) << path;
  EXPECT_EQ(reader.whole_blocks(), file.blocks) << path;
  EXPECT_EQ(reader.closed(), !file.torn) << path;
  // What it says of a torn end is its only complaint.
  EXPECT_LE(reader.damaged(), file.torn ? 1 : 0) << path << reader.status();
}

void Play(const LoggedFile& file, LoggedState* state) {
  for (const Logged& record : file.records) {
    if (record.kind == Kind::kEpoch) {
      for (auto& [code, values] : *state) values.clear();
    }
    if (record.kind == Kind::kSymbol) (*state)[record.code];
    if (record.kind == Kind::kRefresh) (*state)[record.code].clear();
    if (record.kind != Kind::kTick && record.kind != Kind::kRefresh) continue;
    auto& values = (*state)[record.code];
    for (const FieldValue& v : record.values) {
      const std::string name(FieldName(v.field));
      if (v.value == kEmpty ||
          (v.field == FieldId::kTrading && v.value == PackText("unknown"))) {
        values.erase(name);
      } else {
        values[name] = v.value;
      }
    }
  }
}

LoggedState StateOfMarket(const TestMarket& test) {
  LoggedState state;
  for (SymbolId id = 0; id < test.market.symbols().size(); ++id) {
    const SymbolInfo& info = test.market.symbols().Get(id);
    if (info.topic != nullptr) continue;
    auto& values = state[info.code];
    const QuoteView view = test.Read(id);
    for (int i = 0; i < info.layout->size(); ++i) {
      const FieldId field = info.layout->field(i);
      const int64_t value = view.value[static_cast<size_t>(i)];
      if (value == kEmpty ||
          (field == FieldId::kTrading && value == PackText("unknown"))) {
        continue;
      }
      values[std::string(FieldName(field))] = value;
    }
  }
  return state;
}

TemporaryFolder::TemporaryFolder() {
  path_ =
      (std::filesystem::temp_directory_path() / "streamhub_XXXXXX").string();
  STREAMHUB_CHECK(mkdtemp(path_.data()) != nullptr);
}

TemporaryFolder::~TemporaryFolder() {
  std::error_code ignored;
  std::filesystem::remove_all(path_, ignored);
}

}  // namespace streamhub
