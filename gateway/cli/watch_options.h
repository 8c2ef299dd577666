// What `watch` was asked for on its command line. Pure.

#ifndef STREAMHUB_GATEWAY_CLI_WATCH_OPTIONS_H_
#define STREAMHUB_GATEWAY_CLI_WATCH_OPTIONS_H_

#include <absl/status/status.h>

#include <cstdint>
#include <string>
#include <vector>

#include "gateway/cli/tls_client.h"

namespace streamhub {

struct WatchOptions {
  std::string url;
  std::vector<std::string> symbols;
  std::string transport = "ws";
  std::vector<std::string> fields;
  std::string max_rate;
  int64_t history = 0;  // of topics: how many kept messages to begin with
  bool json = false;
  int64_t count = 0;     // updates; 0: no end
  double timeout_s = 0;  // 0: none
  TlsTrust trust = {};
};

// What is wrong with a number of updates or seconds; empty: nothing.
std::string WhatIsNotPositive(const std::string& text);

// InvalidArgument names what is wrong, in one line.
absl::Status CheckWatchOptions(const WatchOptions& options);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_WATCH_OPTIONS_H_
