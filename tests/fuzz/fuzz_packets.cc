// What a capture holds, over any bytes: the ends of its packets are the same in
// pieces of any size; a datagram lies inside its frame, its messages inside of
// it; and what a session's tracker gives out is in order, each number once, and
// with what it reports as lost all there was. No crash.
//
// The first byte chooses: a capture's framing, or frames of a link (each after
// its 16-bit length), or MoldUDP64 packets likewise; the next two the window.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <limits>
#include <span>
#include <vector>

#include "feeds/big_endian.h"
#include "feeds/mold/mold_packet.h"
#include "feeds/mold/session_tracker.h"
#include "feeds/packets/capture_framing.h"
#include "feeds/packets/datagram.h"
#include "gateway/base/check.h"

namespace {

using streamhub::mold::SessionTracker;
using streamhub::packets::CaptureFraming;
using streamhub::packets::Datagram;
using streamhub::packets::Link;
using streamhub::packets::Packet;
using streamhub::packets::Parsed;
using Bytes = std::span<const uint8_t>;

constexpr uint8_t kFraming = 0x10;
constexpr uint8_t kBare = 0x08;
constexpr uint8_t kCutOnWire = 0x20;

bool IsInside(Bytes part, Bytes whole) {
  return part.empty() ||
         (part.data() >= whole.data() &&
          part.data() + part.size() <= whole.data() + whole.size());
}

// The steps, where `piece` bytes more are shown at a time.
std::vector<size_t> StepsOf(Bytes bytes, size_t piece) {
  CaptureFraming framing;
  std::vector<size_t> steps;
  size_t shown = 0;
  while (true) {
    size_t step = 0;
    switch (framing.Find(bytes.first(shown), &step)) {
      case CaptureFraming::Next::kStep:
        STREAMHUB_CHECK(0 < step && step <= shown);
        steps.push_back(step);
        bytes = bytes.subspan(step);
        shown -= step;
        break;
      case CaptureFraming::Next::kNeedMore:
        if (shown == bytes.size()) return steps;
        shown = std::min(shown + piece, bytes.size());
        break;
      case CaptureFraming::Next::kDamaged:
        STREAMHUB_CHECK(!framing.fault().empty());
        STREAMHUB_CHECK(framing.fault_at() <= shown);
        return steps;
    }
  }
}

class Checker {
 public:
  explicit Checker(const SessionTracker::Window& window) : tracker_(window) {}

  void Add(Bytes payload) {
    streamhub::mold::Packet packet;
    const auto parsed = streamhub::mold::Parse(payload, &packet);
    STREAMHUB_CHECK(!streamhub::mold::Describe(parsed, payload).empty());
    if (parsed != streamhub::mold::Parsed::kPacket) return;
    STREAMHUB_CHECK(IsInside(packet.blocks, payload));
    tracker_.Add(packet);
    Drain();
  }

  void Finish() {
    tracker_.Finish();
    Drain();
    // Nothing is held back any more.
    Bytes message;
    STREAMHUB_CHECK(!tracker_.Next(&message));
  }

 private:
  void Drain() {
    Bytes message;
    while (tracker_.Next(&message)) {
      const uint64_t sequence = tracker_.sequence();
      // Of a new session numbers may begin anywhere.
      if (tracker_.counts().sessions == last_session_) {
        STREAMHUB_CHECK(sequence > last_);
      }
      last_session_ = tracker_.counts().sessions;
      last_ = sequence;
      STREAMHUB_CHECK(sequence >= tracker_.first_sequence());
      STREAMHUB_CHECK(tracker_.next_sequence() == sequence + 1);
      for (const uint8_t byte : message) sum_ = sum_ + byte;  // may be read
    }
    const int64_t sessions = tracker_.counts().sessions;
    const auto given = static_cast<uint64_t>(tracker_.counts().messages);
    const uint64_t lost = tracker_.gaps().messages();
    if (sessions == sessions_ && lost != std::numeric_limits<uint64_t>::max()) {
      STREAMHUB_CHECK(tracker_.next_sequence() - next_ ==
                      given - given_ + lost - lost_);
    }
    sessions_ = sessions;
    next_ = tracker_.next_sequence();
    given_ = given;
    lost_ = lost;
  }

  SessionTracker tracker_;
  int64_t last_session_ = 0;  // whose last message was `last_`
  uint64_t last_ = 0;
  int64_t sessions_ = 0;  // and what else there was the time before
  uint64_t next_ = 0;
  uint64_t given_ = 0;
  uint64_t lost_ = 0;
  volatile uint64_t sum_ = 0;
};

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  constexpr size_t kPrefix = 3;
  if (size < kPrefix) return 0;
  const uint8_t mode = data[0];
  Bytes rest(data + kPrefix, size - kPrefix);
  if ((mode & kFraming) != 0) {
    const auto whole = StepsOf(rest, rest.size());
    STREAMHUB_CHECK(whole == StepsOf(rest, 1));
    STREAMHUB_CHECK(whole == StepsOf(rest, size_t{data[1]} + 1));
    return 0;
  }
  const auto link = static_cast<Link>(std::min(mode & 7, 4));
  Checker checker({.packets = data[1], .bytes = size_t{data[2]} * 8});
  while (rest.size() > 2) {
    const size_t want = streamhub::LoadBig16(rest.data());
    const size_t have = std::min(want, rest.size() - 2);
    // A copy: whoever reads past its end, or later, is caught.
    const std::vector<uint8_t> frame(
        rest.begin() + 2, rest.begin() + 2 + static_cast<ptrdiff_t>(have));
    rest = rest.subspan(2 + have);
    if ((mode & kBare) != 0) {
      checker.Add(frame);
      continue;
    }
    const bool cut = (mode & kCutOnWire) != 0;
    const Packet packet{frame, have + (cut ? 1 : 0), 1};
    Datagram datagram;
    const Parsed parsed = ParseDatagram(link, packet, &datagram);
    STREAMHUB_CHECK(parsed != (cut ? Parsed::kBad : Parsed::kCut));
    if (parsed != Parsed::kDatagram) continue;
    STREAMHUB_CHECK(IsInside(datagram.payload, frame));
    checker.Add(datagram.payload);
  }
  checker.Finish();
  return 0;
}
