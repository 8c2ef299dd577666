// Every metric of the program, in one table: what is not in it is not counted,
// and what is in it is exported (Prometheus text format 0.0.4).
//
// Each thread that counts owns one Counters and is its only writer, so that an
// increment is a plain load, add and store. Readers (the admin server) add the
// sets of all threads; they may run at any time.

#ifndef STREAMHUB_GATEWAY_BASE_COUNTERS_H_
#define STREAMHUB_GATEWAY_BASE_COUNTERS_H_

#include <array>
#include <atomic>
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>

namespace streamhub {

// X(identifier, name without prefix, type, help)
// Types in _ns count in ns and are told in seconds. What is `internal` is not
// told: pages make something of it.
#define STREAMHUB_COUNTERS(X)                                             \
  X(kTicks, "ticks_total", counter, "Ticks that reached the cache")       \
  X(kTicksRejected, "ticks_rejected_total", counter,                      \
    "Ticks refused: unknown field, or a value that does not fit")         \
  X(kForeignWrites, "foreign_writes_total", counter,                      \
    "Symbols refused because another feed owns them")                     \
  X(kSymbolsRefused, "symbols_refused_total", counter,                    \
    "Symbols refused: bad name, or the limit symbols_max")                \
  X(kFeedMessagesBad, "feed_messages_bad_total", counter,                 \
    "Feed messages that could not be decoded")                            \
  X(kFeedMessagesIgnored, "feed_messages_ignored_total", counter,         \
    "Feed messages that refer to nothing known")                          \
  X(kQuotesCrossed, "quotes_crossed_total", counter,                      \
    "Quotes of CSV files with the ask below the bid, passed on")          \
  X(kDerivedOverflows, "derived_overflows_total", counter,                \
    "Prices of derived symbols left empty because they do not fit")       \
  X(kDerivedInputsMissing, "derived_inputs_missing", gauge,               \
    "Symbols that derived ones are made of and no feed has")              \
  X(kTrades, "trades_total", counter, "Trades appended to tapes")         \
  X(kTopics, "topics", gauge, "Topics: tapes, and those of clients")      \
  X(kMessagesPublished, "published_total", counter,                       \
    "Messages that clients published")                                    \
  X(kPublishesRefused, "publishes_refused_total", counter,                \
    "Messages refused to clients: topic, origin, rate, limits")           \
  X(kEpochs, "epochs_total", counter, "Epochs started: resets and loops") \
  X(kRecording, "recording", gauge, "1 while a recorder runs")            \
  X(kRecordFailing, "record_failing", gauge,                              \
    "1 while what is recorded cannot be written")                         \
  X(kRecordFiles, "record_files_total", counter, "Tick logs begun")       \
  X(kRecordedRecords, "recorded_records_total", counter,                  \
    "Ticks, trades and other records written to tick logs")               \
  X(kRecordedBytes, "recorded_bytes_total", counter,                      \
    "Bytes written to tick logs, compressed, with their indexes")         \
  X(kRecordGaps, "record_gaps_total", counter,                            \
    "Gaps that tick logs tell of, with what was lost there")              \
  X(kRecordLost, "record_lost_total", counter,                            \
    "Records that no tick log has: the ring or the disk was full")        \
  X(kDraining, "draining", gauge, "1 while clients are moved elsewhere")  \
  X(kConfigReloadSuccessful, "config_last_reload_successful", gauge,      \
    "0 if the last reload of the configuration was refused")              \
  X(kReloadTime, "config_last_reload_success_timestamp_seconds", gauge,   \
    "When the configuration was read last that is in use")                \
  X(kConfigRestartNeeded, "config_restart_needed", gauge,                 \
    "Settings of the configuration that wait for a restart")              \
  X(kSessionsOpened, "sessions_opened_total", counter, "Sessions opened") \
  X(kSessionsClosed, "sessions_closed_total", counter, "Sessions closed") \
  X(kSessionsRefused, "sessions_refused_total", counter,                  \
    "Sessions refused by a limit")                                        \
  X(kSessionsStalled, "sessions_stalled_total", counter,                  \
    "Sessions closed because the client did not take its data")           \
  X(kSessions, "sessions", gauge, "Sessions open now")                    \
  X(kSubscriptions, "subscriptions", gauge, "Subscriptions now")          \
  X(kConnectionsAccepted, "connections_accepted_total", counter,          \
    "TCP connections accepted")                                           \
  X(kTlsHandshakes, "tls_handshakes_total", counter,                      \
    "TLS handshakes that were done, resumed ones, too")                   \
  X(kTlsFailures, "tls_handshake_failures_total", counter,                \
    "TLS handshakes that failed, or took longer than handshake_ms")       \
  X(kTlsPlainHttp, "tls_plain_http_total", counter,                       \
    "Connections refused that spoke plain HTTP where TLS is spoken")      \
  X(kTlsExpiry, "tls_certificate_expiry_timestamp_seconds", gauge,        \
    "When the certificate expires, since 1970; 0: no TLS")                \
  X(kHttpRequests, "http_requests_total", counter, "HTTP requests read")  \
  X(kHttpErrors, "http_errors_total", counter,                            \
    "HTTP requests answered with a 4xx or 5xx status")                    \
  X(kRequests, "requests_total", counter, "Client requests done")         \
  X(kRequestErrors, "request_errors_total", counter,                      \
    "Client requests answered with an error")                             \
  X(kEchoesRefused, "echoes_refused_total", counter,                      \
    "Pings whose times cannot be true, or are older than a minute")       \
  X(kReadsPaused, "reads_paused_total", counter,                          \
    "Times a session stopped reading because its replies piled up")       \
  X(kUpdates, "updates_total", counter, "Symbol updates sent")            \
  X(kSnapshots, "snapshots_total", counter,                               \
    "Symbol updates sent that replace the client's state")                \
  X(kTopicMessages, "topic_messages_total", counter,                      \
    "Messages of topics sent")                                            \
  X(kTopicMessagesLost, "topic_messages_lost_total", counter,             \
    "Messages of topics that clients were told to have lost")             \
  X(kMessages, "messages_total", counter, "Messages sent")                \
  X(kBytes, "bytes_total", counter, "Bytes sent in messages")             \
  X(kWritesBlocked, "writes_blocked_total", counter,                      \
    "Messages that a socket did not take at once")                        \
  X(kFlushesSkipped, "flushes_skipped_total", counter,                    \
    "Flushes skipped because a write was outstanding: conflated")         \
  X(kBeatsOverrun, "beats_overrun_total", counter,                        \
    "Beats that came late by a whole period and were folded into one")    \
  X(kTurns, "turns_total", counter, "Turns of the shards")                \
  X(kTurnsCut, "turns_cut_total", counter,                                \
    "Turns that used up their time and went on after I/O")                \
  X(kTurnNs, "turn_seconds_total", counter_ns,                            \
    "Time that the shards spent in turns, in seconds")                    \
  X(kTurnNsMax, "turn_seconds_max", gauge_max_ns,                         \
    "Longest turn so far, in seconds")                                    \
  X(kTurnNsLately, "turn_seconds_lately_max", gauge_max_ns,               \
    "Longest turn of the last half to whole minute, in seconds")          \
  X(kTurnedNs, "", internal,                                              \
    "When the last turn ended, in ns of the monotonic clock")             \
  X(kAdminRefused, "admin_refused_total", counter,                        \
    "Requests to the admin port without its token")                       \
  X(kReadsContended, "reads_contended_total", counter,                    \
    "Cache reads given up for this turn because the writer was busy")     \
  X(kFramesBuilt, "frames_built_total", counter, "Update frames encoded")

enum class Metric : size_t {
#define X(id, name, type, help) id,
  STREAMHUB_COUNTERS(X)
#undef X
      kCount
};

class Counters {
 public:
  Counters() = default;
  Counters(const Counters&) = delete;
  Counters& operator=(const Counters&) = delete;

