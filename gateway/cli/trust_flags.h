// The flags of commands that connect to a gateway: where it is, and whom to
// believe to be it. Main thread.

#ifndef STREAMHUB_GATEWAY_CLI_TRUST_FLAGS_H_
#define STREAMHUB_GATEWAY_CLI_TRUST_FLAGS_H_

#include "gateway/cli/tls_client.h"

namespace CLI {
class App;
}  // namespace CLI

namespace streamhub {

inline constexpr char kUrlHelp[] =
    "http://HOST:PORT, https://, ws:// or wss://";

// Adds --ca and --insecure, which fill in `trust`; it outlives the parsing.
void AddTrustFlags(CLI::App& app, TlsTrust* trust);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_TRUST_FLAGS_H_
