#include "tests/tidy/rules.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <cstddef>
#include <iterator>
#include <regex>

#include "tests/tidy/layers.h"

namespace streamhub::tidy {
namespace {

constexpr size_t kColumnsMax = 80;
constexpr size_t kLinesMax = 400;

// The lists of words are split where they would find themselves.
constexpr char kLeftovers[] =
    "\\b(TO"
    "DO|FIX"
    "ME|XX"
    "X|HA"
    "CK)\\b";
constexpr char kMachinePaths[] =
    "(^|[^A-Za-z0-9_.}~-])/(wo"
    "rk|ro"
    "ot|ho"
    "me|fa"
    "rm)/[.A-Za-z]";

constexpr char kSharing[] =
    "\\bstd::(atomic|mutex|recursive_mutex|shared_mutex|lock_guard|"
    "unique_lock|shared_lock|scoped_lock|condition_variable|thread\\b|"
    "jthread|this_thread|async\\b|future|promise|latch|barrier|"
    "counting_semaphore|binary_semaphore|stop_)|\\bpthread_";
constexpr char kSharingHeaders[] =
    "^#include <(atomic|mutex|shared_mutex|thread|condition_variable|future|"
    "semaphore|latch|barrier|stop_token|pthread\\.h|absl/synchronization/.*)>";

std::string Complain(const SourceFile& file, size_t index,
                     std::string_view what) {
  return file.path + ":" + std::to_string(index + 1) + ": " + std::string(what);
}

bool Excepts(Exceptions may, const SourceFile& file) {
  const std::string_view path = file.path;
  const std::string_view stem = path.substr(0, path.rfind('.'));
  return std::any_of(may.begin(), may.end(), [&](const Exception& e) {
    return e.file == path || e.file == stem;
  });
}

bool Matches(std::string_view line, const std::regex& pattern) {
  return std::regex_search(line.begin(), line.end(), pattern);
}

// A complaint for each line of `text` that `pattern` is found in.
Complaints Forbid(const SourceFile& file, std::string_view text,
                  const std::regex& pattern, std::string_view what) {
  Complaints complaints;
  const auto lines = Lines(text);
  for (size_t i = 0; i < lines.size(); ++i) {
    if (Matches(lines[i], pattern)) {
      complaints.push_back(Complain(file, i, what));
    }
  }
  return complaints;
}

bool IsProduct(const SourceFile& file) {
  return file.IsCpp() && (file.IsIn("gateway") || file.IsIn("feeds"));
}

std::string GuardOf(std::string_view path) {
  std::string guard = "STREAMHUB_";
  for (const char c : path) {
    const auto byte = static_cast<unsigned char>(c);
    guard +=
        std::isalnum(byte) != 0 ? static_cast<char>(std::toupper(byte)) : '_';
  }
  return guard + "_";
}

}  // namespace

Complaints CheckIncludeDirection(const SourceFile& file) {
  if (!file.IsCpp()) return {};
  static const std::regex include("^ *# *include *([\"<])([^\">]*)[\">]");
  Complaints complaints;
  const Layer* layer = LayerOf(file.path);
  if (layer == nullptr) {
    return {Complain(file, 0, "its folder has no layer in layers.h")};
  }
  const auto lines = Lines(file.text);
  for (size_t i = 0; i < lines.size(); ++i) {
    std::match_results<std::string_view::const_iterator> match;
    if (!std::regex_search(lines[i].begin(), lines[i].end(), match, include)) {
      continue;
    }
    const std::string target = match[2];
    const Layer* below = LayerOf(target);
    const bool quoted = match[1] == "\"";
    if (quoted != (below != nullptr)) {
      complaints.push_back(
          Complain(file, i, "ours in \"\" from the root, others in <>"));
    } else if (quoted && !MayInclude(*layer, *below)) {
      complaints.push_back(Complain(file, i,
                                    std::string(layer->folder) +
                                        " may not include " +
                                        std::string(below->folder)));
    }
  }
  return complaints;
}

Complaints CheckBoost(const SourceFile& file, Exceptions may) {
  if (!IsProduct(file) || file.IsIn("gateway/transport") ||
      file.IsIn("gateway/dialect") || file.IsIn("gateway/server") ||
      Excepts(may, file)) {
    return {};
  }
  static const std::regex boost("^ *# *include *<boost/");
  return Forbid(file, file.text, boost, "Boost outside the I/O layers");
}

Complaints CheckSharedMemory(const SourceFile& file, Exceptions may) {
  if (!IsProduct(file) || Excepts(may, file)) return {};
  static const std::regex sharing(std::string(kSharing) + "|" +
                                  kSharingHeaders);
  return Forbid(file, CodeOnly(file.text), sharing,
                "memory shared between threads outside kMayShareMemory");
}

Complaints CheckHeaderGuard(const SourceFile& file) {
  if (!file.IsHeader()) return {};
  const std::string guard = GuardOf(file.path);
  const std::string opening = "#ifndef " + guard + "\n#define " + guard + "\n";
  const std::string closing = "#endif  // " + guard + "\n";
  if (file.text.find(opening) != std::string::npos &&
      file.text.ends_with(closing)) {
    return {};
  }
  return {Complain(file, 0, "the guard is not " + guard)};
}

Complaints CheckHeaderPage(const SourceFile& file) {
  if (!file.IsHeader() || file.text.starts_with("// ")) return {};
  return {Complain(file, 0, "a header opens with its page, in comments")};
}

Complaints CheckUsingNamespace(const SourceFile& file) {
  if (!file.IsHeader()) return {};
  static const std::regex directive("\\busing +namespace\\b");
  return Forbid(file, CodeOnly(file.text), directive,
                "`using namespace` in a header");
}

Complaints CheckColumns(const SourceFile& file) {
  if (!file.IsCpp()) return {};
  static const std::regex lone_url("^ *// *[a-z]+://[^ ]*$");
  Complaints complaints;
  const auto lines = Lines(file.text);
  for (size_t i = 0; i < lines.size(); ++i) {
    // Every byte of UTF-8 but the continuations begins a code point.
    const auto columns =
        std::count_if(lines[i].begin(), lines[i].end(),
                      [](unsigned char c) { return (c & 0xc0) != 0x80; });
    if (static_cast<size_t>(columns) > kColumnsMax &&
        !Matches(lines[i], lone_url)) {
      complaints.push_back(Complain(file, i, "past 80 columns"));
    }
  }
  return complaints;
}

Complaints CheckLength(const SourceFile& file, Exceptions may) {
  const bool source =
      file.IsCpp() || file.path.ends_with(".ts") || file.path.ends_with(".sh");
  const size_t lines = Lines(file.text).size();
  if (!source || lines <= kLinesMax || Excepts(may, file)) return {};
  return {Complain(file, lines - 1, "past 400 lines: does it hold one thing?")};
}

Complaints CheckSkips(const SourceFile& file) {
  static const std::regex off(
      "\\bDIS"
      "ABLED_|\\b(it|test|describe)\\.(skip|only)\\b");
  Complaints complaints =
      file.IsCpp() || file.path.ends_with(".ts")
          ? Forbid(file, file.text, off, "a test that is switched off")
          : Complaints{};
  if (!file.IsCpp()) return complaints;
  // The reason may stand on the next line.
  static const std::regex skip(
      "\\bGTEST_"
      "SKIP\\(\\)(?!\\s*<<)");
  const std::string code = CodeOnly(file.text);
  for (auto at = std::sregex_iterator(code.begin(), code.end(), skip);
       at != std::sregex_iterator(); ++at) {
    const auto line =
        std::count(code.begin(), code.begin() + at->position(), '\n');
    complaints.push_back(Complain(file, static_cast<size_t>(line),
                                  "a test skips itself and does not say why"));
  }
  return complaints;
}

Complaints CheckSleeps(const SourceFile& file, Exceptions may) {
  if (!file.IsCpp() || Excepts(may, file)) return {};
  static const std::regex waits(
      "\\b(sleep_for|sleep_until|usleep|nanosleep)\\b|(^|[^.>\\w])sleep\\(");
  return Forbid(file, CodeOnly(file.text), waits,
                "waits for a time to pass: wait for the event");
}

Complaints CheckLeftovers(const SourceFile& file) {
  static const std::regex leftovers(kLeftovers);
  return Forbid(file, file.text, leftovers, "something is left for later");
}

Complaints CheckMachinePaths(const SourceFile& file) {
  static const std::regex paths(kMachinePaths);
  return Forbid(file, file.text, paths, "a path of somebody's machine");
}

Complaints CheckHeaderSet(const SourceFile& header, const SourceFile& cmake) {
  const std::string name = header.path.substr(header.path.rfind('/') + 1);
  static const std::regex word("[^\\s()]+|[()]");
  bool in_headers = false;
  for (auto at =
           std::sregex_iterator(cmake.text.begin(), cmake.text.end(), word);
       at != std::sregex_iterator(); ++at) {
    const std::string token = at->str();
    if (token == "HEADERS") {
      in_headers = true;
    } else if (token == "SOURCES" || token == "DEPS" || token == ")") {
      in_headers = false;
    } else if (in_headers && (token == name || token.ends_with("/" + name))) {
      return {};
    }
  }
  return {Complain(header, 0, "in no HEADERS list of " + cmake.path)};
}

Complaints CheckLockFile(const SourceFile& file) {
  if (!file.path.ends_with("package-lock.json")) return {};
  static const std::regex foreign(
      "\"resolved\": *\"(?!https://registry\\.npmjs\\.org/)");
  return Forbid(file, file.text, foreign, "locked to a private registry");
}

}  // namespace streamhub::tidy
