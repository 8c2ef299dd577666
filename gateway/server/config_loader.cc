#include "gateway/server/config_loader.h"

#include <absl/status/status.h>
#include <absl/strings/str_cat.h>

#include <algorithm>
#include <cctype>

#include "feeds/derived/plan.h"
#include "gateway/base/strings.h"
#include "gateway/server/config_file.h"

namespace streamhub {
namespace {

constexpr std::string_view kPrefix = "STREAMHUB_";
constexpr char kFileVariable[] = "STREAMHUB_CONFIG";
constexpr char kDefault[] = "default";

// What no key of the table shows.
constexpr char kDerivedExample[] =
    "\n# Derived symbols may also be tables, one for each:\n"
    "# [[derived]]\n"
    "# symbol = \"EUR/GBP\"\n"
    "# kind = \"cross\"           # mid, spread, cross or basket\n"
    "# of = [\"EUR/USD\", \"GBP/USD\"]\n"
    "# operation = \"divide\"     # of a cross; or multiply\n"
    "# decimals = 5              # left out: as the input with the most\n"
    "# rounding = \"half-even\"   # or half-up, down, up\n"
    "# currency = \"GBP\"\n"
    "#\n"
    "# [[derived]]\n"
    "# symbol = \"DESK\"\n"
    "# kind = \"basket\"\n"
    "# of = [\"AAPL\", \"MSFT\"]\n"
    "# weights = [\"0.5\", \"-1.25\"]\n"
    "# divisor = \"2\"\n"
    "# name = \"What the desk holds\"\n";

absl::Status Apply(const ConfigKey& key, const std::vector<std::string>& values,
                   std::string_view origin, EffectiveConfig* effective) {
  key.ClearList(&effective->config);
  for (const std::string& value : values) {
    if (!key.SetText(value, &effective->config)) {
      return absl::InvalidArgumentError(
          absl::StrCat(ToAbsl(origin), ": expected ", key.Expected(),
                       ", found \"", value, "\""));
    }
  }
  const auto index = static_cast<size_t>(&key - ConfigTable().data());
  effective->origins[index] = std::string(origin);
  return absl::OkStatus();
}

// The elements of a list that is one text, none of them empty. Formulas may
// have their separator between quotes.
std::vector<std::string> Elements(std::string_view text, char separator) {
  std::vector<std::string> elements(1);
  bool quoted = false;
  for (size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (c == separator && !quoted) {
      elements.emplace_back();
      continue;
    }
    elements.back() += c;
    if (separator != ';') continue;
    if (c == '"') quoted = !quoted;
    if (c == '\\' && quoted && i + 1 < text.size()) {
      elements.back() += text[++i];
    }
  }
  std::erase(elements, "");
  return elements;
}

absl::Status ApplyEnvironment(
    const std::map<std::string, std::string>& environment,
    EffectiveConfig* effective) {
  std::map<std::string, const ConfigKey*> keys;
  for (const ConfigKey& key : ConfigTable()) keys[key.Variable()] = &key;
  for (const auto& [name, value] : environment) {
    if (!name.starts_with(kPrefix) || name == kFileVariable) continue;
    const auto known = keys.find(name);
    if (known == keys.end()) {
      effective->warnings.push_back(
          absl::StrCat("the variable ", name, " is ignored: no such key"));
      continue;
    }
    const ConfigKey& key = *known->second;
    std::vector<std::string> values = {value};
    if (key.IsList()) {
      values = Elements(value, key.separator);
    }
    const absl::Status applied = Apply(key, values, name, effective);
    if (!applied.ok()) return applied;
  }
  return absl::OkStatus();
}

absl::Status CheckTls(const Config& config) {
  if (config.tls_certificate.empty() != config.tls_key.empty()) {
    return absl::InvalidArgumentError(
        "--tls-certificate and --tls-key: neither is of use without the other");
  }
  if (config.tls_certificate.empty() &&
      (!config.tls_client_ca.empty() || config.tls_client_required)) {
    return absl::InvalidArgumentError(
        "--tls-client-ca and --tls-client-required: are for TLS, which needs "
        "--tls-certificate");
  }
  if (config.tls_client_required && config.tls_client_ca.empty()) {
    return absl::InvalidArgumentError(
        "--tls-client-required: needs --tls-client-ca");
  }
  return absl::OkStatus();
}

// What no key can see by itself.
absl::Status CheckWhole(const Config& config) {
  if (config.feed == "replay" && config.files.empty()) {
    return absl::InvalidArgumentError(
        "files: the feed replay needs at least one (FILE... of replay, or "
        "--files of serve)");
  }
  if (config.loop && config.exit_at_end) {
    return absl::InvalidArgumentError(
        "--loop and --exit-at-end: a loop has no end");
  }
  if (config.port != 0 && config.port == config.admin_port &&
      config.listen == config.admin_listen) {
    return absl::InvalidArgumentError(absl::StrCat(
        "--admin-port: ", config.port, " is the port of the clients (--port)"));
  }
  return CheckTls(config);
}

// Whether its derived symbols can be.
absl::Status CheckDerived(const EffectiveConfig& effective) {
  const auto plan = derived::MakePlan(effective.config.derived);
  if (plan.ok()) return absl::OkStatus();
  const auto index =
      static_cast<size_t>(FindConfigKey("derived") - ConfigTable().data());
  return absl::InvalidArgumentError(absl::StrCat(
      effective.origins[index], ": derived ", plan.status().message()));
}

// `line` writes one key, given its `name = value`.
template <typename Line>
std::string Write(const Config& config, Line line) {
  std::string out;
  std::string_view section;
  for (const ConfigKey& key : ConfigTable()) {
    if (key.section != section) {
      absl::StrAppend(&out, section.empty() ? "" : "\n", "[",
                      ToAbsl(key.section), "]\n");
      section = key.section;
    }
    line(key, absl::StrCat(ToAbsl(key.name), " = ", key.ToToml(config)), &out);
  }
  return out;
}

}  // namespace

absl::StatusOr<EffectiveConfig> LoadConfig(const ConfigInputs& inputs) {
  EffectiveConfig effective;
  effective.origins.assign(ConfigTable().size(), kDefault);
  effective.file = inputs.file;
  const auto variable = inputs.environment.find(kFileVariable);
  if (effective.file.empty() && variable != inputs.environment.end()) {
    effective.file = variable->second;
  }
  if (!effective.file.empty()) {
    const absl::Status read =
        ReadConfigFile(effective.file, &effective.config, &effective.origins);
    if (!read.ok()) return read;
  }
  const absl::Status environment =
      ApplyEnvironment(inputs.environment, &effective);
  if (!environment.ok()) return environment;
  for (const ConfigFlag& flag : inputs.flags) {
    const absl::Status applied =
        Apply(*flag.key, flag.values, flag.origin, &effective);
    if (!applied.ok()) return applied;
  }
  absl::Status whole = CheckWhole(effective.config);
  if (whole.ok()) whole = CheckDerived(effective);
  if (!whole.ok()) return whole;
  return effective;
}

std::string GenerateConfig() {
  return "# The configuration of StreamHub, every key at its default.\n"
         "# A flag (--admin-port) comes before a variable of the environment\n"
         "# (STREAMHUB_ADMIN_PORT), and that before this file.\n\n" +
         Write(Config(),
               [](const ConfigKey& key, const std::string& setting,
                  std::string* out) {
                 std::string help(key.help);
                 help[0] = static_cast<char>(std::toupper(help[0]));
                 absl::StrAppend(out, "# ", help, ".\n", setting, "\n");
               }) +
         kDerivedExample;
}

std::string PrintConfig(const EffectiveConfig& effective) {
  constexpr size_t kColumn = 36;
  return Write(
      effective.config,
      [&](const ConfigKey& key, const std::string& setting, std::string* out) {
        const auto index = static_cast<size_t>(&key - ConfigTable().data());
        const size_t spaces = kColumn - std::min(kColumn - 1, setting.size());
        absl::StrAppend(out, setting, std::string(spaces, ' '), "# ",
                        effective.origins[index], "\n");
      });
}

}  // namespace streamhub
