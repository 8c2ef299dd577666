// The two encodings against each other: two shards of one market serve one
// client each, one in JSON, one in FlatBuffers. Whatever the market does and
// the clients ask, in whatever rhythm their connections take it, the binary
// client must be told the same at the same time: put into JSON, byte for byte.
// The input is a program of operations.

#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <iterator>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "gateway/base/check.h"
#include "gateway/codec/flat_reader.h"
#include "gateway/session/fanout.h"
#include "gateway/session/session.h"
#include "tests/support/test_market.h"

namespace {

using namespace streamhub;  // NOLINT: a program of one file

class Client final : public Transport {
 public:
  explicit Client(Envelope envelope) : envelope_(envelope) {}

  Envelope envelope() const override { return envelope_; }
  bool Send(std::string& batch) override {
    const auto message = std::string_view(batch).substr(kBatchHeadroom);
    if (EncodingOf(envelope_) == Encoding::kFlat) {
      STREAMHUB_CHECK(message.size() % 8 == 0);
      STREAMHUB_CHECK(reader_.ToJson(message, &told).ok());
    } else {
      told += message;
    }
    told += "\n--\n";
    waiting = slow;
    return !slow;
  }
  void ResumeReading() override {}
  void Close(CloseReason) override {}

  std::string told;
  bool slow = false, waiting = false;

 private:
  const Envelope envelope_;
  FlatReader reader_;
};

class Bytes {
 public:
  explicit Bytes(std::span<const uint8_t> bytes) : bytes_(bytes) {}
  bool empty() const { return at_ >= bytes_.size(); }
  uint8_t Next() { return empty() ? 0 : bytes_[at_++]; }
  int64_t Number() {  // of any size, often small
    uint64_t value = 0;
    for (int n = Next() % 9; n > 0; --n) value = value << 8 | Next();
    return static_cast<int64_t>(value);
  }

 private:
  const std::span<const uint8_t> bytes_;
  size_t at_ = 0;
};

constexpr std::string_view kRequests[] = {
    R"({"type":"subscribe","id":1,"symbols":["S0","S1","S2","S9"]})",
    R"({"type":"subscribe","symbols":["S1","S3"],"fields":["bid","last"],)"
    R"("max_rate":"unlimited"})",
    R"({"type":"subscribe","id":"x\"y","symbols":["S0@3"],"max_rate":4})",
    R"({"type":"change","id":2,"symbols":["S0","S1"],"fields":["ask"]})",
    R"({"type":"change","symbols":["S1"],"max_rate":0.5})",
    R"({"type":"unsubscribe","id":3,"symbols":["S1","S2"]})",
    R"([{"type":"ping","id":4},{"type":"ping"}])",
    R"({"type":"subscribe","id":5,"symbols":["S0"],"fields":["bidd"]})",
    R"({"type":"subscribe","id":6,"symbols":["A,B"]})",
    R"(nonsense)",
};

class World {
 public:
  World() : json_(Envelope::kLines), flat_(Envelope::kFlat) {
    SessionLimits limits;
    limits.batch_bytes_max = 1 << 20;  // sizes differ, batches must not
    limits.replies_bytes_max = 1 << 20;
    limits.turn_ns_max = kSecond;
    for (int i = 0; i < 2; ++i) {
      wakes_[i] = &home_.market.AddShard([] {});
    }
    shard_.emplace(home_.market, *wakes_[0], home_.counters, home_.clock,
                   limits);
    other_.emplace(home_.market, *wakes_[1], home_.counters, home_.clock,
                   limits);
    sessions_[0] = shard_->Open(&json_);
    sessions_[1] = other_->Open(&flat_);
    Define();
  }

  ~World() {
    for (Session* session : sessions_) session->OnClosed();
    Turn();
  }

  void Run(Bytes bytes) {
    while (!bytes.empty()) {
      Do(bytes);
      Turn();
      Compare();
    }
    SetSlow(false);
    for (int i = 0; i < 3; ++i) Turn();
    Compare();
  }

 private:
  void Do(Bytes& bytes) {
    switch (bytes.Next() % 8) {
      case 0:
        return Define();
      case 1:
        return home_.clock.Advance(bytes.Next() * int64_t{40'000'000});
      case 2:
        home_.publisher.SetStatus(static_cast<FeedStatus>(bytes.Next() % 4));
        return;
      case 3:
        if (bytes.Next() % 8 == 0) home_.publisher.StartEpoch();
        return;
      case 4: {
        const auto text = kRequests[bytes.Next() % std::size(kRequests)];
        for (Session* session : sessions_) session->OnMessage(text);
        return;
      }
      case 5:
        return SetSlow(bytes.Next() % 2 == 0);
      default:
        return Tick(bytes);
    }
  }

  void Define() {
    if (symbols_.size() >= 6) return;
    SymbolInfo info;
    info.code = "S" + std::to_string(symbols_.size());
    info.price_decimals = static_cast<int>(symbols_.size() * 5 % 13);
    info.quantity_decimals = static_cast<int>(symbols_.size() * 3 % 13);
    if (symbols_.size() % 2 == 1) {
      info.name = "a \"name\"\n";
      info.currency = "EUR";
      info.pip = 5;
    }
    info.layout = symbols_.size() % 3 == 2 ? &BookLayout() : &QuoteLayout();
    const auto id = home_.publisher.Define(std::move(info));
    STREAMHUB_CHECK(id.ok());
    symbols_.push_back(*id);
  }

  void Tick(Bytes& bytes) {
    const SymbolId id = symbols_[bytes.Next() % symbols_.size()];
    std::vector<FieldValue> values;
    for (int n = bytes.Next() % 6; n > 0; --n) {
      const auto field = static_cast<FieldId>(bytes.Next() % kFieldCount);
      int64_t value = bytes.Number();
      if (bytes.Next() % 8 == 0) value = kEmpty;
      if (KindOf(field) == FieldKind::kText && value != kEmpty) {
        value = PackText(std::string(value % 9 & 7, 'a'));
      }
      values.push_back({field, value});
    }
    home_.publisher.BeginBatch();
    home_.publisher.Publish(id, values, bytes.Next() * kSecond);
    home_.publisher.EndBatch();
  }

  void SetSlow(bool slow) {
    json_.slow = flat_.slow = slow;
    if (slow) return;
    if (std::exchange(json_.waiting, false)) sessions_[0]->OnSent();
    if (std::exchange(flat_.waiting, false)) sessions_[1]->OnSent();
  }

  void Turn() {
    shard_->Turn();
    other_->Turn();
  }

  void Compare() {
    if (json_.told != flat_.told) {
      std::fprintf(stderr, "JSON:\n%s\nFlatBuffers:\n%s\n", json_.told.c_str(),
                   flat_.told.c_str());
    }
    STREAMHUB_CHECK(json_.told == flat_.told);
    json_.told.clear();
    flat_.told.clear();
  }

  TestMarket home_;
  ShardWake* wakes_[2];
  std::optional<Fanout> shard_, other_;
  Client json_, flat_;
  Session* sessions_[2];
  std::vector<SymbolId> symbols_;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  if (size > 4096) return 0;
  World().Run(Bytes({data, size}));
  return 0;
}
