// compare_table DIR: prints the results of compare.sh in DIR as Markdown.

#include <cstdio>
#include <filesystem>
#include <fstream>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "bench/peers/results.h"
#include "bench/peers/table.h"
#include "gateway/base/strings.h"

namespace streamhub::peers {
namespace {

namespace fs = std::filesystem;

std::string Read(const fs::path& path) {
  std::ifstream in(path);
  std::ostringstream text;
  text << in.rdbuf();
  return text.str();
}

int Fail(const fs::path& path, std::string_view why) {
  std::fprintf(stderr, "compare_table: %s: %.*s\n", path.c_str(),
               static_cast<int>(why.size()), why.data());
  return 1;
}

int PrintWorkload(const fs::path& folder) {
  const auto workload = ParseWorkload(Read(folder / "workload.json"));
  if (!workload.ok()) {
    return Fail(folder, FromAbsl(workload.status().message()));
  }
  std::vector<Result> results;
  for (const System& system : workload->systems) {
    for (int64_t round = 0; round < workload->pairs; ++round) {
      const fs::path path =
          folder / (std::to_string(round) + "-" + system.name + ".json");
      if (!fs::exists(path)) continue;
      const auto result = ParseResult(Read(path), *workload, system, round);
      if (!result.ok()) return Fail(path, FromAbsl(result.status().message()));
      results.push_back(*result);
    }
  }
  std::printf("%s\n", ToMarkdown(*workload, results).c_str());
  return 0;
}

int Main(const fs::path& folder) {
  const std::string machine = Read(folder / "machine.txt");
  if (!machine.empty()) std::printf("```\n%s```\n\n", machine.c_str());
  std::set<fs::path> workloads;
  std::error_code none;
  for (const auto& entry : fs::directory_iterator(folder, none)) {
    if (fs::exists(entry.path() / "workload.json")) {
      workloads.insert(entry.path());
    }
  }
  if (workloads.empty()) return Fail(folder, "no results of compare.sh");
  for (const fs::path& workload : workloads) {
    if (const int status = PrintWorkload(workload); status != 0) return status;
  }
  return 0;
}

}  // namespace
}  // namespace streamhub::peers

int main(int argc, char** argv) {
  if (argc == 2) return streamhub::peers::Main(argv[1]);
  std::fprintf(stderr, "use: compare_table DIR\n");
  return 2;
}
