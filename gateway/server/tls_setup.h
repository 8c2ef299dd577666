// The certificate of a gateway: read at start, read anew by a reload, told in
// the log and the metrics. Main thread; its counters any thread.

#ifndef STREAMHUB_GATEWAY_SERVER_TLS_SETUP_H_
#define STREAMHUB_GATEWAY_SERVER_TLS_SETUP_H_

#include <absl/status/status.h>
#include <absl/status/statusor.h>

#include <functional>
#include <memory>

#include "gateway/base/counters.h"
#include "gateway/server/config.h"
#include "gateway/transport/tls_context.h"

namespace streamhub {

class TlsSetup {
 public:
  using Use = std::function<void(const std::shared_ptr<const TlsContext>&)>;

  // What Start() would refuse of it.
  static absl::Status Check(const Config& config);

  // Errors name the key as a flag, the file and the fault.
  absl::Status Start(const Config& config);

  // Null: no TLS.
  const std::shared_ptr<const TlsContext>& context() const { return context_; }

  // A reload: reads everything, and changes nothing before what it returns is
  // called, which hands the new context to `use`. Errors as of Start(), and if
  // TLS would be switched on or off: clients cannot be told of that.
  absl::StatusOr<std::function<void()>> Prepare(const Config& config, Use use);

  const Counters& counters() const { return counters_; }

 private:
  void Take(std::shared_ptr<const TlsContext> context);

  std::shared_ptr<const TlsContext> context_;
  Counters counters_;  // of the main thread
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_SERVER_TLS_SETUP_H_
