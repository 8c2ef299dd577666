// JSON text (RFC 8259) that a parser has found to be valid, taken apart into
// the text of its parts: what a client publishes is passed on as it was
// written, numbers to their last digit. Pure; any thread.
//
// Of text that is not valid JSON the parts are some of its bytes.

#ifndef STREAMHUB_GATEWAY_CODEC_RAW_JSON_H_
#define STREAMHUB_GATEWAY_CODEC_RAW_JSON_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace streamhub {

// The parts of one array or object, in order: its elements, or the values of
// its members.
class RawParts {
 public:
  explicit RawParts(std::string_view container);

  // The `index`-th one; empty if there are fewer. `index` must not fall from
  // call to call: the text is read once.
  std::string_view At(size_t index);

 private:
  bool Next();

  std::string_view rest_;
  bool object_;
  size_t read_ = 0;  // parts so far; the last one is part_
  std::string_view part_;
};

// Appends `value` without the blanks between its tokens. Returns how deep it
// nests: 0 for what is neither an object nor an array.
size_t AppendMinified(std::string_view value, std::string* out);

// Whether an object of text without blanks has a member `__proto__`, however it
// is written. As JSON that is a name like others, but a script that the text is
// put into gives the object another prototype (ECMA-262, B.3.1).
bool HasPrototypeMember(std::string_view minified);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CODEC_RAW_JSON_H_
