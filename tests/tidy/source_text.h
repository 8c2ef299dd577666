// A file of the tree as the rules of the house see it. Pure: reads no files.

#ifndef STREAMHUB_TESTS_TIDY_SOURCE_TEXT_H_
#define STREAMHUB_TESTS_TIDY_SOURCE_TEXT_H_

#include <string>
#include <string_view>
#include <vector>

namespace streamhub::tidy {

struct SourceFile {
  std::string path;  // from the root of the tree: "gateway/base/clock.h"
  std::string text;

  bool IsHeader() const { return path.ends_with(".h"); }
  bool IsCpp() const { return IsHeader() || path.ends_with(".cc"); }
  bool IsIn(std::string_view folder) const;  // "gateway/base", or a file
};

// The lines of `text` without their ends. Empty text has none.
std::vector<std::string_view> Lines(std::string_view text);

// C++ `text` with a blank in place of every character of a comment or inside
// a literal, so that words found in the rest are code. Ends of line stay.
std::string CodeOnly(std::string_view text);

}  // namespace streamhub::tidy

#endif  // STREAMHUB_TESTS_TIDY_SOURCE_TEXT_H_
