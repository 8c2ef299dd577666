// Structs of messages.h -> BinaryFILE bytes: the inverse of framing.h and
// decoder.h, for samples and tests. Any thread.

#ifndef STREAMHUB_FEEDS_ITCH_WRITER_H_
#define STREAMHUB_FEEDS_ITCH_WRITER_H_

#include <string>

#include "feeds/itch/messages.h"

namespace streamhub::itch {

// Appends the message with its 16-bit length. What a struct leaves out of its
// message is filled with what is usual there.
void Append(const SystemEvent& message, std::string* out);
void Append(const StockDirectory& message, std::string* out);
void Append(const TradingAction& message, std::string* out);
void Append(const AddOrder& message, std::string* out);
void Append(const OrderExecuted& message, std::string* out);
void Append(const OrderExecutedWithPrice& message, std::string* out);
void Append(const OrderCancel& message, std::string* out);
void Append(const OrderDelete& message, std::string* out);
void Append(const OrderReplace& message, std::string* out);
void Append(const Trade& message, std::string* out);
void Append(const CrossTrade& message, std::string* out);
void Append(const BrokenTrade& message, std::string* out);

// Appends the zero length that ends a session.
void AppendEndOfSession(std::string* out);

}  // namespace streamhub::itch

#endif  // STREAMHUB_FEEDS_ITCH_WRITER_H_
