// Workloads with a name: published ones in small, and those that a gateway is
// asked about. A preset is a command line of `streamhub bench` that one need
// not type; what is typed beside it goes before it. Pure.

#ifndef STREAMHUB_BENCH_LOAD_PRESET_H_
#define STREAMHUB_BENCH_LOAD_PRESET_H_

#include <absl/status/statusor.h>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace streamhub::load {

// "--max-rate" and "4".
struct Flag {
  std::string name;
  std::string value;
};

struct Preset {
  std::string name;
  std::string group;      // also names it, together with its like; may be empty
  std::string recreates;  // in a line
  std::string source;
  int64_t clients = 0;  // 0: as many as this process may open files for
  std::vector<Flag> flags;
};

// All of them, in the order in which they are told.
const std::vector<Preset>& Presets();

// The preset of that name, or those of that group. InvalidArgument: none.
absl::StatusOr<std::vector<const Preset*>> FindPresets(std::string_view name);

// `preset.clients` times `scale`, at least one. `files` is the limit of open
// files, which a server of the same limit needs some of for itself.
int64_t ClientsOf(const Preset& preset, double scale, int64_t files);

// What each is, where it is from, and the flags that make it.
std::string PresetsText();

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_PRESET_H_
