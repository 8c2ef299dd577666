// Times as people and other programs read them: RFC 3339, in UTC, to the
// nanosecond. Pure; any thread.

#ifndef STREAMHUB_GATEWAY_BASE_UTC_TEXT_H_
#define STREAMHUB_GATEWAY_BASE_UTC_TEXT_H_

#include <cstdint>
#include <string>

namespace streamhub {

// "2024-01-02T14:30:00.123456789Z" of `ns` since 1970 UTC. Always 30 bytes, as
// such times are of the years 1677 to 2262; without an allocation of its own.
void AppendUtc(int64_t ns, std::string* out);

std::string UtcText(int64_t ns);

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_BASE_UTC_TEXT_H_
