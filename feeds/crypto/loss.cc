#include "feeds/crypto/loss.h"

#include <absl/strings/str_cat.h>

#include "feeds/level_book.h"

namespace streamhub::crypto {

std::string Describe(const Loss& loss) {
  switch (loss.kind) {
    case Loss::Kind::kUpdates:
      return absl::StrCat(loss.symbol, ": updates ", loss.first, " to ",
                          loss.last, " of its book are missing");
    case Loss::Kind::kTrades:
      return absl::StrCat(loss.symbol, ": trades ", loss.first, " to ",
                          loss.last, " are missing");
    case Loss::Kind::kChecksum:
      return absl::StrCat(loss.symbol, ": its book has the checksum ",
                          loss.last, ", the venue's ", loss.first);
    case Loss::Kind::kTooDeep:
      break;
  }
  return absl::StrCat(loss.symbol, ": its book has more than ",
                      LevelSide::kLevelsMax, " levels a side");
}

}  // namespace streamhub::crypto
