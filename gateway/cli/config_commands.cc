// check-config, gen-config and version: what answers and ends.

#include <absl/strings/str_cat.h>

#include <CLI/CLI.hpp>
#include <cstdio>
#include <memory>
#include <string>

#include "gateway/base/strings.h"
#include "gateway/cli/command.h"
#include "gateway/cli/command_line.h"
#include "gateway/cli/config_flags.h"
#include "gateway/server/build_info.h"
#include "gateway/server/config_loader.h"
#include "gateway/server/gateway.h"

namespace streamhub {

Command AddCheckConfig(CLI::App& program) {
  CLI::App* app = program.add_subcommand(
      "check-config", "Check a configuration without running it");
  app->footer(
      "Takes the flags of `serve`. Exit status 2 if something is wrong.\n\n"
      "Examples:\n"
      "  streamhub check-config --config streamhub.toml\n"
      "  streamhub check-config --print --config streamhub.toml --port 9000\n");
  struct Options {
    explicit Options(CLI::App& a) : flags(a, {}) {}
    ConfigFlags flags;
    bool print = false;
  };
  const auto options = std::make_shared<Options>(*app);
  app->add_flag("--print", options->print,
                "print every setting and where it is from");
  return {app, [options] {
            const auto effective = options->flags.Load({});
            if (!effective.ok()) return Fail(effective.status());
            for (const std::string& warning : effective->warnings) {
              std::fprintf(stderr, "streamhub: %s\n", warning.c_str());
            }
            // Where something is wrong, where it came from is the question.
            const absl::Status good = Gateway::Check(effective->config);
            const int printed =
                options->print ? PrintResult(PrintConfig(*effective))
                : good.ok()    ? PrintResult("the configuration is good\n")
                               : kExitOk;
            if (good.ok()) return printed;
            Fail(good);
            return kExitUsage;
          }};
}

Command AddGenConfig(CLI::App& program) {
  CLI::App* app = program.add_subcommand(
      "gen-config", "Print a configuration file with every default");
  app->footer(
      "Examples:\n"
      "  streamhub gen-config > streamhub.toml\n");
  return {app, [] { return PrintResult(GenerateConfig()); }};
}

std::string VersionText() {
  const BuildInfo& info = GetBuildInfo();
  return absl::StrCat("streamhub ", ToAbsl(info.version), "\ncompiler ",
                      ToAbsl(info.compiler), "\nbuild ", ToAbsl(info.build));
}

Command AddVersion(CLI::App& program) {
  CLI::App* app =
      program.add_subcommand("version", "Print what this binary is");
  app->footer(
      "Examples:\n"
      "  streamhub version\n");
  return {app, [] { return PrintResult(VersionText() + "\n"); }};
}

}  // namespace streamhub
