// Appends the members of a JSON object to a text. Pure; any thread.

#ifndef STREAMHUB_BENCH_LOAD_JSON_OBJECT_H_
#define STREAMHUB_BENCH_LOAD_JSON_OBJECT_H_

#include <absl/strings/str_cat.h>
#include <absl/strings/str_format.h>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "gateway/base/histogram.h"
#include "gateway/codec/json.h"

namespace streamhub::load {

class JsonObject {
 public:
  explicit JsonObject(std::string* out) : out_(out) { *out_ += '{'; }
  void End() { *out_ += '}'; }

  void Add(const char* key, int64_t value) {
    Key(key);
    absl::StrAppend(out_, value);
  }
  void Add(const char* key, double value) {
    Key(key);
    absl::StrAppendFormat(out_, "%.6g", value);
  }
  // Null for what is not known.
  template <typename T>
  void Add(const char* key, std::optional<T> value) {
    if (value.has_value()) return Add(key, *value);
    Key(key);
    *out_ += "null";
  }
  void Add(const char* key, bool value) {
    Key(key);
    *out_ += value ? "true" : "false";
  }
  void Add(const char* key, const std::string& value) {
    Key(key);
    AppendString(value, out_);
  }
  void Add(const char* key, const std::vector<std::string>& values) {
    Key(key);
    *out_ += '[';
    for (const std::string& value : values) {
      if (out_->back() != '[') *out_ += ',';
      AppendString(value, out_);
    }
    *out_ += ']';
  }
  void Add(const char* key, const Histogram& histogram) {
    JsonObject inner = Inner(key);
    inner.Add("count", histogram.count());
    if (histogram.count() == 0) {
      for (const char* name : {"mean", "p50", "p90", "p99", "p99_9", "max"}) {
        inner.Add(name, std::optional<double>());
      }
      return inner.End();
    }
    inner.Add("mean", histogram.Mean());
    inner.Add("p50", histogram.Percentile(50));
    inner.Add("p90", histogram.Percentile(90));
    inner.Add("p99", histogram.Percentile(99));
    inner.Add("p99_9", histogram.Percentile(99.9));
    inner.Add("max", histogram.max());
    inner.End();
  }
  JsonObject Inner(const char* key) {
    Key(key);
    return JsonObject(out_);
  }

  // An array of objects: Begin, then for each Item() and its End(), End.
  void BeginArray(const char* key) {
    Key(key);
    *out_ += '[';
  }
  JsonObject Item() {
    if (out_->back() != '[') *out_ += ',';
    return JsonObject(out_);
  }
  void EndArray() { *out_ += ']'; }

 private:
  void Key(std::string_view key) {
    if (out_->back() != '{') *out_ += ',';
    AppendString(key, out_);
    *out_ += ':';
  }

  std::string* const out_;
};

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_JSON_OBJECT_H_
