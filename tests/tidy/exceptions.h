// Who may do what the rules forbid, and why. An exception that is no longer
// used is itself an error, so this list stays as short as the truth.

#ifndef STREAMHUB_TESTS_TIDY_EXCEPTIONS_H_
#define STREAMHUB_TESTS_TIDY_EXCEPTIONS_H_

#include <array>
#include <span>
#include <string_view>

namespace streamhub::tidy {

struct Exception {
  std::string_view file;  // "gateway/base/log.h", or both .h and .cc: ".../log"
  std::string_view reason;
};
using Exceptions = std::span<const Exception>;

// The doors between threads, complete. Everything else belongs to one thread.
inline constexpr auto kMayShareMemory = std::to_array<Exception>({
    {"gateway/base/address_limits", "what shards let an address have"},
    {"gateway/base/counters", "one writer per set, read by the admin server"},
    {"gateway/base/latency_window", "one writer, read by the admin server"},
    {"gateway/base/quota", "how many there are of what all shards share"},
    {"gateway/base/refusals", "one writer per set, read by the admin server"},
    {"gateway/market/conflation_cache", "the slot: one writer, any reader"},
    {"gateway/market/feed_board", "feed status words, read by every shard"},
    {"gateway/market/feed_health", "one writer, read by the admin server"},
    {"gateway/market/market", "the epoch, and the flags of the shards"},
    {"gateway/market/symbol_table", "new symbols only, never per tick"},
    {"gateway/market/topic_ring", "any thread appends, any thread reads"},
    {"gateway/market/wake", "dirty bits and the sleep of a shard"},
    {"gateway/transport/ticket_keys", "one set for all shards, per handshake"},
    {"feeds/feed_thread", "is a thread"},
    {"feeds/replay/replay_control", "commands to the replay, and its state"},
    {"feeds/recorder/recorder", "is a thread"},
    {"feeds/recorder/ring_tap", "what a feed lost, told to the recorder"},
    {"feeds/recorder/word_ring", "a feed's records on their way to be written"},
    {"feeds/ticklog/layouts", "one set for all markets, never per tick"},
    {"gateway/server/admin_server", "is a thread"},
    {"gateway/server/ask_shards", "waits for answers of the shards"},
    {"gateway/server/gateway.cc", "asks how many cores there are"},
    {"gateway/server/incident_recorder",
     "is a thread, and takes copies from the shards"},
    {"gateway/server/reload_desk", "a reload, asked of the main thread"},
    {"gateway/server/readiness", "told by who stops, read by the admin server"},
    {"gateway/server/shard", "is a thread, and may be told to abandon it"},
});

// Beast and Asio compile for seconds a file and pull I/O into what they touch.
inline constexpr std::array<Exception, 0> kMayUseBoost;

// Past 400 lines a file has to justify itself.
inline constexpr auto kMayBeLong = std::to_array<Exception>({
    {"gateway/server/gateway.cc", "wires everything, in order"},
    {"gateway/server/shard.cc", "all that one thread does with its sockets"},
    {"gateway/session/session.cc", "what a session is asked, from end to end"},
    {"gateway/codec/flat_reader.cc", "one kind of message a function"},
    {"gateway/server/config_table.cc", "one table, a row per key"},
    {"gateway/transport/http_connection.cc",
     "the life of a connection, top to bottom"},
    {"tests/feeds/dbn/dbn_handler_test.cc", "one rule a test"},
    {"tests/feeds/recorder/recorder_test.cc", "one property a test"},
    {"tests/feeds/replay/fix_golden_test.cc",
     "one recording's facts after another"},
    {"tests/feeds/replay/golden_test.cc",
     "one recording's facts after another"},
    {"tests/feeds/replay/replay_control_test.cc", "one property a test"},
    {"tests/feeds/replay/replay_feed_test.cc", "every option and every damage"},
    {"tests/feeds/synthetic/synthetic_market_test.cc", "one property a test"},
    {"tests/integration/tls_test.cc", "one property a test"},
    {"tests/session/topics_test.cc", "one property a test"},
    {"tests/simulation/happenings.cc", "one thing that can happen a function"},
});

// A wait for a time instead of for an event.
inline constexpr auto kMaySleep = std::to_array<Exception>({
    {"bench/wake_latency.cc", "measures what a tick costs after a silence"},
});

}  // namespace streamhub::tidy

#endif  // STREAMHUB_TESTS_TIDY_EXCEPTIONS_H_
