// Cuts a byte stream into FIX messages in tag=value encoding. Bytes come in
// pieces of any size: a raw stream without line ends, or a log with anything
// between the messages, such as a time before each. One thread; memory does not
// grow with the input.
//
// By "FIX 4.4", volume 2, "Message Format" and "FIXT 1.1", the same:
// - A message begins with BeginString(8), BodyLength(9) and MsgType(35), in
//   this order, and ends with CheckSum(10). BodyLength counts the bytes from
//   MsgType to the separator before CheckSum. CheckSum is the sum of all bytes
//   up to there, modulo 256, in three digits.
// - Fields are separated by SOH (0x01). Logs show it as '|' often: which one it
//   is, the byte after BeginString says, message by message. The sums are those
//   of the message with SOH. A '|' in a value of such a log cannot be told from
//   a separator. The last one may be missing at the end of a line.
// - What is wrong in any of this is garbled: refused as a whole. The next
//   message is looked for right behind where the refused one began, so that a
//   length which is too big hides none.
//
// Leniency accepts wrong lengths and checksums, as in logs whose names somebody
// made anonymous: such a message ends at its first CheckSum, on its own line
// and before the next message.

#ifndef STREAMHUB_FEEDS_FIX_FRAMING_H_
#define STREAMHUB_FEEDS_FIX_FRAMING_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

namespace streamhub::fix {

inline constexpr char kSoh = '\x01';

// Of a message, all its fields.
inline constexpr size_t kMessageBytesMax = 64 * 1024;

enum class Check { kStrict, kLenient };

enum class Fault {
  kNoLength,     // BodyLength(9) is not the second field, or no number
  kTooLong,      // more than kMessageBytesMax
  kCut,          // the input ends, or another message begins, inside it
  kBadLength,    // BodyLength(9) does not lead to CheckSum(10)
  kBadCheckSum,  // is another than the sum of the bytes
  kNoType,       // MsgType(35) is not the third field
};

// Where in the stream something is.
struct Place {
  uint64_t offset = 0;  // in bytes, from 0
  int64_t line = 1;     // from 1

  friend bool operator==(const Place&, const Place&) = default;
};

struct Frame {
  std::string_view bytes;  // from BeginString to CheckSum and its separator
  char separator = kSoh;
  Place place;
};

class FrameReader {
 public:
  enum class Next {
    kMessage,
    kGarbled,   // see fault() and what(); the next one may be good
    kNeedMore,  // put bytes into Room(), then Filled(); or Finish()
    kEnd,
  };

  explicit FrameReader(Check check = Check::kStrict);

  // Space for the bytes that follow, never empty after kNeedMore. Frames that
  // Read gave out become invalid.
  std::span<uint8_t> Room();

  // The first `bytes` of Room() are there.
  void Filled(size_t bytes) { end_ += bytes; }

  // No bytes will follow.
  void Finish() { finished_ = true; }

  // `*frame` is set with kMessage, and its place with kGarbled.
  Next Read(Frame* frame);

  // Of the message that was garbled.
  Fault fault() const { return fault_; }
  const std::string& what() const { return what_; }

 private:
  // What the first two fields say.
  struct Head {
    char separator = kSoh;
    size_t body = 0;    // where MsgType begins
    size_t length = 0;  // of the body
  };
  enum class Got { kAll, kTooLittle, kWrong };

  static Got ReadHead(std::string_view text, Head* head);
  static bool HasCheckSum(std::string_view text, size_t at);
  static size_t NextBegin(std::string_view text, size_t from);

  std::string_view Left() const {
    return {reinterpret_cast<const char*>(buffer_.data()) + begin_,
            end_ - begin_};
  }
  bool FindBegin();
  Got Measure(const Head& head, size_t* size);
  Got MeasureLeniently(const Head& head, size_t* size);
  Got EndAfter(const Head& head, size_t digits_end, size_t* size) const;
  Got CheckType(const Head& head);
  Got Wrong(Fault fault, std::string what);
  void Skip(size_t bytes);

  const Check check_;
  std::vector<uint8_t> buffer_;
  size_t begin_ = 0;  // of what is not yet given out
  size_t end_ = 0;
  Place place_;        // of begin_
  char before_ = ' ';  // the byte before it
  bool finished_ = false;
  Fault fault_ = Fault::kCut;
  std::string what_;
};

}  // namespace streamhub::fix

#endif  // STREAMHUB_FEEDS_FIX_FRAMING_H_
