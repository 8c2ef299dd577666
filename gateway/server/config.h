// Everything that can be configured. One table (config_table.h) makes the TOML
// key, the flag, the STREAMHUB_ variable, the range and the help of each from
// one row; this is what they fill in, and its initializers are the defaults.

#ifndef STREAMHUB_GATEWAY_SERVER_CONFIG_H_
#define STREAMHUB_GATEWAY_SERVER_CONFIG_H_

#include <cstdint>
#include <string>
#include <vector>

namespace streamhub {

struct Config {
  // Where clients connect. Port 0: a free one, told at start.
  std::string listen = "127.0.0.1";
  int port = 8080;
  std::string admin_listen = "127.0.0.1";
  int admin_port = 8081;
  std::string admin_token_file;     // empty: nobody is asked for a token
  bool admin_metrics_open = false;  // /metrics wants none
  int threads = 0;       // shards; 0: one per core but one, at least one
  std::string web_root;  // empty: found beside the binary or in the prefix
  std::string log_level = "info";
  int drain_ms = 5000;              // 0: clients are not moved, but sent away
  bool reuse_port = false;          // another gateway may listen there, too
  std::string log_format = "text";  // or "json"
  std::string incident_dir;         // empty: no incidents are recorded

  // TLS on the clients' port, if there is a certificate.
  std::string tls_certificate;  // files, PEM
  std::string tls_key;
  std::string tls_client_ca;  // empty: no client is asked for a certificate
  bool tls_client_required = false;
  std::string tls_min = "1.2";  // or "1.3"

  // What clients get.
  double default_rate = 10;  // updates per second and symbol; infinity: all
  int heartbeat_ms = 2000;
  int write_stall_ms = 30000;
  int handshake_ms = 10000;
  int sessions_max = 100000;  // capped by the limit of open files
  int subscriptions_max = 10000;
  int symbols_max = 100000;
  std::vector<std::string> cors_origins;  // "*": any
  std::vector<std::string> script_doors;  // "jsonp", "frame"

  // What one client, or one address, may take of what all share; 0: any.
  int connections_per_address = 200;
  double connect_rate_per_address = 50;  // per second
  double connect_rate = 10000;           // per second, of all addresses
  std::vector<std::string> trusted_addresses = {"127.0.0.0/8", "::1"};
  double requests_per_second = 100;  // of a session, or a connection
  int header_bytes_max = 32 * 1024;  // with the request line
  int body_bytes_max = 64 * 1024;
  int message_bytes_max = 64 * 1024;  // of a WebSocket
  int keep_alive_ms = 60000;
  double publish_rate_per_address = 200;  // per second
  int topics_per_address = 100;           // that its clients may begin
  int storm_lag_ms = 100;                 // 0: new sessions are not paced

  // Topics.
  int tape = 100;                           // trades kept per symbol; 0: none
  std::vector<std::string> publish_topics;  // names, or beginnings with "*"
  double publish_rate = 50;                 // per second and client
  int topic_history = 1000;                 // messages kept per topic
  int topics_max = 1000;                    // that clients may begin

  // The feed.
  std::string feed = "synthetic";  // or "replay", or "none"
  int stale_after_ms = 3000;
  int quiet_after_ms = 15000;  // 0: by the symbols' own intervals
  int gap_stale_ms = 3000;     // 0: gaps do not turn it stale
  std::string session_roll;    // HH:MM in `timezone`; empty: the source's own
  std::string timezone;        // empty: the source's own
  int symbols = 1000;          // synthetic
  double ticks_per_second = 10000;  // synthetic
  bool even_ticks = false;          // synthetic
  int symbol_fields = 0;            // synthetic; 0: as its kind has them
  int changed_fields = 3;           // synthetic
  int64_t ticks_max = 0;            // synthetic; 0: without end
  int64_t seed = 1;                 // synthetic

  // Symbols computed from others: texts of feeds/derived/definition.h.
  std::vector<std::string> derived;

  // The recorder.
  std::string record;           // a folder; empty: nothing is recorded
  int record_rotate_mb = 1024;  // of a file; 0: not by size
  int record_rotate_s = 3600;   // 0: not by time
  int record_keep = 0;          // files; 0: all
  int record_ring_mb = 64;      // of each feed

  // Recordings: the feed "replay", or a market beside another feed.
  std::vector<std::string> files;
  std::string replay_market;  // its name; empty: "replay", if it is the feed
  double speed = 1;           // infinity: as fast as possible
  bool loop = false;
  bool paused = false;
  std::string from, to;           // times; empty: all of it
  std::vector<std::string> only;  // symbols, or beginnings with "*"
  bool exit_at_end = false;
  bool arbitrate = false;
  std::string date;  // YYYY-MM-DD; empty: from the file name
  std::string format = "auto";
  std::string csv_columns;
  std::string csv_time;      // empty: "iso"
  std::string csv_decimals;  // empty: found out
  std::vector<std::string> symbol;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_CONFIG_H_
