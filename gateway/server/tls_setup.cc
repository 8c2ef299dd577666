#include "gateway/server/tls_setup.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <string>
#include <utility>

#include "gateway/base/clock.h"
#include "gateway/base/log.h"
#include "gateway/base/utc_text.h"

namespace streamhub {
namespace {

constexpr int64_t kDaySeconds = 24 * 3600;
// In 2255; later ones are no time in nanoseconds.
constexpr int64_t kToldSecondsMax = 9'000'000'000;
// Whoever renews by itself does so earlier.
constexpr int64_t kWarnDays = 14;

// Null: no TLS is asked for.
absl::StatusOr<std::shared_ptr<const TlsContext>> Load(const Config& config) {
  if (config.tls_certificate.empty()) return nullptr;
  return TlsContext::Load({.certificate = config.tls_certificate,
                           .key = config.tls_key,
                           .client_ca = config.tls_client_ca,
                           .client_required = config.tls_client_required,
                           .only_tls13 = config.tls_min == "1.3"});
}

void Tell(const TlsContext& context) {
  const int64_t now_s = SystemClock().WallNs() / kSecond;
  const int64_t days = (context.not_after_s() - now_s) / kDaySeconds;
  std::string text = absl::StrCat(
      "the certificate of ", context.subject(), " expires ",
      UtcText(std::min(context.not_after_s(), kToldSecondsMax) * kSecond));
  LogLevel level = LogLevel::kInfo;
  if (now_s >= context.not_after_s()) {
    text += ": it has expired, clients will refuse it";
    level = LogLevel::kError;
  } else if (now_s < context.not_before_s()) {
    text += ": it is not valid yet, clients will refuse it";
    level = LogLevel::kError;
  } else if (days < kWarnDays) {
    absl::StrAppend(&text, ": in ", days, " days");
    level = LogLevel::kWarning;
  }
  Log(level, text);
}

}  // namespace

absl::Status TlsSetup::Check(const Config& config) {
  return Load(config).status();
}

absl::Status TlsSetup::Start(const Config& config) {
  auto context = Load(config);
  if (!context.ok()) return context.status();
  if (*context != nullptr) Take(*std::move(context));
  return absl::OkStatus();
}

absl::StatusOr<std::function<void()>> TlsSetup::Prepare(const Config& config,
                                                        Use use) {
  auto context = Load(config);
  if (!context.ok()) return context.status();
  if ((*context == nullptr) != (context_ == nullptr)) {
    return absl::FailedPreconditionError(
        "--tls-certificate: a reload switches TLS neither on nor off; start "
        "anew");
  }
  if (*context == nullptr) return [] {};
  return [this, use = std::move(use), made = *std::move(context)] {
    use(made);
    Take(made);
  };
}

void TlsSetup::Take(std::shared_ptr<const TlsContext> context) {
  counters_.Add(Metric::kTlsExpiry,
                context->not_after_s() - counters_.Get(Metric::kTlsExpiry));
  context_ = std::move(context);
  Tell(*context_);
}

}  // namespace streamhub
