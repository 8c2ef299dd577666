#include "tests/integration/test_gateway.h"

#include <chrono>
#include <cstdlib>
#include <utility>

#include "gateway/base/check.h"
#include "gateway/base/log.h"
#include "tests/support/http_client.h"

namespace streamhub {

void Puppet::Start(Action action) {
  const std::lock_guard lock(mutex_);
  actions_.push_back(std::move(action));
  ++started_;
  changed_.notify_all();
}

void Puppet::Do(Action action) {
  std::unique_lock lock(mutex_);
  actions_.push_back(std::move(action));
  const int64_t mine = ++started_;
  changed_.notify_all();
  changed_.wait(lock, [&] { return done_ >= mine; });
}

class PuppetFeed final : public Feed {
 public:
  explicit PuppetFeed(std::shared_ptr<Puppet> puppet)
      : puppet_(std::move(puppet)) {}

  absl::Status Run(Publisher& publisher, FeedControl& control) override {
    publisher.SetStatus(FeedStatus::kLive);
    std::unique_lock lock(puppet_->mutex_);
    while (!control.stopping()) {
      publisher.Heartbeat();
      puppet_->changed_.wait_for(lock, std::chrono::milliseconds(50),
                                 [this] { return !puppet_->actions_.empty(); });
      const auto actions = std::exchange(puppet_->actions_, {});
      for (const auto& action : actions) {
        lock.unlock();
        action(publisher);
        lock.lock();
        ++puppet_->done_;
        puppet_->changed_.notify_all();
      }
    }
    return absl::OkStatus();
  }

 private:
  const std::shared_ptr<Puppet> puppet_;
};

std::unique_ptr<Feed> Puppet::MakeFeed(std::shared_ptr<Puppet> puppet) {
  return std::make_unique<PuppetFeed>(std::move(puppet));
}

Config TestConfig() {
  SetLogLevel(LogLevel::kError);
  Config config;
  config.port = 0;
  config.admin_port = 0;
  config.threads = 1;
  config.sessions_max = 5000;
  return config;
}

TestGateway::TestGateway(const Config& config)
    : puppet(std::make_shared<Puppet>()) {
  auto started = Gateway::Start(config, {}, Puppet::MakeFeed(puppet));
  STREAMHUB_CHECK(started.ok());
  gateway = *std::move(started);
  puppet->Do([](Publisher&) {});  // from here on the feed is live
}

std::vector<SymbolId> TestGateway::Define(
    const std::vector<std::string>& codes) {
  std::vector<SymbolId> ids;
  puppet->Do([&](Publisher& publisher) {
    for (const std::string& code : codes) {
      SymbolInfo info;
      info.code = code;
      info.currency = "USD";
      info.layout = &QuoteLayout();
      const auto id = publisher.Define(std::move(info));
      STREAMHUB_CHECK(id.ok());
      ids.push_back(*id);
    }
  });
  // A request that is read before the shard's next turn would be told that
  // they are unknown. Every request makes it turn.
  const int64_t turns = MetricOf("turns_total");
  while (MetricOf("turns_total") < turns + 2) Get(port(), "/v1/symbols");
  return ids;
}

void TestGateway::Tick(SymbolId id, std::initializer_list<FieldValue> values) {
  puppet->Do([&](Publisher& publisher) {
    publisher.BeginBatch();
    publisher.Publish(id, values, 0);
    publisher.EndBatch();
  });
}

HeldMarket TestGateway::Quotes(std::string_view query) const {
  const HttpReply reply = Get(port(), "/v1/quotes?" + std::string(query));
  const auto document = JsonReader(reply.body).Read();
  STREAMHUB_CHECK(reply.status == 200 && document.has_value());
  return FromDocument(*document);
}

int64_t TestGateway::MetricOf(std::string_view name) const {
  const HttpReply reply = Get(gateway->admin_port(), "/metrics");
  const std::string line = "\nstreamhub_" + std::string(name) + ' ';
  const size_t at = reply.body.find(line);
  STREAMHUB_CHECK(at != reply.body.npos);
  return std::atoll(reply.body.c_str() + at + line.size());
}

bool TestGateway::AwaitMetric(std::string_view name, int64_t value) const {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (MetricOf(name) != value) {
    if (std::chrono::steady_clock::now() > deadline) return false;
  }
  return true;
}

bool TestGateway::AwaitAtLeast(std::string_view name, int64_t value) const {
  const auto deadline = std::chrono::steady_clock::now() + kPatience;
  while (MetricOf(name) < value) {
    if (std::chrono::steady_clock::now() > deadline) return false;
  }
  return true;
}

std::vector<std::string> Names(int count) {
  std::vector<std::string> names;
  for (int i = 0; i < count; ++i) names.push_back("S" + std::to_string(i));
  return names;
}

std::string Joined(const std::vector<std::string>& names) {
  std::string joined;
  for (const std::string& name : names) {
    if (!joined.empty()) joined += ',';
    joined += name;
  }
  return joined;
}

std::string SubscribeText(const std::vector<std::string>& names) {
  std::string text =
      R"({"type":"subscribe","id":1,"max_rate":"unlimited","symbols":[)";
  for (size_t i = 0; i < names.size(); ++i) {
    text += (i == 0 ? "\"" : ",\"") + names[i] + '"';
  }
  return text + "]}";
}

}  // namespace streamhub
