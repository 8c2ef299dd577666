#include "gateway/market/symbol.h"

#include "gateway/base/utf8.h"

namespace streamhub {

bool IsValidSymbol(std::string_view code) {
  if (code.empty() || code.size() > 64) return false;
  for (const char c : code) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || c == ',' || c == '@') return false;
  }
  return IsValidUtf8(code);
}

}  // namespace streamhub
