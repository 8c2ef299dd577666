// A client against a server that the test plays, byte by byte.

#include "bench/load/client.h"

#include <absl/strings/str_cat.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <netinet/in.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/clock.h"
#include "gateway/base/strings.h"

namespace streamhub::load {
namespace {

class ClientTest : public testing::Test {
 protected:
  ClientTest() {
    listener_ = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
    auto& address = reinterpret_cast<sockaddr_in&>(plan_.address.storage);
    address.sin_family = AF_INET;
    address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
    plan_.address.size = sizeof address;
    auto* any = reinterpret_cast<sockaddr*>(&address);
    EXPECT_EQ(bind(listener_, any, plan_.address.size), 0);
    EXPECT_EQ(listen(listener_, 8), 0);
    EXPECT_EQ(getsockname(listener_, any, &plan_.address.size), 0);
    plan_.target = {"127.0.0.1", "80", ""};
    plan_.kind = WireKind::kSse;
    plan_.wanted.names = plan_.wanted.plain = {"A", "B"};
    plan_.wanted.keep_values = true;
    Behave({});
  }
  ~ClientTest() override {
    client_->Close();
    if (server_ >= 0) close(server_);
    close(listener_);
  }

  void Behave(Manner manner) {
    client_ =
        std::make_unique<Client>(plan_, 1, std::vector<uint32_t>{0, 1}, manner);
  }

  // Connected, and the server has read the request.
  void Open() {
    ASSERT_TRUE(client_->Connect(SystemClock().MonoNs()).ok());
    server_ = accept(listener_, nullptr, nullptr);
    ASSERT_GE(server_, 0);
    Await(POLLOUT);
    ASSERT_TRUE(client_->OnWritable().ok());
    std::array<char, 1000> request;
    ASSERT_GT(recv(server_, request.data(), request.size(), 0), 0);
  }

  // The server says it, and the client reads it.
  absl::Status Say(const std::string& bytes, bool measuring = false) {
    EXPECT_EQ(send(server_, bytes.data(), bytes.size(), 0),
              static_cast<ssize_t>(bytes.size()));
    return Read(measuring);
  }

  void HangUp() {
    close(server_);
    server_ = -1;
  }

  absl::Status Read(bool measuring = false) {
    Await(POLLIN);
    return client_->OnReadable(room_, measuring, tally_);
  }

  // An event with an update of A, `age_us` old.
  static std::string Update(std::string_view quotes, int64_t age_us = 0) {
    const int64_t time_us = SystemClock().WallNs() / kMicrosecond - age_us;
    return absl::StrCat("data: {\"type\":\"update\",\"epoch\":\"e\",\"time\":",
                        time_us, ",\"quotes\":{", ToAbsl(quotes), "}}\n\n");
  }

  // Three ticks of A, of which one came; B is still empty.
  void SayAll() {
    ASSERT_TRUE(
        Say("HTTP/1.1 200 OK\r\n\r\ndata: {\"type\":\"ack\",\"at\":\"x\","
            "\"max_rate\":\"unlimited\",\"symbols\":{\"A\":{},\"B\":{}}}\n\n" +
            Update("\"A\":{\"v\":1,\"snapshot\":true,\"n\":10,\"t\":1,"
                   "\"quiet\":false,\"bid\":1,\"ask\":2}"))
            .ok());
    ASSERT_TRUE(
        Say(Update("\"A\":{\"v\":4,\"n\":13,\"t\":1,\"bid\":1.5}")).ok());
  }

  CheckResult CheckAgainst(const std::string& quotes) {
    Reference reference(plan_.wanted);
    EXPECT_TRUE(reference.Add("{\"quotes\":{" + quotes + "}}"));
    CheckResult result;
    behind_ = client_->CompareWith(reference);
    client_->AddTo(reference, &result);
    return result;
  }

  RunPlan plan_;
  std::unique_ptr<Client> client_;
  Tally tally_;
  int64_t behind_ = 0;

