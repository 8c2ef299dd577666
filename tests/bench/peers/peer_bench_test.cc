// peer_bench on beast_fanout, as compare.sh runs them, but with few clients.

#include <gtest/gtest.h>
#include <signal.h>
#include <simdjson.h>

#include <sstream>
#include <string>
#include <vector>

#include "tests/cli/process.h"

namespace streamhub {
namespace {

constexpr char kFolder[] = STREAMHUB_BINARY_DIR "/bench/peers/";

std::string Program(const char* name) { return std::string(kFolder) + name; }

// The fan-out, on free ports.
class Fanout {
 public:
  Fanout() : process_({Program("beast_fanout")}) {
    std::istringstream line(process_.ReadLine());
    line >> port_ >> ingest_port_;
  }

  std::vector<std::string> Line(const std::vector<std::string>& more) const {
    std::vector<std::string> line = {Program("peer_bench"),
                                     "--peer",
                                     "beast",
                                     "--port",
                                     port_,
                                     "--ingest-port",
                                     ingest_port_,
                                     "--symbols",
                                     "100",
                                     "--clients",
                                     "20",
                                     "--ticks-per-second",
                                     "200",
                                     "--warmup",
                                     "0.2",
                                     "--duration",
                                     "1",
                                     "--connect-rate",
                                     "1000"};
    line.insert(line.end(), more.begin(), more.end());
    return line;
  }

 private:
  Process process_;
  std::string port_, ingest_port_;
};

class Report {
 public:
  explicit Report(const std::string& text) : text_(text) {
    EXPECT_EQ(parser_.parse(text_).get(json_), simdjson::SUCCESS) << text_;
  }
  double Number(const char* pointer) const {
    double number = -1;
    EXPECT_EQ(json_.at_pointer(pointer).get(number), simdjson::SUCCESS)
        << pointer << " in " << text_;
    return number;
  }
  std::string Text(const char* pointer) const {
    std::string_view text;
    EXPECT_EQ(json_.at_pointer(pointer).get(text), simdjson::SUCCESS)
        << pointer << " in " << text_;
    return std::string(text);
  }

 private:
  const std::string text_;
  simdjson::dom::parser parser_;
  simdjson::dom::element json_;
};

TEST(PeerBench, EveryClientGetsWhatItAskedFor) {
  const Fanout fanout;
  const Process::Ended ended = Process(fanout.Line({})).Wait();
  ASSERT_EQ(ended.status, 0) << ended.err << ended.out;
  const Report report(ended.out);
  EXPECT_EQ(report.Text("/peer"), "beast");
  EXPECT_EQ(report.Number("/connected"), 20);
  EXPECT_EQ(report.Number("/failed"), 0);
  // 20 clients with 10 symbols, each of which ticks twice a second; ticks may
  // fall to either side of the measurement's ends.
  const double due = 20 * 10 * 2 * report.Number("/window_s");
  EXPECT_GT(report.Number("/updates"), 0.5 * due);
  EXPECT_LT(report.Number("/updates"), 1.5 * due);
  EXPECT_EQ(report.Number("/messages"), report.Number("/updates"))
      << "each update is a message";
  EXPECT_EQ(report.Number("/snapshots"), 0);
  EXPECT_EQ(report.Number("/latency_us/count"), report.Number("/updates"));
  EXPECT_GE(report.Number("/publisher/ticks"), 200);
  EXPECT_EQ(report.Number("/publisher/lost"), 0);
}

// All symbols have ticked before the clients come: what these get first is what
// the peer has kept, not the next tick, which is up to half a second away.
TEST(PeerBench, FirstUpdatesAreThoseThatWereKept) {
  const Fanout fanout;
  const Process::Ended ended =
      Process(fanout.Line({"--symbols-per-client", "1", "--await-update"}))
          .Wait();
  ASSERT_EQ(ended.status, 0) << ended.err << ended.out;
  const Report report(ended.out);
  EXPECT_EQ(report.Number("/first_data_us/count"), 20);
  EXPECT_LT(report.Number("/first_data_us/p50"), 200'000);
}

TEST(PeerBench, SaysWhatIsWrong) {
  const std::string program = Program("peer_bench");
  EXPECT_EQ(Process({program, "--peer", "beast"}).Wait().err,
            "peer_bench: --peer, --port and --ingest-port have to be given\n");
  EXPECT_EQ(Process({program, "--peer", "beast"}).Wait().status, 2);
  EXPECT_NE(Process({program, "--peer", "redis"}).Wait().status, 0);
}

TEST(PeerBench, FreePortsAreDifferent) {
  const Process::Ended ended =
      Process({Program("peer_bench"), "--free-ports", "2"}).Wait();
  std::istringstream line(ended.out);
  int first = 0, second = 0;
  ASSERT_TRUE(line >> first >> second) << ended.out;
  EXPECT_NE(first, second);
  EXPECT_GT(first, 0);
}

}  // namespace
}  // namespace streamhub
