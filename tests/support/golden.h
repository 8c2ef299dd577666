// Golden facts: what files beside recordings state of them, as JSON. Read like
// simdjson's elements, and each leaf that a test reads is noted: it counts as a
// checked fact, and as a wrong one if an expectation fails before the next leaf
// is read. At the end of the program all leaves of all files that were looked
// at are appended to the file that STREAMHUB_GOLDEN_TABLE names, if it does,
// for tests/golden/table.sh: FILE, PATH, and right, wrong or unread, with tabs
// between. One thread.

#ifndef STREAMHUB_TESTS_SUPPORT_GOLDEN_H_
#define STREAMHUB_TESTS_SUPPORT_GOLDEN_H_

#include <simdjson.h>

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace streamhub::golden {

// A fact that was compared otherwise: `path` as leaves have it, "a.b[3]", or
// any name.
void Note(const std::string& file, const std::string& path, bool right);

class element {
 public:
  element() = default;
  element(simdjson::simdjson_result<simdjson::dom::element> value,
          std::string file, std::string path);

  // A member of an object, an item of an array. What is missing throws when it
  // is read.
  element operator[](std::string_view name) const;
  element operator[](const char* name) const {
    return (*this)[std::string_view(name)];
  }
  element at(size_t index) const;

  // Throw simdjson_error if it is something else.
  operator int64_t() const { return Read<int64_t>(); }
  operator uint64_t() const { return Read<uint64_t>(); }
  operator double() const { return Read<double>(); }
  operator bool() const { return Read<bool>(); }
  operator std::string_view() const { return Read<std::string_view>(); }

  template <typename T>
  simdjson::error_code get(T& out) const {
    Seen();
    return value_.get(out);
  }
  simdjson::error_code get(element& out) const {
    out = *this;
    return value_.error();
  }
  bool is_null() const;

  // An array's items.
  const element* begin() const;
  const element* end() const { return begin() + items_.size(); }

  // What it says, without being noted.
  simdjson::dom::element raw() const {
    auto value = value_;
    return value.value();
  }

  // The same facts of another file, which holds the same.
  element As(const std::string& file) const;

  const std::string& file() const { return file_; }
  const std::string& path() const { return path_; }

 private:
  template <typename T>
  T Read() const {
    Seen();
    return T(raw());
  }
  void Seen() const;

  simdjson::simdjson_result<simdjson::dom::element> value_ =
      simdjson::UNINITIALIZED;
  std::string file_;  // empty: above the files
  std::string path_;
  mutable std::vector<element> items_;  // filled by begin()
};

class array {
 public:
  array(const element& of) : of_(of) {}
  size_t size() const { return static_cast<size_t>(end() - begin()); }
  const element* begin() const { return of_.begin(); }
  const element* end() const { return of_.end(); }

 private:
  element of_;
};

class object {
 public:
  struct Member {
    std::string_view key;
    element value;
  };

  object(const element& of);
  size_t size() const { return members_.size(); }
  const Member* begin() const { return members_.data(); }
  const Member* end() const { return members_.data() + members_.size(); }

 private:
  std::vector<Member> members_;
};

// What a file of facts states: its member "files". It is kept for ever.
element LoadFiles(const std::string& path);

}  // namespace streamhub::golden

#endif  // STREAMHUB_TESTS_SUPPORT_GOLDEN_H_
