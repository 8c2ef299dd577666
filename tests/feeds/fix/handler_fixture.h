// Messages through bytes, decoder and handler into a market, for tests of the
// handler. One thread.

#ifndef STREAMHUB_TESTS_FEEDS_FIX_HANDLER_FIXTURE_H_
#define STREAMHUB_TESTS_FEEDS_FIX_HANDLER_FIXTURE_H_

#include <gtest/gtest.h>

#include <memory>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/fix/decoder.h"
#include "feeds/fix/fix_handler.h"
#include "feeds/fix/writer.h"
#include "gateway/base/clock.h"
#include "tests/support/test_market.h"

namespace streamhub::fix {

// Two decimals for prices, none for sizes. All is sent at kSentNs.
class HandlerFixture : public testing::Test {
 protected:
  static constexpr int64_t kSentNs = 1'399'248'000 * kSecond;  // 2014-05-05

  HandlerFixture() { Use("2/0"); }

  void Use(std::string_view decimals) {
    handler_ = std::make_unique<FixHandler>(
        market_.publisher, *csv::DecimalsFinder::Create(decimals));
  }

  const Message& Decode(const Fields& fields) {
    Fields body = {fields[0], {52, "20140505-00:00:00"}};
    body.insert(body.end(), fields.begin() + 1, fields.end());
    bytes_.clear();
    AppendMessage(body, &bytes_);
    EXPECT_TRUE(decoder_.Decode({bytes_, kSoh, {}}, &message_))
        << decoder_.fault();
    return message_;
  }
  // How many entries were refused.
  int Give(const Fields& fields) { return handler_->On(Decode(fields)); }

  // W or X with these entries, of which each is a few fields.
  int Snapshot(const std::vector<Fields>& entries, const Fields& head = {}) {
    Fields all = {{35, "W"}, {55, "A"}};
    return Give(With(std::move(all), head, entries));
  }
  int Update(const std::vector<Fields>& entries, const Fields& head = {}) {
    return Give(With({{35, "X"}}, head, entries));
  }
  static Fields With(Fields all, const Fields& head,
                     const std::vector<Fields>& entries) {
    all.insert(all.end(), head.begin(), head.end());
    all.emplace_back(268, std::to_string(entries.size()));
    for (const Fields& entry : entries) {
      all.insert(all.end(), entry.begin(), entry.end());
    }
    return all;
  }

  SymbolId Find(std::string_view code) {
    const auto id = market_.market.symbols().Find(code);
    EXPECT_TRUE(id.has_value()) << code;
    return id.value_or(0);
  }
  int64_t Value(FieldId field, std::string_view code = "A") {
    return market_.Value(Find(code), field);
  }
  int64_t EventNs(std::string_view code = "A") {
    return market_.Read(Find(code)).event_ns;
  }
  int64_t Counted(Metric metric) { return market_.counters.Get(metric); }

  TestMarket market_{1000, TestMarket::Info(), /*tape=*/100};
  std::unique_ptr<FixHandler> handler_;
  std::string bytes_;
  Decoder decoder_;
  Message message_;
};

}  // namespace streamhub::fix

#endif  // STREAMHUB_TESTS_FEEDS_FIX_HANDLER_FIXTURE_H_
