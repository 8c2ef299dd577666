// Layouts as logs describe them, for symbols of a market: what a market is
// given lives as long as it does, which is longer than who reads a log. Any
// thread; control path.

#ifndef STREAMHUB_FEEDS_TICKLOG_LAYOUTS_H_
#define STREAMHUB_FEEDS_TICKLOG_LAYOUTS_H_

#include "gateway/market/layout.h"

namespace streamhub::ticklog {

// Those of all logs of the process: a market of any kind has a few.
inline constexpr int kLayoutsMax = 4096;

// One of these fields that lives for ever. Null: there are kLayoutsMax.
const Layout* LastingLayout(const Layout& layout);

}  // namespace streamhub::ticklog

#endif  // STREAMHUB_FEEDS_TICKLOG_LAYOUTS_H_
