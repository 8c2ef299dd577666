// Makes MoldUDP64 packets and SoupBinTCP streams for tests: what a server
// sends.

#ifndef STREAMHUB_TESTS_SUPPORT_MOLD_WRITER_H_
#define STREAMHUB_TESTS_SUPPORT_MOLD_WRITER_H_

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace streamhub {

// MoldUDP64. `session` is padded to its ten characters.
std::string MakeMold(std::string_view session, uint64_t sequence,
                     const std::vector<std::string>& messages);
std::string MakeMoldHeartbeat(std::string_view session, uint64_t next);
std::string MakeMoldEnd(std::string_view session, uint64_t next);

// SoupBinTCP.
std::string MakeSoup(char type, std::string_view payload = "");
std::string MakeSoupLogin(std::string_view session, uint64_t next);

// The messages of a BinaryFILE, each without its length.
std::vector<std::string> MessagesOf(std::string_view binary_file);

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_SUPPORT_MOLD_WRITER_H_
