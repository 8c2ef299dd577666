#include "feeds/dbn/decoder.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "tests/feeds/dbn/sample.h"

namespace streamhub::dbn {
namespace {

constexpr Form kForms[] = {{1, false}, {2, false}, {3, false},
                           {1, true},  {2, true},  {3, true}};

// Keeps the last record of type T.
template <typename T>
struct Last {
  void On(const T& record) { got = record; }
  template <typename Other>
  void On(const Other&) {
    ADD_FAILURE() << "another type";
  }
  std::optional<T> got;
};

// Writes and decodes in every form.
template <typename T>
void ExpectRoundTrip(const T& record, size_t v1, size_t v2, size_t v3) {
  for (const Form& form : kForms) {
    SCOPED_TRACE(testing::Message()
                 << "version " << form.version << " ts_out " << form.ts_out);
    std::string bytes;
    Append(record, form, &bytes);
    const size_t size = form.version == 1 ? v1 : form.version == 2 ? v2 : v3;
    EXPECT_EQ(bytes.size(), size + (form.ts_out ? 8 : 0));
    Last<T> last;
    ASSERT_EQ(Decode(BytesOf(bytes), form, last), Decoded::kHandled);
    EXPECT_EQ(last.got, record);
    // A little less and a little more are not that record.
    bytes += "four";
    EXPECT_EQ(Decode(BytesOf(bytes), form, last), Decoded::kBadSize);
    bytes.resize(bytes.size() - 8);
    EXPECT_EQ(Decode(BytesOf(bytes), form, last), Decoded::kBadSize);
  }
}

constexpr Head At(uint8_t rtype) { return {rtype, 7, 4'000'000'000, 1234}; }

Trade Change(uint8_t rtype) {
  return {At(rtype),
          -5 * kOne,
          4'000'000'000,
          'C',
          'A',
          130,
          9,
          1'700'000'000'000'000'000,
          -77,
          4'000'000'001};
}

Definition FullDefinition(int version) {
  Definition d;
  d.head = At(kDefinitionType);
  d.ts_recv = 1;
  d.min_price_increment = 2;
  d.display_factor = 3;
  d.expiration = 4;
  d.activation = 5;
  d.high_limit_price = 6;
  d.low_limit_price = 7;
  d.max_price_variation = 8;
  d.unit_of_measure_qty = 9;
  d.price_ratio = 10;
  d.strike_price = 11;
  d.raw_instrument_id = 12;
  d.underlying_id = 13;
  d.market_depth = -14;
  d.max_trade_vol = 15;
  d.min_lot_size_round_lot = 16;
  d.min_trade_vol = 17;
  d.contract_multiplier = 18;
  d.maturity_year = 2025;
  d.channel = 20;
  d.currency = "USD";
  d.settl_currency = "EUR";
  d.raw_symbol = "ESZ4 C5000 LONG NAME";
  d.group = "GROUP";
  d.exchange = "XCME";
  d.asset = "ES";
  d.cfi = "FFIXSX";
  d.security_type = "FUT";
  d.unit_of_measure = "IPNT";
  d.underlying = "ESZ4";
  d.strike_price_currency = "GBP";
  d.instrument_class = 'F';
  d.match_algorithm = 'K';
  d.main_fraction = 21;
  d.price_display_format = 22;
  d.sub_fraction = 23;
  d.security_update_action = 'M';
  d.maturity_month = 12;
  d.maturity_day = 24;
  d.maturity_week = 25;
  d.user_defined = 'Y';
  if (version < 3) return d;
  d.leg_count = 2;
  d.leg_index = 1;
  d.leg_instrument_id = 26;
  d.leg_price = 27;
  d.leg_raw_symbol = "LEG";
  d.leg_side = 'B';
  return d;
}

TEST(DbnDecoderTest, DecodesWhatTheWriterWrites) {
  ExpectRoundTrip(
      Mbo{At(kMboType), 99, -5 * kOne, 6, 0xA8, 3, 'M', 'B', 11, -12, 13}, 56,
      56, 56);
  ExpectRoundTrip(Change(kTradeType), 48, 48, 48);
  BidAsk level{kOne, 2 * kOne, 3, 4, 5, 6};
  ExpectRoundTrip(Mbp1{Change(kMbp1Type), {level}}, 80, 80, 80);
  Mbp10 ten{Change(kMbp10Type), {}};
  for (BidAsk& l : ten.levels) {
    l = level;
    ++level.ask;
    ++level.ask_count;
  }
  ExpectRoundTrip(ten, 368, 368, 368);
  for (const uint8_t rtype : {kCmbp1Type, kTcbboType}) {
    Trade change = Change(rtype);
    change.depth = 0;
    change.sequence = 0;
    ExpectRoundTrip(Cmbp1{change, {1, 2, 3, 4, 0, 0}, 5, 6}, 80, 80, 80);
  }
  for (const uint8_t rtype : {kBbo1SType, kBbo1MType}) {
    ExpectRoundTrip(Bbo{At(rtype), 1, 2, 'A', 3, 4, 5, level}, 80, 80, 80);
  }
  for (const uint8_t rtype : {kOhlcvOldType, kOhlcv1SType, kOhlcv1MType,
                              kOhlcv1HType, kOhlcv1DType, kOhlcvEodType}) {
    ExpectRoundTrip(Ohlcv{At(rtype), 1, 2, -3, 4, ~uint64_t{0}}, 56, 56, 56);
  }
  ExpectRoundTrip(
      Status{At(kStatusType), 1, StatusAction::kPause, 2, 3, 'Y', 'N', '~'}, 40,
      40, 40);
}

TEST(DbnDecoderTest, DecodesWhatDiffersBetweenVersions) {
  for (const int64_t quantity : {int64_t{-9}, kUndefined}) {
    ExpectRoundTrip(
        Statistics{At(kStatisticsType), 1, 2, -3, quantity, 5, -6, 7, 8, 2, 10},
        64, 64, 80);
  }
  for (const int version : {1, 2, 3}) {
    const Definition definition = FullDefinition(version);
    const Form form{version, false};
    std::string bytes;
    Append(definition, form, &bytes);
    Last<Definition> last;
    ASSERT_EQ(Decode(BytesOf(bytes), form, last), Decoded::kHandled);
    EXPECT_EQ(last.got, definition) << version;
  }
  ExpectRoundTrip(FullDefinition(1), 360, 400, 520);
  const SymbolMapping old{At(kMappingType), kNoSymbols, "ES.c.0", kNoSymbols,
                          "ESZ4",           1,          2};
  std::string bytes;
  Append(old, {1, false}, &bytes);
  EXPECT_EQ(bytes.size(), 80u);
  Last<SymbolMapping> mapping;
  ASSERT_EQ(Decode(BytesOf(bytes), {1, false}, mapping), Decoded::kHandled);
  EXPECT_EQ(mapping.got, old);
  for (const int version : {2, 3}) {
    SymbolMapping m = old;
    m.stype_in = 3;
    m.stype_out = kRawSymbols;
    bytes.clear();
    Append(m, {version, true}, &bytes);
    EXPECT_EQ(bytes.size(), 184u);
    ASSERT_EQ(Decode(BytesOf(bytes), {version, true}, mapping),
              Decoded::kHandled);
    EXPECT_EQ(mapping.got, m);
  }
}

TEST(DbnDecoderTest, DecodesMessagesOfASession) {
  const std::string text(63, 'x');
  ExpectRoundTrip(SystemMessage{At(kSystemType), text}, 80, 320, 320);
  ExpectRoundTrip(ErrorMessage{At(kErrorType), text}, 80, 320, 320);
  std::string bytes;
  const std::string longer(301, 'x');
  const ErrorMessage error{At(kErrorType), longer, 3, 1};
  Append(error, {3, false}, &bytes);
  Last<ErrorMessage> last;
  ASSERT_EQ(Decode(BytesOf(bytes), {3, false}, last), Decoded::kHandled);
  EXPECT_EQ(last.got, error);
  const SystemMessage system{At(kSystemType), longer, 2};
  bytes.clear();
  Append(system, {2, false}, &bytes);
  Last<SystemMessage> told;
  ASSERT_EQ(Decode(BytesOf(bytes), {2, false}, told), Decoded::kHandled);
  EXPECT_EQ(told.got, system);
}

// The offsets of the specification, written down once more: reader and writer
// share a table, so that they would agree on a wrong one.
TEST(DbnDecoderTest, FindsTheFieldsOfADefinitionWhereTheyAre) {
  struct Place {
    int version;
    size_t bytes, strike, raw_id, symbol, currency, exchange, instrument_class;
    size_t action, year, multiplier, underlying, underlying_id;
  };
  for (const Place& at :
       {Place{1, 360, 328, 120, 200, 186, 243, 325, 349, 180, 160, 300, 116},
        Place{2, 400, 112, 128, 200, 186, 292, 374, 382, 180, 164, 349, 124},
        Place{3, 520, 104, 112, 238, 224, 330, 487, 493, 214, 176, 391, 140}}) {
    SCOPED_TRACE(at.version);
    std::string bytes(at.bytes, '\0');
    bytes[0] = static_cast<char>(at.bytes / 4);
    bytes[1] = kDefinitionType;
    bytes[24] = 25;  // min_price_increment
    bytes[at.strike] = 31;
    bytes[at.raw_id] = 32;
    bytes[at.year] = 33;
    bytes[at.multiplier] = 34;
    bytes[at.underlying_id] = 35;
    bytes[at.instrument_class] = 'C';
    bytes[at.action] = 'D';
    bytes.replace(at.symbol, 4, "ESZ4");
    bytes.replace(at.currency, 3, "USD");
    bytes.replace(at.exchange, 4, "XCME");
    bytes.replace(at.underlying, 2, "ES");
    const Form form{at.version, false};
    Last<Definition> last;
    ASSERT_EQ(Decode(BytesOf(bytes), form, last), Decoded::kHandled);
    const Definition& d = *last.got;
    EXPECT_EQ(d.min_price_increment, 25);
    EXPECT_EQ(d.strike_price, 31);
    EXPECT_EQ(d.raw_instrument_id, 32u);
    EXPECT_EQ(d.maturity_year, 33);
    EXPECT_EQ(d.contract_multiplier, 34);
    EXPECT_EQ(d.underlying_id, 35u);
    EXPECT_EQ(d.instrument_class, 'C');
    EXPECT_EQ(d.security_update_action, 'D');
    EXPECT_EQ(d.raw_symbol, "ESZ4");
    EXPECT_EQ(d.currency, "USD");
    EXPECT_EQ(d.exchange, "XCME");
    EXPECT_EQ(d.underlying, "ES");
  }
}

TEST(DbnDecoderTest, ATextWithoutItsNulEndsWithItsField) {
  std::string bytes;
  Definition definition;
  definition.currency = "USD";
  Append(definition, {3, false}, &bytes);
  bytes.replace(224, 4, "ABCD");
  bytes.replace(228, 4, "EFGH");
  Last<Definition> last;
  ASSERT_EQ(Decode(BytesOf(bytes), {3, false}, last), Decoded::kHandled);
  EXPECT_EQ(last.got->currency, "ABCD");
  EXPECT_EQ(last.got->settl_currency, "EFGH");
}

TEST(DbnDecoderTest, SkipsWhatItDoesNotKnow) {
  Last<Mbo> last;
  for (const int rtype : {0x02, 0x14, 0xC0, 0xC1, 0xFF}) {
    std::string bytes;
    AppendUnknown(At(static_cast<uint8_t>(rtype)), 112, &bytes);
    EXPECT_EQ(Decode(BytesOf(bytes), {}, last), Decoded::kSkipped);
    EXPECT_EQ(RecordBytes(static_cast<uint8_t>(rtype), 3), 0u);
  }
  EXPECT_EQ(Decode(BytesOf(std::string(15, 'x')), {}, last), Decoded::kBadSize);
  EXPECT_FALSE(last.got.has_value());
}

TEST(DbnDecoderTest, SaysWhatIsWrongWithASize) {
  std::string bytes;
  Append(Mbo{At(kMboType)}, {}, &bytes);
  bytes.resize(52);
  EXPECT_EQ(DescribeBadSize(BytesOf(bytes), {3, true}),
            "a record of type 160 has 52 bytes, want 64");
}

TEST(DbnDecoderTest, FilesAreInTheOrderOfCapture) {
  const std::string bytes = MakeSample({3, false});
  std::map<uint8_t, uint64_t> index;
  for (const std::string& record : ReadFrames(bytes).records) {
    index.try_emplace(TypeOf(BytesOf(record)), IndexNsOf(BytesOf(record)));
  }
  const uint64_t start = kSampleDayNs + 3600 * uint64_t{kOne};
  const std::map<uint8_t, uint64_t> want = {
      {kSystemType, start},
      {kMappingType, start},
      {kDefinitionType, start + 150},
      {kStatusType, start + 250},
      {kMboType, start + 1050},
      {kMbp10Type, start + 20'050},
      {kMbp1Type, start + 20'050},
      {kCmbp1Type, start + 20'050},
      {kTradeType, start + 21'050},
      {kBbo1SType, start + uint64_t{kOne}},
      {kStatisticsType, start + 30'050},
      {kOhlcv1SType, start + 31'000},
      {kErrorType, start},
      {0xF0, start + 32'000}};
  EXPECT_EQ(index, want);
  std::string trade;
  Append(Trade{{kTradeType, 1, 1, 55}, 1, 1, 'T', 'N', 0, 0, kUndefinedTime},
         {}, &trade);
  EXPECT_EQ(IndexNsOf(BytesOf(trade)), 55u);
}

}  // namespace
}  // namespace streamhub::dbn
