// Clients that take an answer slowly: that time is a write's, not a request's.

#include <gtest/gtest.h>

#include <filesystem>
#include <fstream>
#include <string>

#include "tests/integration/test_gateway.h"
#include "tests/support/http_client.h"

namespace streamhub {
namespace {

namespace fs = std::filesystem;

// More than the sockets' buffers hold.
constexpr size_t kPageBytes = 32 * 1024 * 1024;

class SlowReaderTest : public ::testing::Test {
 protected:
  SlowReaderTest() {
    std::string name =
        (fs::temp_directory_path() / "streamhub_XXXXXX").string();
    EXPECT_NE(mkdtemp(name.data()), nullptr);
    folder_ = name;
    std::ofstream(folder_ / "large.txt");
    fs::resize_file(folder_ / "large.txt", kPageBytes);  // sparse
    config_.web_root = folder_.string();
  }
  ~SlowReaderTest() override {
    std::error_code ignored;
    fs::remove_all(folder_, ignored);
  }

  // Asks for the page and takes nothing of it until a connection that came
  // later was hung up on for its silence.
  static void AskAndRest(LoopbackSocket& socket, const TestGateway& gateway) {
    ASSERT_TRUE(socket.Send(RequestText("/large.txt")));
    LoopbackSocket silent(gateway.port());
    std::string nothing;
    EXPECT_TRUE(silent.ReceiveToEnd(&nothing));
  }

  Config config_ = TestConfig();
  fs::path folder_;
};

TEST_F(SlowReaderTest, HasTheTimeOfAWrite) {
  config_.handshake_ms = 200;
  config_.write_stall_ms = 600'000;
  TestGateway gateway(config_);
  LoopbackSocket socket(gateway.port());
  AskAndRest(socket, gateway);
  std::string bytes;
  EXPECT_EQ(TakeReply(socket, &bytes).body.size(), kPageBytes);
}

TEST_F(SlowReaderTest, IsHungUpOnAfterIt) {
  config_.handshake_ms = 400;
  config_.write_stall_ms = 200;
  TestGateway gateway(config_);
  LoopbackSocket socket(gateway.port());
  AskAndRest(socket, gateway);
  std::string bytes;
  socket.ReceiveToEnd(&bytes);
  EXPECT_LT(bytes.size(), kPageBytes);
}

}  // namespace
}  // namespace streamhub
