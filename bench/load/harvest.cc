#include "bench/load/harvest.h"

#include <cstring>
#include <type_traits>
#include <utility>
#include <vector>

namespace streamhub::load {
namespace {

class Packer {
 public:
  template <typename T>
  void operator()(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    out_.append(reinterpret_cast<const char*>(&value), sizeof value);
  }
  void operator()(const std::string& text) {
    (*this)(text.size());
    out_ += text;
  }
  template <typename T>
  void operator()(const std::vector<T>& values) {
    (*this)(values.size());
    for (const T& value : values) (*this)(value);
  }
  void operator()(const std::map<std::string, int64_t>& counts) {
    (*this)(counts.size());
    for (const auto& [name, count] : counts) {
      (*this)(name);
      (*this)(count);
    }
  }

  std::string Take() { return std::move(out_); }

 private:
  std::string out_;
};

// The same calls in the same order; after what is too short, nothing more.
class Unpacker {
 public:
  explicit Unpacker(std::string_view bytes) : bytes_(bytes) {}

  bool whole() const { return ok_ && bytes_.empty(); }

  template <typename T>
  void operator()(T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    ok_ = ok_ && bytes_.size() >= sizeof value;
    if (!ok_) return;
    std::memcpy(&value, bytes_.data(), sizeof value);
    bytes_.remove_prefix(sizeof value);
  }
  void operator()(std::string& text) {
    const size_t size = Size();
    text = bytes_.substr(0, size);
    bytes_.remove_prefix(text.size());
  }
  template <typename T>
  void operator()(std::vector<T>& values) {
    values.resize(Size());
    for (T& value : values) (*this)(value);
  }
  void operator()(std::map<std::string, int64_t>& counts) {
    for (size_t left = Size(); left > 0 && ok_; --left) {
      std::string name;
      (*this)(name);
      (*this)(counts[name]);
    }
  }

 private:
  // Everything takes at least a byte.
  size_t Size() {
    size_t size = 0;
    (*this)(size);
    ok_ = ok_ && size <= bytes_.size();
    return ok_ ? size : 0;
  }

  std::string_view bytes_;
  bool ok_ = true;
};

// Of a Harvest that is constant, or not.
template <typename Way, typename AnyHarvest>
void ForEachMember(Way& way, AnyHarvest& harvest) {
  auto& tally = harvest.tally;
  way(tally.updates);
  way(tally.snapshots);
  way(tally.messages);
  way(tally.bytes);
  way(tally.latency_us);
  way(tally.delivery_us);
  way(tally.slow_updates);
  way(tally.slow_latency_us);
  way(tally.negative_ages);
  way(tally.longest_gap_us);
  way(tally.recording.deliveries.kept);
  way(tally.recording.deliveries.messages);
  way(tally.recording.deliveries.until_us);
  way(tally.recording.sample.names);
  way(tally.recording.sample.opening);
  way(tally.recording.sample.updates);
  way(tally.connect_us);
  way(tally.first_data_us);
  way(tally.errors);
  way(tally.granted_rate);
  way(tally.storm_cut);
  way(tally.storm_complete_us);
  way(tally.storm_last_us);
  way(tally.gap_us);
  auto& check = harvest.check;
  way(check.done);
  way(check.due);
  way(check.received);
  way(check.shares);
  way(check.equal);
  way(check.different);
  way(check.behind);
  way(check.first_difference);
  way(harvest.failed);
  way(harvest.ended_early);
  way(harvest.error);
}

}  // namespace

void Harvest::Merge(const Harvest& other) {
  tally.Merge(other.tally);
  check.Merge(other.check);
  failed += other.failed;
  ended_early = ended_early || other.ended_early;
  if (error.empty()) error = other.error;
}

std::string Pack(const Harvest& harvest) {
  Packer packer;
  ForEachMember(packer, harvest);
  return packer.Take();
}

bool Unpack(std::string_view bytes, Harvest* harvest) {
  Unpacker unpacker(bytes);
  ForEachMember(unpacker, *harvest);
  return unpacker.whole();
}

}  // namespace streamhub::load