  // Owner thread only. `delta` may be negative for gauges.
  void Add(Metric metric, int64_t delta = 1) {
    auto& word = words_[static_cast<size_t>(metric)];
    word.store(word.load(std::memory_order_relaxed) + delta,
               std::memory_order_relaxed);
  }

  // Owner thread only. Keeps the largest value seen.
  void Max(Metric metric, int64_t value) {
    auto& word = words_[static_cast<size_t>(metric)];
    if (value > word.load(std::memory_order_relaxed)) {
      word.store(value, std::memory_order_relaxed);
    }
  }

  // Owner thread only.
  void Set(Metric metric, int64_t value) {
    words_[static_cast<size_t>(metric)].store(value, std::memory_order_relaxed);
  }

  // Any thread.
  int64_t Get(Metric metric) const {
    return words_[static_cast<size_t>(metric)].load(std::memory_order_relaxed);
  }

 private:
  std::array<std::atomic<int64_t>, static_cast<size_t>(Metric::kCount)>
      words_{};
};

// The sum (or, for gauge_max_ns and internal, the maximum) over all sets.
int64_t Total(std::span<const Counters* const> sets, Metric metric);

// Appends every metric, prefixed `streamhub_`, with HELP and TYPE lines.
void AppendPrometheus(std::span<const Counters* const> sets, std::string* out);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_BASE_COUNTERS_H_
