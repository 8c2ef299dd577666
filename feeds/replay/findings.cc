#include "feeds/replay/findings.h"

#include <absl/strings/str_cat.h>

#include "feeds/replay/byte_source.h"
#include "gateway/base/strings.h"

namespace streamhub {
namespace {

constexpr std::string_view kOthers = "(others)";

// Messages of errors begin with where they are; a fault says it apart.
std::string_view WithoutPlace(std::string_view what) {
  if (!what.starts_with("at byte ")) return what;
  const size_t end = what.find(": ");
  return end == what.npos ? what : what.substr(end + 2);
}

}  // namespace

Fault FaultOf(const ByteSource& source) {
  std::string_view what = FromAbsl(source.status().message());
  const std::string name = source.name() + ": ";
  if (what.starts_with(name)) what.remove_prefix(name.size());
  return {source.bytes_used(), 0, std::string(WithoutPlace(what)),
          /*in_file=*/true};
}

void FaultList::Add(int64_t offset, int64_t line, std::string_view what) {
  if (full()) {
    ++faults_;
    return;
  }
  Add({offset, line, std::string(WithoutPlace(what))});
}

void FaultList::Add(Fault fault) {
  ++faults_;
  if (!full()) kept_.push_back(std::move(fault));
}

void NameCounts::Add(std::string_view name) {
  for (auto& [known, count] : counts_) {
    if (known != name) continue;
    ++count;
    return;
  }
  if (counts_.size() < kNamesMax) {
    counts_.emplace_back(name, 1);
  } else if (counts_.size() == kNamesMax) {
    counts_.emplace_back(kOthers, 1);
  } else {
    ++counts_.back().second;
  }
}

void AddSource(const ByteSource& source, Findings* findings) {
  findings->plain_bytes = source.plain_bytes();
  findings->compressed = source.compressed();
}

void AddByTypeByte(const std::array<int64_t, 256>& counts, Findings* findings) {
  for (size_t type = 0; type < counts.size(); ++type) {
    if (counts[type] == 0) continue;
    const bool printable = type > 0x20 && type < 0x7F;
    findings->by_type.emplace_back(
        printable ? std::string(1, static_cast<char>(type))
                  : absl::StrCat("0x", absl::Hex(type, absl::kZeroPad2)),
        counts[type]);
  }
}

void AddOthers(
    std::initializer_list<std::pair<std::string_view, int64_t>> counts,
    Findings* findings) {
  for (const auto& [name, count] : counts) {
    if (count != 0) findings->others.emplace_back(name, count);
  }
}

}  // namespace streamhub
