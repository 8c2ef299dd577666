// The parts of TLS without a connection: files that cannot be used are named,
// and the keys of tickets change.

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <string>

#include "gateway/base/clock.h"
#include "gateway/transport/ticket_keys.h"
#include "gateway/transport/tls_context.h"
#include "tests/support/test_certificates.h"

namespace streamhub {
namespace {

using testing::AllOf;
using testing::HasSubstr;
using testing::StartsWith;

std::string ErrorOf(const TlsOptions& options) {
  const auto context = TlsContext::Load(options);
  return context.ok() ? "" : std::string(context.status().message());
}

TEST(TlsContextTest, FilesThatCannotBeUsedAreNamed) {
  TestCertificates certificates;
  const auto one = certificates.Issue("one");
  const auto two = certificates.Issue("two");
  const std::string text = certificates.Write("text", "no certificate");
  const std::string empty = certificates.Write("empty", "");
  const std::string folder = std::filesystem::path(text).parent_path();
  const std::string none = folder + "/none";
  EXPECT_EQ(ErrorOf({one.certificate, one.key}), "");
  EXPECT_EQ(ErrorOf({one.certificate, one.key, certificates.authority()}), "");
  EXPECT_EQ(ErrorOf({one.certificate, two.key}),
            "--tls-key " + two.key + ": does not belong to --tls-certificate " +
                one.certificate);
  EXPECT_EQ(ErrorOf({none, one.key}),
            "--tls-certificate " + none + ": No such file or directory");
  EXPECT_EQ(ErrorOf({one.certificate, none}),
            "--tls-key " + none + ": No such file or directory");
  EXPECT_EQ(ErrorOf({folder, one.key}),
            "--tls-certificate " + folder + ": Is a directory");
  for (const std::string& bad : {text, empty, one.key}) {
    EXPECT_THAT(ErrorOf({bad, one.key}),
                StartsWith("--tls-certificate " + bad + ": no PEM cert"));
  }
  for (const std::string& bad : {text, empty, one.certificate}) {
    EXPECT_THAT(ErrorOf({one.certificate, bad}),
                StartsWith("--tls-key " + bad + ": no PEM key"));
  }
  for (const std::string& bad : {text, empty, one.key}) {
    EXPECT_THAT(ErrorOf({one.certificate, one.key, bad}),
                StartsWith("--tls-client-ca " + bad + ": no PEM cert"));
  }
  EXPECT_EQ(ErrorOf({one.certificate, one.key, none}),
            "--tls-client-ca " + none + ": No such file or directory");
}

TEST(TlsContextTest, SaysWhoseItIsAndUntilWhen) {
  TestCertificates certificates;
  const auto files = certificates.Issue("prices.example", 10);
  const auto context = TlsContext::Load({files.certificate, files.key});
  ASSERT_TRUE(context.ok());
  EXPECT_EQ((*context)->subject(), "CN=prices.example");
  const int64_t now_s = SystemClock().WallNs() / kSecond;
  EXPECT_NEAR(static_cast<double>((*context)->not_after_s()),
              static_cast<double>(now_s + 10 * 24 * 3600), 60);
  EXPECT_LT((*context)->not_before_s(), now_s);
}

TEST(TicketKeysTest, AreGoodForOneToTwoHours) {
  constexpr int64_t kLife = TicketKeys::kLifeSeconds * kSecond;
  TicketKeys keys;
  bool renew = true;
  const auto first = keys.Current(7);
  ASSERT_TRUE(first.has_value());
  EXPECT_EQ(keys.Current(7 + kLife - 1)->name, first->name);
  EXPECT_TRUE(keys.Find(first->name, 8, &renew).has_value());
  EXPECT_FALSE(renew);

  const auto second = keys.Current(7 + kLife);
  ASSERT_TRUE(second.has_value());
  EXPECT_NE(second->name, first->name);
  EXPECT_NE(second->cipher, first->cipher);
  EXPECT_NE(second->mac, first->mac);
  const auto old = keys.Find(first->name, 7 + kLife, &renew);
  ASSERT_TRUE(old.has_value());
  EXPECT_EQ(old->cipher, first->cipher);
  EXPECT_TRUE(renew);
  EXPECT_FALSE(keys.Find(first->name, 7 + 2 * kLife, &renew).has_value());
  EXPECT_TRUE(keys.Find(second->name, 7 + 2 * kLife, &renew).has_value());
  EXPECT_TRUE(renew);

  // After a night without a client neither is good.
  EXPECT_FALSE(keys.Find(second->name, 20 * kLife, &renew).has_value());
  auto foreign = keys.Current(20 * kLife)->name;
  foreign[0] ^= 1;
  EXPECT_FALSE(keys.Find(foreign, 20 * kLife, &renew).has_value());
}

}  // namespace
}  // namespace streamhub
