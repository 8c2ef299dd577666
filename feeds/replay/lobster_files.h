// The two files of a LOBSTER day, which belong together and are told apart by
// their names:
//
//   AAPL_2012-06-21_34200000_57600000_message_10.csv     (or .csv.gz, ...)
//   AAPL_2012-06-21_34200000_57600000_orderbook_10.csv
//
// Control path.

#ifndef STREAMHUB_FEEDS_REPLAY_LOBSTER_FILES_H_
#define STREAMHUB_FEEDS_REPLAY_LOBSTER_FILES_H_

#include <absl/status/status.h>

#include <optional>
#include <string>

namespace streamhub {

struct LobsterFiles {
  std::string message;
  std::string orderbook;
  std::string symbol;  // what stands before the date, else what the name begins
};

// Of either of the two; nullopt: `path` is called otherwise. Opens nothing.
std::optional<LobsterFiles> FindLobster(const std::string& path);

// Whether both begin as such files do. DataLoss, with the file's name, if not.
absl::Status CheckLobster(const LobsterFiles& files);

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_REPLAY_LOBSTER_FILES_H_
