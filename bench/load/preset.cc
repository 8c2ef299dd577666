#include "bench/load/preset.h"

#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cmath>

#include "gateway/base/strings.h"

namespace streamhub::load {
namespace {

// Beside a socket for each client: what the gateway and this tool keep.
constexpr int64_t kFilesReserved = 200;

constexpr char kCaplin[] =
    "Caplin Liberator benchmarks, freeliberator.com/about/performance";
constexpr char kLightstreamer[] =
    "github.com/Lightstreamer/lightstreamer-kafka-connector-loadtest";
constexpr char kMigratory[] =
    "migratorydata.com/blog/websockets-benchmark-8x-more-scalable";
constexpr char kOwn[] = "ours";

std::vector<Flag> Market(const char* symbols, const char* ticks_per_second,
                         const char* each, const char* max_rate) {
  return {{"--server-symbols", symbols},
          {"--ticks-per-second", ticks_per_second},
          {"--symbols-per-client", each},
          {"--max-rate", max_rate},
          {"--connect-rate", "1000"}};
}

std::vector<Flag> With(std::vector<Flag> flags, std::vector<Flag> further) {
  flags.insert(flags.end(), further.begin(), further.end());
  return flags;
}

// Updates of 1 KB and 512 B of JSON are these many changes.
std::vector<Flag> Wide(const char* changes) {
  return {{"--symbol-fields", "64"}, {"--changed-fields", changes}};
}
constexpr char kChangesOf1Kb[] = "54";
constexpr char kChangesOf512B[] = "23";

std::vector<Preset> Published() {
  std::vector<Preset> presets;
  presets.push_back({"caplin-2", "caplin",
                     "1000 symbols, each every 2 s; clients with 2 of them",
                     kCaplin, 10'000, Market("1000", "500", "2", "4")});
  presets.push_back({"caplin-20", "caplin",
                     "the same; clients with 20: 10 updates/s each", kCaplin,
                     5'000, Market("1000", "500", "20", "4")});
  presets.push_back({"caplin-200", "caplin",
                     "the same; clients with 200: 100 updates/s each", kCaplin,
                     2'000, Market("1000", "500", "200", "4")});
  presets.push_back(
      {"lightstreamer-s1", "lightstreamer",
       "one symbol whose updates are 1 KB, 4/s to every client", kLightstreamer,
       5'000, With(Market("1", "4", "1", "unlimited"), Wide(kChangesOf1Kb))});
  presets.push_back(
      {"lightstreamer-s2", "lightstreamer",
       "40 symbols whose updates are 1 KB, 100/s in all; clients with one",
       kLightstreamer, 5'000,
       With(Market("40", "100", "1", "unlimited"), Wide(kChangesOf1Kb))});
  presets.push_back(
      {"lightstreamer-s3", "lightstreamer",
       "the same symbols, but of 64 fields only 3 change with an update",
       kLightstreamer, 5'000,
       With(Market("40", "100", "1", "unlimited"), Wide("3"))});
  presets.push_back(
      {"migratory", "", "10 updates/s of 512 B to every client", kMigratory,
       2'000,
       With(Market("100", "1000", "1", "unlimited"), Wide(kChangesOf512B))});
  return presets;
}

std::vector<Preset> Asked() {
  std::vector<Preset> presets;
  presets.push_back({"broadcast", "", "one symbol, 10/s, to everybody", kOwn,
                     5'000, Market("1", "10", "1", "unlimited")});
  presets.push_back(
      {"hot", "",
       "100 symbols of 1000 ticks/s each; clients with 10 at 10 updates/s",
       kOwn, 500, Market("100", "100000", "10", "10")});
  const std::vector<Flag> mixed = Market("1000", "2000", "50", "4");
  presets.push_back({"slow-mix-none", "slow-mix",
                     "clients with 50 symbols of 2 updates/s, all healthy",
                     kOwn, 1'000, mixed});
  presets.push_back(
      {"slow-mix-1k", "slow-mix", "the same, but 10 % read 1 KB/s", kOwn, 1'000,
       With(mixed, {{"--slow-share", "0.1"}, {"--slow-rate", "1024"}})});
  presets.push_back(
      {"slow-mix-stuck", "slow-mix", "the same, but 10 % do not read at all",
       kOwn, 1'000,
       With(mixed, {{"--slow-share", "0.1"}, {"--slow-rate", "0"}})});
  // Every beat has something for every client, so that a gap shows.
  presets.push_back(
      {"reconnect-storm", "",
       "95 % of the clients are cut, and all back within 5 s", kOwn, 10'000,
       With(Market("1000", "2000", "10", "2"), {{"--storm-share", "0.95"},
                                                {"--storm-within", "5"},
                                                {"--duration", "30"}})});
  presets.push_back(
      {"idle-10", "idle",
       "as many clients as files allow, with 10 symbols, and nothing happens",
       kOwn, 0, Market("1000", "0.001", "10", "4")});
  presets.push_back({"idle-100", "idle", "the same with 100 symbols", kOwn, 0,
                     Market("1000", "0.001", "100", "4")});
  return presets;
}

}  // namespace

const std::vector<Preset>& Presets() {
  static const std::vector<Preset> presets = [] {
    std::vector<Preset> all = Published();
    for (Preset& preset : Asked()) all.push_back(std::move(preset));
    return all;
  }();
  return presets;
}

absl::StatusOr<std::vector<const Preset*>> FindPresets(std::string_view name) {
  std::vector<const Preset*> found;
  for (const Preset& preset : Presets()) {
    if (preset.name == name || (preset.group == name && !name.empty())) {
      found.push_back(&preset);
    }
  }
  if (found.empty()) {
    return absl::InvalidArgumentError(
        absl::StrCat("--preset ", ToAbsl(name),
                     ": there is none of that name (see --list-presets)"));
  }
  return found;
}

int64_t ClientsOf(const Preset& preset, double scale, int64_t files) {
  const int64_t clients =
      preset.clients > 0 ? preset.clients : files - kFilesReserved;
  return std::max<int64_t>(std::llround(static_cast<double>(clients) * scale),
                           1);
}

std::string PresetsText() {
  std::string text;
  std::string group;
  for (const Preset& preset : Presets()) {
    if (preset.group != group && !preset.group.empty()) {
      absl::StrAppend(&text, preset.group, ": those whose names begin so\n");
    }
    group = preset.group;
    absl::StrAppend(&text, preset.name, "\n    ", preset.recreates,
                    "\n    source: ", preset.source, "\n    --clients ",
                    preset.clients > 0 ? absl::StrCat(preset.clients)
                                       : "(as many as files allow)");
    for (const Flag& flag : preset.flags) {
      absl::StrAppend(&text, " ", flag.name, " ", flag.value);
    }
    absl::StrAppend(&text, "\n");
  }
  return text;
}

}  // namespace streamhub::load
