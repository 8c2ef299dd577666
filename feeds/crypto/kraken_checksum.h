// The checksum that Kraken sends with each update of a book ("WebSockets API
// v1", "Book checksum"): CRC-32 (IEEE 802.3) over the ten best asks, then the
// ten best bids, best first, each as price and volume with as many decimals as
// the venue wrote, without the point and without noughts in front. Pure.

#ifndef STREAMHUB_FEEDS_CRYPTO_KRAKEN_CHECKSUM_H_
#define STREAMHUB_FEEDS_CRYPTO_KRAKEN_CHECKSUM_H_

#include <cstdint>

#include "feeds/level_book.h"

namespace streamhub::crypto {

// The decimals are those by which the book is scaled, 0 to kDecimalsMax.
uint32_t KrakenChecksum(const LevelBook& book, int price_decimals,
                        int size_decimals);

}  // namespace streamhub::crypto

#endif  // STREAMHUB_FEEDS_CRYPTO_KRAKEN_CHECKSUM_H_
