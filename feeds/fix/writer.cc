#include "feeds/fix/writer.h"

#include <absl/strings/str_cat.h>

#include <cstdint>

#include "gateway/base/strings.h"

namespace streamhub::fix {

void AppendMessage(const Fields& body, std::string* out, char separator,
                   std::string_view begin_string) {
  const std::string end(1, separator);
  std::string fields;
  for (const auto& [tag, value] : body) {
    absl::StrAppend(&fields, tag, "=", value, end);
  }
  const std::string message = absl::StrCat("8=", ToAbsl(begin_string), end,
                                           "9=", fields.size(), end, fields);
  uint32_t sum = 0;
  for (const char c : message) {
    sum += static_cast<uint8_t>(c == separator ? kSoh : c);
  }
  sum %= 256;
  absl::StrAppend(out, message, "10=", sum / 100, sum / 10 % 10, sum % 10, end);
}

}  // namespace streamhub::fix
