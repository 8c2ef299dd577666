// The fields of one FIX message, one after the other. Pure: never reads outside
// of the bytes it is given, whatever they are. One thread.
//
// By "FIX 4.4", volume 1, "FIX Message Format and Delivery": a field is
// TAG=VALUE and a separator. A tag is a positive number, a value has at least
// one byte. Before a field of data, which may have separators in it, stands
// one with its length.

#ifndef STREAMHUB_FEEDS_FIX_FIELDS_H_
#define STREAMHUB_FEEDS_FIX_FIELDS_H_

#include <cstddef>
#include <cstdint>
#include <string_view>

namespace streamhub::fix {

struct Field {
  int tag = 0;
  std::string_view value;
};

// The tag of the data whose length `length_tag` tells; 0: it tells none.
int DataTagOf(int length_tag);

// False unless all of `text` is digits, 18 at most.
bool ParseCount(std::string_view text, uint64_t* count);

class FieldReader {
 public:
  // `message`: from BeginString to CheckSum, as in framing.h.
  FieldReader(std::string_view message, char separator)
      : left_(message), separator_(separator) {}

  enum class Next {
    kField,
    kEnd,
    kBad,  // see what(); nothing more will come
  };

  Next Read(Field* field);

  // Of what is bad, a constant.
  std::string_view what() const { return what_; }

 private:
  Next Bad(std::string_view what);

  std::string_view left_;
  const char separator_;
  int data_tag_ = 0;  // of the field that follows, if it is data
  uint64_t data_bytes_ = 0;
  std::string_view what_;
};

}  // namespace streamhub::fix

#endif  // STREAMHUB_FEEDS_FIX_FIELDS_H_
