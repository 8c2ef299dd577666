#include "gateway/server/make_recorder.h"

#include <absl/strings/str_cat.h>

#include <cstdint>
#include <utility>

#include "feeds/recorder/log_folder.h"
#include "gateway/base/clock.h"

namespace streamhub {
namespace {

constexpr int64_t kMegabyte = 1 << 20;

absl::Status NameFlag(const absl::Status& status) {
  if (status.ok()) return status;
  return absl::Status(status.code(),
                      absl::StrCat("--record ", status.message()));
}

}  // namespace

absl::Status CheckRecorder(const Config& config) {
  if (config.record.empty()) return absl::OkStatus();
  return NameFlag(CheckLogFolder(config.record));
}

absl::StatusOr<std::unique_ptr<Recorder>> MakeRecorder(const Config& config,
                                                       const Market& market,
                                                       bool feeds_wait) {
  if (config.record.empty()) return nullptr;
  Recorder::Options options;
  options.series.folder = config.record;
  options.series.rotate_bytes = config.record_rotate_mb * kMegabyte;
  options.series.rotate_ns = config.record_rotate_s * kSecond;
  options.series.keep = static_cast<size_t>(config.record_keep);
  options.ring_bytes = static_cast<size_t>(config.record_ring_mb * kMegabyte);
  options.feeds_wait = feeds_wait;
  auto recorder = Recorder::Create(std::move(options), market, SystemClock());
  if (!recorder.ok()) return NameFlag(recorder.status());
  return recorder;
}

}  // namespace streamhub
