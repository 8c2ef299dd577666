// A line of a CSV file to its fields (RFC 4180, with the line as the largest
// unit: a quoted field does not go on in the next line, so that a lost quote
// damages its own line only). Pure, one thread.

#ifndef STREAMHUB_FEEDS_CSV_FIELDS_H_
#define STREAMHUB_FEEDS_CSV_FIELDS_H_

#include <array>
#include <cstddef>
#include <span>
#include <string>
#include <string_view>

namespace streamhub::csv {

inline constexpr size_t kFieldsMax = 256;

// What a file says, in quotes and fit for a log: its first 40 bytes.
std::string QuotedText(std::string_view text);

class FieldSplitter {
 public:
  // Null if it went well; else what is wrong with the line. Blanks around a
  // field and the quotes around it are no part of it, and "" within quotes is
  // one. Fields are separated by commas.
  const char* Split(std::string_view line);

  // Of the last line that went well. They point into it or into this.
  std::span<const std::string_view> fields() const {
    return {fields_.data(), count_};
  }

 private:
  // Each takes one field off the front of `*left`, up to its comma.
  const char* TakeQuoted(std::string_view* left);
  void TakeBare(std::string_view* left);

  std::array<std::string_view, kFieldsMax> fields_;
  size_t count_ = 0;
  std::string unquoted_;  // fields that had "" in them
};

}  // namespace streamhub::csv

#endif  // STREAMHUB_FEEDS_CSV_FIELDS_H_
