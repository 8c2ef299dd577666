// What an HTTP request asks of a stream that goes one way: subscribe requests,
// in the query of a GET or as the body of a POST. Pure; any thread.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_SUBSCRIBE_REQUESTS_H_
#define STREAMHUB_GATEWAY_TRANSPORT_SUBSCRIBE_REQUESTS_H_

#include <string_view>
#include <vector>

#include "gateway/codec/request.h"

namespace streamhub {

// One request.
std::vector<ParsedRequest> RequestsOfQuery(std::string_view query);

// One or more. What is no subscribe is refused. A POST has nothing in its
// query.
std::vector<ParsedRequest> RequestsOfBody(std::string_view query,
                                          std::string_view body);

// The first error if there is nothing else; else null.
const RequestError* ErrorIfAllFaulty(
    const std::vector<ParsedRequest>& requests);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_SUBSCRIBE_REQUESTS_H_
