// The query of a URL (RFC 3986 section 3.4) as NAME=VALUE pairs joined by '&'.
// Pure; any thread.

#ifndef STREAMHUB_GATEWAY_CODEC_QUERY_STRING_H_
#define STREAMHUB_GATEWAY_CODEC_QUERY_STRING_H_

#include <string>
#include <string_view>
#include <vector>

namespace streamhub {

struct QueryParameter {
  std::string name, value;  // percent-decoded; a '+' is a plus
};

// False if a '%' is not followed by two hex digits; `*bad` is the name, as
// written, of the parameter at fault.
bool SplitQuery(std::string_view query, std::vector<QueryParameter>* parameters,
                std::string* bad);

// Takes the parameters of that name out of `*query`, which is left without
// them, and returns their values. What cannot be decoded stays.
std::vector<std::string> TakeParameters(std::string_view name,
                                        std::string* query);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CODEC_QUERY_STRING_H_
