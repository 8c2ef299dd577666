// One field of a tick.

#ifndef STREAMHUB_FEEDS_FIELD_VALUE_H_
#define STREAMHUB_FEEDS_FIELD_VALUE_H_

#include <cstdint>

#include "gateway/market/field.h"

namespace streamhub {

struct FieldValue {
  FieldId field;
  int64_t value;  // scaled as the symbol's description says; or kEmpty
};

}  // namespace streamhub

#endif  // STREAMHUB_FEEDS_FIELD_VALUE_H_