 private:
  void Await(short events) {
    pollfd one{client_->fd(), events, 0};
    ASSERT_EQ(poll(&one, 1, 10'000), 1);
  }

  int listener_ = -1, server_ = -1;
  std::array<char, 64 * 1024> room_;
};

constexpr char kEnd[] = ",\"state\":\"ended\",\"source\":\"simulated\"}";

TEST_F(ClientTest, IsReadyWithItsFirstValues) {
  Open();
  EXPECT_FALSE(client_->ready());
  SayAll();
  EXPECT_TRUE(client_->ready());
  EXPECT_EQ(client_->total_updates(), 2);
  EXPECT_EQ(tally_.connect_us.count(), 1);
  EXPECT_EQ(tally_.first_data_us.count(), 1);
  EXPECT_EQ(tally_.updates, 0) << "nothing is measured yet";
  EXPECT_EQ(tally_.latency_us.count(), 0);
}

TEST_F(ClientTest, MeasuresFromTheStampsOfTheServer) {
  Open();
  SayAll();
  const int64_t tick_us = SystemClock().WallNs() / kMicrosecond - 5'000'000;
  const std::string quotes = absl::StrCat(
      "\"A\":{\"v\":5,\"n\":14,\"t\":", tick_us, ",\"bid\":1},",
      "\"B\":{\"v\":1,\"snapshot\":true,\"n\":1,\"t\":1,\"bid\":1}");
  ASSERT_TRUE(Say(Update(quotes, 1'000'000), true).ok());
  EXPECT_EQ(tally_.updates, 2);
  EXPECT_EQ(tally_.snapshots, 1);
  EXPECT_EQ(tally_.messages, 1);
  EXPECT_EQ(tally_.latency_us.count(), 1) << "a snapshot's tick is an old one";
  EXPECT_GE(tally_.latency_us.max(), 5'000'000);
  EXPECT_LT(tally_.latency_us.max(), 15'000'000);
  EXPECT_GE(tally_.delivery_us.max(), 1'000'000);
  EXPECT_LT(tally_.delivery_us.max(), 5'000'000);
  ASSERT_TRUE(
      Say(Update("\"A\":{\"v\":5,\"n\":14,\"t\":1,\"quiet\":true}"), true)
          .ok());
  EXPECT_EQ(tally_.updates, 3);
  EXPECT_EQ(tally_.latency_us.count(), 1) << "nor did quietness tick";
}

TEST_F(ClientTest, IsComparedWithTheGateway) {
  Open();
  SayAll();
  const CheckResult result = CheckAgainst(absl::StrCat(
      "\"A\":{\"v\":4,\"n\":13,\"t\":1,\"bid\":1.5,\"ask\":2", kEnd));
  EXPECT_EQ(behind_, 0) << "the gateway has nothing of B either";
  EXPECT_EQ(result.equal, 2);
  EXPECT_EQ(result.different, 0);
  EXPECT_EQ(result.behind, 0);
  EXPECT_EQ(result.due, 3);
  EXPECT_EQ(result.received, 1);
  EXPECT_THAT(result.shares, testing::ElementsAre(1.0 / 3));
}

TEST_F(ClientTest, ALostValueIsFound) {
  Open();
  SayAll();
  const CheckResult result = CheckAgainst(absl::StrCat(
      "\"A\":{\"v\":4,\"n\":13,\"t\":1,\"bid\":1.5,\"ask\":2.5", kEnd));
  EXPECT_EQ(result.different, 1);
  EXPECT_EQ(result.first_difference, "A ask: 2, the gateway says 2.5");
}

TEST_F(ClientTest, ALostUpdateIsFound) {
  Open();
  SayAll();
  const CheckResult result = CheckAgainst(
      absl::StrCat("\"A\":{\"v\":5,\"n\":14,\"t\":1,\"bid\":1,\"ask\":2", kEnd,
                   ",\"B\":{\"v\":1,\"n\":1,\"t\":1,\"bid\":1", kEnd));
  EXPECT_EQ(behind_, 2);
  EXPECT_EQ(result.behind, 2);
  EXPECT_EQ(result.equal, 0);
  EXPECT_EQ(result.due, 4);
}

TEST_F(ClientTest, ManyComeFromSeveralAddresses) {
  plan_.spread_sources = true;
  for (const uint64_t number : {1, 19'999, 20'000, 45'000}) {
    Client client(plan_, number, {0, 1});
    ASSERT_TRUE(client.Connect(SystemClock().MonoNs()).ok());
    sockaddr_in source{};
    socklen_t size = sizeof source;
    ASSERT_EQ(
        getsockname(client.fd(), reinterpret_cast<sockaddr*>(&source), &size),
        0);
    EXPECT_EQ(ntohl(source.sin_addr.s_addr), INADDR_LOOPBACK + number / 20'000);
  }
}

TEST_F(ClientTest, OneThatIsSlowIsInNoneOfTheLatencies) {
  Behave({.slow = true});
  Open();
  SayAll();
  ASSERT_TRUE(
      Say(Update("\"A\":{\"v\":5,\"n\":14,\"t\":1,\"bid\":1}"), true).ok());
  EXPECT_EQ(tally_.updates, 1);
  EXPECT_EQ(tally_.slow_updates, 1);
  EXPECT_EQ(tally_.latency_us.count(), 0);
  EXPECT_EQ(tally_.delivery_us.count(), 0);
  EXPECT_EQ(tally_.slow_latency_us.count(), 1);
  const CheckResult result = CheckAgainst(absl::StrCat(
      "\"A\":{\"v\":5,\"n\":19,\"t\":1,\"bid\":1,\"ask\":2", kEnd));
  EXPECT_EQ(result.equal, 2) << "but it holds what it should";
  EXPECT_EQ(result.due, 0);
}

TEST_F(ClientTest, OneThatWasCutOffBeginsAnew) {
  Open();
  SayAll();
  ASSERT_TRUE(Say("data: {\"type\":\"synced\",\"id\":1}\n\n").ok());
  EXPECT_GT(client_->complete_ns(), 0);
  client_->Cut();
  EXPECT_EQ(client_->state(), Client::State::kWaiting);
  EXPECT_TRUE(client_->returned());
  EXPECT_FALSE(client_->ready());
  EXPECT_EQ(client_->complete_ns(), 0);
  HangUp();
  Open();
  const CheckResult before = CheckAgainst(
      absl::StrCat("\"A\":{\"v\":4,\"n\":13,\"t\":1,\"bid\":1", kEnd));
  EXPECT_EQ(before.behind, 1) << "it holds nothing any more";
  SayAll();
  EXPECT_TRUE(client_->ready());
  EXPECT_EQ(tally_.connect_us.count(), 1) << "that was the first time";
  EXPECT_EQ(tally_.first_data_us.count(), 1);
  const CheckResult after = CheckAgainst(absl::StrCat(
      "\"A\":{\"v\":4,\"n\":13,\"t\":1,\"bid\":1.5,\"ask\":2", kEnd));
  EXPECT_EQ(after.equal, 2);
  EXPECT_EQ(after.due, 0) << "nobody knows what it missed";
}

TEST_F(ClientTest, ASurvivorsGapsAreItsOwn) {
  Open();
  SayAll();
  const int64_t first_ns = SystemClock().MonoNs();
  client_->NoteUpdate(0, first_ns + kSecond);
  EXPECT_GE(client_->GapNs(first_ns, first_ns + kSecond), kSecond)
      << "nothing came since";
  ASSERT_TRUE(Say(Update("\"A\":{\"v\":5,\"n\":14,\"t\":1}")).ok());
  const int64_t second_ns = SystemClock().MonoNs();
  client_->NoteUpdate(first_ns, second_ns + 1);
  const int64_t gap_ns = client_->GapNs(first_ns, second_ns);
  EXPECT_GT(gap_ns, 0);
  EXPECT_LE(gap_ns, second_ns - first_ns + kSecond);
}

TEST_F(ClientTest, OneThatIsRecordedKeepsItsMessages) {
  plan_.record = true;
  Behave({.recorded = true});
  Open();
  SayAll();
  ASSERT_TRUE(Say("data: {\"type\":\"synced\",\"id\":1}\n\n").ok());
  ASSERT_TRUE(Say("data: {\"type\":\"heartbeat\",\"time\":1}\n\n").ok());
  const std::string update = Update("\"A\":{\"v\":5,\"n\":14,\"t\":1}");
  ASSERT_TRUE(Say(update).ok());
  ASSERT_TRUE(Say(update, true).ok());
  ASSERT_TRUE(Say("data: {\"type\":\"heartbeat\",\"time\":1}\n\n", true).ok());
  const Sample& sample = *client_->sample();
  EXPECT_THAT(sample.names, testing::ElementsAre("A", "B"));
  ASSERT_THAT(sample.opening, testing::SizeIs(4));
  EXPECT_EQ(sample.opening.back(), "{\"type\":\"synced\",\"id\":1}");
  EXPECT_THAT(sample.updates,
              testing::ElementsAre(update.substr(6, update.size() - 8)));
  EXPECT_THAT(tally_.recording.deliveries.kept,
              testing::ElementsAre(testing::Field(&Delivery::client, 1u)));
}

TEST_F(ClientTest, HowItEndsIsTold) {
  Open();
  SayAll();
  ASSERT_TRUE(Say("data: {\"type\":\"closing\",\"code\":4001,\"reason\":\"x\"}"
                  "\n\n")
                  .ok());
  HangUp();
  EXPECT_EQ(Read().message(), "closed with code 4001");
}

TEST_F(ClientTest, AnErrorIsToldInTheGatewaysOwnWords) {
  Open();
  SayAll();
  EXPECT_EQ(Say("data: {\"type\":\"error\",\"id\":1,\"code\":\"bad_rate\","
                "\"reason\":\"too slow\",\"key\":\"max_rate\"}\n\n")
                .message(),
            "the gateway says bad_rate: too slow (max_rate)");
}

TEST_F(ClientTest, KnowsTheRateThatItWasGranted) {
  Open();
  EXPECT_EQ(tally_.granted_rate, -1) << "nobody has told it yet";
  const std::string head = "HTTP/1.1 200 OK\r\n\r\n";
  ASSERT_TRUE(
      Say(head + "data: {\"type\":\"ack\",\"max_rate\":20,\"symbols\":{}}\n\n")
          .ok());
  EXPECT_EQ(tally_.granted_rate, 20);
  ASSERT_TRUE(Say("data: {\"type\":\"ack\",\"symbols\":{}}\n\n").ok());
  EXPECT_EQ(tally_.granted_rate, 20) << "it stays as it was";
  ASSERT_TRUE(Say("data: {\"type\":\"ack\",\"max_rate\":\"unlimited\","
                  "\"symbols\":{}}\n\n")
                  .ok());
  EXPECT_EQ(tally_.granted_rate, 0);
}

TEST_F(ClientTest, AgesBelowZeroAreCounted) {
  Open();
  SayAll();
  constexpr int64_t kAheadUs = 60'000'000;
  const int64_t tick_us = SystemClock().WallNs() / kMicrosecond + kAheadUs;
  ASSERT_TRUE(Say(Update("\"A\":{\"v\":5,\"n\":14,\"t\":1}"), true).ok());
  EXPECT_EQ(tally_.negative_ages, 0);
  ASSERT_TRUE(
      Say(Update(absl::StrCat("\"A\":{\"v\":6,\"n\":15,\"t\":", tick_us, "}"),
                 -kAheadUs),
          true)
          .ok());
  EXPECT_EQ(tally_.negative_ages, 2) << "of the tick, and of the message";
}

TEST_F(ClientTest, TheLongestGapReachesToTheEndsOfTheMeasurement) {
  Open();
  SayAll();
  const int64_t first_ns = SystemClock().MonoNs();
  EXPECT_EQ(client_->LongestGapNs(first_ns, first_ns + kSecond), kSecond)
      << "nothing came";
  const int64_t begin_ns = first_ns - 100 * kSecond;
  client_->NoteMessages(begin_ns);
  const int64_t before_ns = client_->LongestGapNs(begin_ns, first_ns);
  EXPECT_GT(before_ns, 50 * kSecond) << "nothing came before";
  EXPECT_LE(before_ns, 100 * kSecond);
  EXPECT_GE(client_->LongestGapNs(begin_ns, first_ns + 200 * kSecond),
            200 * kSecond)
      << "nor after";
}

TEST_F(ClientTest, WhatNoGatewaySaysIsAnError) {
  Open();
  SayAll();
  EXPECT_EQ(Say("data: nonsense\n\n").message(), "a message makes no sense");
  EXPECT_EQ(Say(Update("\"C\":{\"v\":1,\"n\":1,\"t\":1}")).message(),
            "a message makes no sense");
}

}  // namespace
}  // namespace streamhub::load
