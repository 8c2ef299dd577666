#include "feeds/fix/fields.h"

namespace streamhub::fix {
namespace {

constexpr size_t kTagDigitsMax = 9;
constexpr size_t kCountDigitsMax = 18;

bool IsDigit(char c) { return '0' <= c && c <= '9'; }

}  // namespace

int DataTagOf(int length_tag) {
  switch (length_tag) {
    case 93:  // Signature
      return 89;
    case 621:  // EncodedLegSecurityDesc
      return 622;
    case 1525:  // EncodedDocumentationText
      return 1527;
    // The data's tag is the next one: SecureData, RawData, XmlData, all that
    // is "Encoded", SecurityXML and the passwords.
    case 90:
    case 95:
    case 212:
    case 348:
    case 350:
    case 352:
    case 354:
    case 356:
    case 358:
    case 360:
    case 362:
    case 364:
    case 445:
    case 618:
    case 1184:
    case 1277:
    case 1280:
    case 1282:
    case 1397:
    case 1401:
    case 1403:
    case 1468:
    case 1578:
      return length_tag + 1;
    default:
      return 0;
  }
}

bool ParseCount(std::string_view text, uint64_t* count) {
  if (text.empty() || text.size() > kCountDigitsMax) return false;
  uint64_t value = 0;
  for (const char c : text) {
    if (!IsDigit(c)) return false;
    value = value * 10 + static_cast<uint64_t>(c - '0');
  }
  *count = value;
  return true;
}

FieldReader::Next FieldReader::Read(Field* field) {
  if (!what_.empty()) return Next::kBad;
  if (left_.empty()) return Next::kEnd;
  size_t at = 0;
  int tag = 0;
  while (at < left_.size() && at < kTagDigitsMax && IsDigit(left_[at])) {
    tag = tag * 10 + (left_[at++] - '0');
  }
  if (tag == 0 || at == left_.size() || left_[at] != '=') {
    return Bad("a field without a tag");
  }
  left_.remove_prefix(at + 1);
  size_t bytes = left_.find(separator_);
  if (data_tag_ == tag) {
    if (data_bytes_ > left_.size()) return Bad("data longer than its message");
    bytes = data_bytes_;
    if (bytes < left_.size() && left_[bytes] != separator_) {
      return Bad("data of another length than is said before it");
    }
  }
  data_tag_ = 0;
  // Only the last one may lack its separator.
  if (bytes > left_.size()) bytes = left_.size();
  if (bytes == 0) return Bad("a field without a value");
  field->tag = tag;
  field->value = left_.substr(0, bytes);
  left_.remove_prefix(bytes);
  if (!left_.empty()) left_.remove_prefix(1);
  if (const int data = DataTagOf(tag); data != 0) {
    if (!ParseCount(field->value, &data_bytes_)) {
      return Bad("a length of data that is no number");
    }
    data_tag_ = data;
  }
  return Next::kField;
}

FieldReader::Next FieldReader::Bad(std::string_view what) {
  what_ = what;
  return Next::kBad;
}

}  // namespace streamhub::fix
