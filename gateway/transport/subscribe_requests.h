// What an HTTP request asks: subscribe requests of a stream that goes one way,
// in the query of a GET or as the body of a POST, or messages to be published.
// Pure; any thread.

#ifndef STREAMHUB_GATEWAY_TRANSPORT_SUBSCRIBE_REQUESTS_H_
#define STREAMHUB_GATEWAY_TRANSPORT_SUBSCRIBE_REQUESTS_H_

#include <string_view>
#include <vector>

#include "gateway/codec/request.h"

namespace streamhub {

// One request.
std::vector<ParsedRequest> RequestsOfQuery(std::string_view query);

// One or more. What is not of the type `only`, subscribe or publish, is
// refused. A POST has nothing in its query.
std::vector<ParsedRequest> RequestsOfBody(
    std::string_view query, std::string_view body,
    Request::Type only = Request::Type::kSubscribe);

// The first error if there is nothing else; else null.
const RequestError* ErrorIfAllFaulty(
    const std::vector<ParsedRequest>& requests);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_TRANSPORT_SUBSCRIBE_REQUESTS_H_
