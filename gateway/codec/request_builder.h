// A request in the making: the rules of docs/protocol.md that hold for a JSON
// request and for a query alike. Of use to the parsers only; one per request.
//
// Every step returns false when it refuses; the first refusal is the answer.

#ifndef STREAMHUB_GATEWAY_CODEC_REQUEST_BUILDER_H_
#define STREAMHUB_GATEWAY_CODEC_REQUEST_BUILDER_H_

#include <absl/container/flat_hash_set.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "gateway/codec/request.h"

namespace streamhub {

class RequestBuilder {
 public:
  // The members of a request.
  enum Key : uint16_t {
    kType = 1,
    kId = 2,
    kSymbols = 4,
    kFields = 8,
    kMaxRate = 16,
    kAt = 32,
    kTime = 64,
    kHeldUs = 128,
    kHistory = 256,
    kTopic = 512,
    kData = 1024,
  };

  bool SetId(std::string_view text);
  bool SetId(int64_t number);
  bool SetId(uint64_t number);

  bool SetType(std::string_view name);

  // Notes that the member `name` is there, once, and belongs to the type, which
  // must have been set. *key: which one it is; 0: one to be ignored.
  bool Meet(std::string_view name, uint16_t* key);

  bool AddSymbol(std::string_view text);  // NAME, NAME@VERSION[q]
  bool AddField(std::string_view name);
  bool SetRate(double updates_per_second);
  bool SetUnlimited();
  bool SetHistory(int64_t messages);
  bool SetAt(std::string_view token);
  bool SetTime(int64_t us);    // negative: it was no integer
  bool SetHeldUs(int64_t us);  // likewise
  bool SetTopic(std::string_view name);
  bool SetData(std::string_view json);  // the text of a valid value

  // Refuses. `key` may be any bytes.
  bool Fail(std::string_view code, std::string_view reason,
            std::string_view key);

  // What it has come to: checks what can only be checked at the end.
  ParsedRequest Finish();

 private:
  Request request_;
  RequestError error_;
  bool failed_ = false;
  uint16_t allowed_ = 0;
  uint16_t met_ = 0;
  absl::flat_hash_set<std::string> names_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CODEC_REQUEST_BUILDER_H_
