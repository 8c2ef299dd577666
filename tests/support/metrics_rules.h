// What `promtool check metrics` asks of a page of metrics, and what a scrape
// needs (Prometheus text format 0.0.4, and its naming practices): for machines
// that have no promtool. Pure.

#ifndef STREAMHUB_TESTS_SUPPORT_METRICS_RULES_H_
#define STREAMHUB_TESTS_SUPPORT_METRICS_RULES_H_

#include <cstdio>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <sstream>
#include <string>
#include <vector>

namespace streamhub {

// Of one page: what is wrong with it, an entry each; and its metrics, by name.
struct MetricsSeen {
  std::vector<std::string> wrong;
  std::map<std::string, std::string> types;
  size_t samples = 0;
};

inline bool HasPart(const std::string& name,
                    const std::set<std::string>& forbidden) {
  std::istringstream parts(name);
  for (std::string part; std::getline(parts, part, '_');) {
    if (forbidden.contains(part)) return true;
  }
  return false;
}

// The name of a family by itself.
inline std::string WrongName(const std::string& name, const std::string& type) {
  static const std::set<std::string> kShort = {"s",  "ms", "us", "ns", "sec",
                                               "b",  "kb", "mb", "gb", "tb",
                                               "pb", "m",  "h",  "d"};
  static const std::set<std::string> kNotBase = {
      "milliseconds", "microseconds", "nanoseconds", "minutes",
      "hours",        "days",         "weeks",       "kilobytes",
      "megabytes",    "gigabytes",    "bits",        "percent"};
  static const std::set<std::string> kTypes = {"counter", "gauge", "histogram",
                                               "summary"};
  static const std::regex name_like("[a-z][a-z0-9]*(_[a-z0-9]+)*");
  if (!std::regex_match(name, name_like)) return "is no snake_case";
  if ((type == "counter") != name.ends_with("_total")) {
    return "a counter ends in _total, and nothing else does";
  }
  for (const char* const end : {"_sum", "_count", "_bucket"}) {
    if (name.ends_with(end)) return "ends like a part of a histogram";
  }
  if (HasPart(name, kShort)) return "has an abbreviated unit";
  if (HasPart(name, kNotBase)) return "has a unit that is no base unit";
  if (HasPart(name, kTypes)) return "has its type in its name";
  return {};
}

inline MetricsSeen CheckMetrics(const std::string& page,
                                size_t samples_max = 2000) {
  static const std::regex help("# HELP ([a-z0-9_]+) (.+)");
  static const std::regex type(
      "# TYPE ([a-z0-9_]+) "
      "(counter|gauge|summary|histogram)");
  static const std::regex sample(
      "([a-z0-9_]+)(?:\\{((?:[a-z_]+=\"(?:[^\"\\\\]|\\\\[\"\\\\n])*\",?)+)\\})?"
      " "
      "(NaN|[+-]Inf|-?[0-9.]+(?:e[+-]?[0-9]+)?)");
  static const std::regex label("([a-z_]+)=\"((?:[^\"\\\\]|\\\\[\"\\\\n])*)\"");
  MetricsSeen seen;
  std::set<std::string> helped, series;
  std::map<std::string, std::set<std::string>> parts;  // of summaries
  std::string family;
  std::istringstream lines(page);
  const auto wrong = [&seen](const std::string& of, const std::string& what) {
    seen.wrong.push_back(of + ": " + what);
  };
  for (std::string line; std::getline(lines, line);) {
    std::smatch match;
    if (std::regex_match(line, match, help)) {
      if (!helped.insert(match[1]).second) wrong(match[1], "HELP twice");
      continue;
    }
    if (std::regex_match(line, match, type)) {
      family = match[1];
      if (!helped.contains(family)) wrong(family, "no HELP");
      if (!seen.types.emplace(family, match[2]).second) {
        wrong(family, "TYPE twice");
      }
      const std::string bad = WrongName(family, match[2]);
      if (!bad.empty()) wrong(family, bad);
      continue;
    }
    if (!std::regex_match(line, match, sample)) {
      wrong(line, "is no line of the format");
      continue;
    }
    ++seen.samples;
    const std::string name = match[1], labels = match[2];
    if (!series.insert(name + "{" + labels).second) wrong(line, "twice");
    const std::string& of = seen.types[family];
    const bool summary = of == "summary";
    std::string rest;
    bool quantile = false;
    for (std::sregex_iterator at(labels.begin(), labels.end(), label), end;
         at != end; ++at) {
      if ((*at)[1] == "le" && of != "histogram") wrong(line, "le outside");
      if ((*at)[1] == "quantile") {
        quantile = true;
        const double value = std::stod((*at)[2]);
        if (!summary || value < 0 || value > 1) wrong(line, "quantile");
      } else {
        rest += (*at)[0];
      }
    }
    if (name == family) {
      if (summary && !quantile) wrong(line, "a summary without a quantile");
      if (summary) parts[family + "{" + rest].insert("quantile");
    } else if (summary &&
               (name == family + "_sum" || name == family + "_count")) {
      parts[family + "{" + rest].insert(name.substr(family.size()));
    } else {
      wrong(line, "is not of the family before it");
    }
  }
  for (const auto& [of, found] : parts) {
    if (found.size() != 3) wrong(of, "a summary lacks sum or count");
  }
  if (seen.samples > samples_max) wrong("the page", "has too many samples");
  return seen;
}

// What promtool says of it; empty: nothing, or there is no promtool.
inline std::string PromtoolOf(const std::string& page,
                              const std::string& scratch) {
  if (std::system("command -v promtool >/dev/null 2>&1") != 0) return {};
  const std::string in = scratch + "/metrics.txt", out = scratch + "/said.txt";
  std::ofstream(in, std::ios::binary) << page;
  const std::string command =
      "promtool check metrics <'" + in + "' >'" + out + "' 2>&1";
  const int status = std::system(command.c_str());
  std::ostringstream said;
  said << std::ifstream(out, std::ios::binary).rdbuf();
  std::remove(in.c_str());
  std::remove(out.c_str());
  return status == 0 && said.str().empty() ? std::string()
                                           : "promtool: " + said.str();
}

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_SUPPORT_METRICS_RULES_H_
