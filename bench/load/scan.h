// Finds in the messages of a gateway what a load test needs, by looking for the
// keys where the gateway's own encoder puts them: no tree is built and nothing
// is copied. It is not a JSON parser; text of anybody else is refused or read
// wrongly, never beyond its end. Pure; any thread.

#ifndef STREAMHUB_BENCH_LOAD_SCAN_H_
#define STREAMHUB_BENCH_LOAD_SCAN_H_

#include <cstdint>
#include <string_view>

namespace streamhub::load {

enum class ObjectType : uint8_t {
  kHello,
  kAck,
  kUpdate,
  kSynced,
  kHeartbeat,
  kClosing,
  kError,
  kOther,  // of a type that means nothing here
  kBad,    // no object of a gateway
};

struct Object {
  ObjectType type = ObjectType::kBad;
  std::string_view text;  // all of it
};

// Takes the next line off `*message`, without its end; lines without anything
// are left out. False at the end.
bool NextObject(std::string_view* message, Object* object);

// The integer or the text (as it is written, escapes and all) of the first
// member `key` in `object`; -1 or empty if there is none.
int64_t IntegerOf(std::string_view object, std::string_view key);
std::string_view TextOf(std::string_view object, std::string_view key);

// One member of a `quotes` object.
struct Quote {
  std::string_view name;  // as it is written between its quotes
  int64_t version = 0;
  int64_t ticks = 0;        // n
  int64_t received_us = 0;  // t
  bool snapshot = false;
  int quiet = -1;           // what it says of it; -1: nothing
  std::string_view fields;  // "bid":1.2,"ask":null
};

// Goes through the `quotes` object of an update, or of a reply of /v1/quotes.
class QuoteScanner {
 public:
  explicit QuoteScanner(std::string_view object);

  // False at the end, and where the text is not a gateway's: see ok().
  bool Next(Quote* quote);

  bool ok() const { return ok_; }

 private:
  bool Fail();

  std::string_view rest_;
  bool ok_ = true;
};

// Goes through the `symbols` object of an ack, or of a reply of /v1/symbols.
class SymbolScanner {
 public:
  explicit SymbolScanner(std::string_view object);

  // False at the end, and where the text is not a gateway's: see ok().
  bool Next(std::string_view* name, std::string_view* description);

  bool ok() const { return ok_; }

 private:
  std::string_view rest_;
  bool ok_ = true;
};

// Takes the next `"name":value` off `*fields`, the value as it is written.
bool NextField(std::string_view* fields, std::string_view* name,
               std::string_view* value);

}  // namespace streamhub::load

#endif  // STREAMHUB_BENCH_LOAD_SCAN_H_
