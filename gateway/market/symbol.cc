#include "gateway/market/symbol.h"

#include "gateway/base/utf8.h"

namespace streamhub {

bool IsValidSymbol(std::string_view code) {
  if (code.empty() || code.size() > 64) return false;
  for (const char c : code) {
    const auto byte = static_cast<unsigned char>(c);
    if (byte < 0x20 || byte == 0x7F || c == ',' || c == '@') return false;
  }
  if (!IsValidUtf8(code)) return false;
  // U+0080 to U+009F are control characters, too.
  for (size_t i = code.find('\xC2'); i != code.npos;
       i = code.find('\xC2', i + 1)) {
    if (static_cast<unsigned char>(code[i + 1]) < 0xA0) return false;
  }
  return true;
}

}  // namespace streamhub
