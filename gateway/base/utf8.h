// UTF-8 well-formedness (RFC 3629 section 4), whole or in pieces. Pure.

#ifndef STREAMHUB_GATEWAY_BASE_UTF8_H_
#define STREAMHUB_GATEWAY_BASE_UTF8_H_

#include <cstdint>
#include <string>
#include <string_view>

namespace streamhub {

// Checks text that arrives in pieces and fails at the first bad byte.
class Utf8Checker {
 public:
  // False if a byte cannot be part of well-formed UTF-8; then Reset() before
  // any further use.
  bool Feed(std::string_view bytes);

  // True if what was fed ends at a character's end.
  bool AtBoundary() const { return need_ == 0; }

  void Reset() { *this = Utf8Checker(); }

 private:
  int need_ = 0;                      // continuation bytes still missing
  uint8_t low_ = 0x80, high_ = 0xBF;  // allowed range of the next one
};

inline bool IsValidUtf8(std::string_view text) {
  Utf8Checker checker;
  return checker.Feed(text) && checker.AtBoundary();
}

// What somebody sent, as an answer may repeat it: UTF-8 of at most 64 bytes,
// cut at a character's end; what is not UTF-8 becomes question marks.
std::string ShownText(std::string_view bytes);

// What somebody sent, for a terminal: control characters become question marks,
// so that none of them moves a cursor or paints over what is true.
std::string ForTerminal(std::string_view text);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_BASE_UTF8_H_
