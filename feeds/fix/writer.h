// Fields -> the bytes of a FIX message: the inverse of framing.h and fields.h,
// for samples and tests. Any thread.

#ifndef STREAMHUB_FEEDS_FIX_WRITER_H_
#define STREAMHUB_FEEDS_FIX_WRITER_H_

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "feeds/fix/framing.h"

namespace streamhub::fix {

// Tags and values in their order.
using Fields = std::vector<std::pair<int, std::string>>;

// Appends a message of `body`, which begins with MsgType(35): BeginString,
// BodyLength and CheckSum are put around it. The sums are those of the message
// with SOH, whatever the separator.
void AppendMessage(const Fields& body, std::string* out, char separator = kSoh,
                   std::string_view begin_string = "FIX.4.4");

}  // namespace streamhub::fix

#endif  // STREAMHUB_FEEDS_FIX_WRITER_H_
