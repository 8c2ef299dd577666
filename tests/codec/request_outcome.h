// What the tests of request parsing share: what became of a request.

#ifndef STREAMHUB_TESTS_CODEC_REQUEST_OUTCOME_H_
#define STREAMHUB_TESTS_CODEC_REQUEST_OUTCOME_H_

#include <gtest/gtest.h>

#include <string>
#include <string_view>
#include <variant>
#include <vector>

#include "gateway/base/utf8.h"
#include "gateway/codec/request.h"

namespace streamhub {

inline Request Accepted(const ParsedRequest& parsed) {
  if (const auto* error = std::get_if<RequestError>(&parsed)) {
    ADD_FAILURE() << error->code << ": " << error->reason << ": " << error->key;
    return {};
  }
  return std::get<Request>(parsed);
}

inline RequestError Refused(const ParsedRequest& parsed) {
  if (!std::holds_alternative<RequestError>(parsed)) {
    ADD_FAILURE() << "was accepted";
    return {};
  }
  const auto& error = std::get<RequestError>(parsed);
  EXPECT_FALSE(error.reason.empty());
  EXPECT_TRUE(IsValidUtf8(error.key));
  EXPECT_LE(error.key.size(), 64u);
  return error;
}

inline std::vector<std::string> NamesOf(const Request& request) {
  std::vector<std::string> names;
  for (const RequestSymbol& symbol : request.symbols) {
    names.push_back(symbol.name);
  }
  return names;
}

// A list of `count` symbols S0, S1, ...
inline std::string Numbered(size_t count, std::string_view separator,
                            std::string_view quote) {
  std::string list;
  for (size_t i = 0; i < count; ++i) {
    if (i > 0) list += separator;
    list += quote;
    list += "S" + std::to_string(i);
    list += quote;
  }
  return list;
}

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_CODEC_REQUEST_OUTCOME_H_
