#include "gateway/transport/subscribe_requests.h"

#include <algorithm>
#include <string>
#include <variant>

#include "gateway/base/utf8.h"
#include "gateway/codec/query_string.h"

namespace streamhub {

std::vector<ParsedRequest> RequestsOfQuery(std::string_view query) {
  std::vector<ParsedRequest> requests;
  requests.push_back(ParseQuery(query));
  return requests;
}

std::vector<ParsedRequest> RequestsOfBody(std::string_view query,
                                          std::string_view body,
                                          Request::Type only) {
  std::vector<QueryParameter> parameters;
  std::string bad;
  if (!SplitQuery(query, &parameters, &bad)) {
    return {RequestError{"", "bad_request", "% not followed by two hex digits",
                         ShownText(bad)}};
  }
  for (const auto& [name, value] : parameters) {
    if (name.starts_with('_')) continue;
    return {RequestError{"", "bad_request",
                         "the request is the body, not the query",
                         ShownText(name)}};
  }
  std::vector<ParsedRequest> requests = ParseRequests(body);
  for (ParsedRequest& parsed : requests) {
    const auto* const request = std::get_if<Request>(&parsed);
    if (request == nullptr || request->type == only) {
      continue;
    }
    parsed = RequestError{request->id, "bad_request",
                          only == Request::Type::kPublish
                              ? "only publish can be asked for here"
                              : "only subscribe can be asked for here",
                          "type"};
  }
  return requests;
}

const RequestError* ErrorIfAllFaulty(
    const std::vector<ParsedRequest>& requests) {
  const bool all = std::all_of(
      requests.begin(), requests.end(), [](const ParsedRequest& parsed) {
        return std::holds_alternative<RequestError>(parsed);
      });
  return all ? &std::get<RequestError>(requests.front()) : nullptr;
}

}  // namespace streamhub
