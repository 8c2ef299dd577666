// The packets of a MoldUDP64 session, as they come -> its messages, each once
// and in the order of their numbers. One thread; pure.
//
// - What came before is left out, and the packet counted as a duplicate.
// - A packet that comes too early is held until those before it are there, or
//   the window is exceeded: then what is missing is given up, and reported as
//   a gap. So is what a heartbeat or the end of the session says was sent.
// - What comes after it was given up cannot be put in order any more: the
//   packet is counted as late.
// - The name of another session ends the one before, as Finish() does, and
//   begins anew. A session whose first packet begins no farther than a window
//   of packets after message 1 has lost what is before it; one that begins
//   later was joined late, and has not (see first_sequence()).
//
// Nothing is copied of a packet that comes in order. Steady state without
// allocation.

#ifndef STREAMHUB_FEEDS_MOLD_SESSION_TRACKER_H_
#define STREAMHUB_FEEDS_MOLD_SESSION_TRACKER_H_

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "feeds/gap_list.h"
#include "feeds/mold/mold_packet.h"

namespace streamhub::mold {

class SessionTracker {
 public:
  // How long a missing message is waited for.
  struct Window {
    // Given up when so many packets came since it was known to be missing.
    size_t packets = 64;
    // Given up when more than so many bytes of later messages are held.
    size_t bytes = 1 << 20;
  };

  struct Counts {
    int64_t packets = 0;
    int64_t heartbeats = 0;
    int64_t ends_of_session = 0;
    int64_t sessions = 0;
    int64_t messages = 0;    // given out
    int64_t reordered = 0;   // packets that brought something and came after
                             // a packet that follows them
    int64_t duplicates = 0;  // packets that brought nothing
    int64_t late = 0;        // likewise; what they had was given up, or is
                             // from before we joined

    friend bool operator==(const Counts&, const Counts&) = default;
  };

  SessionTracker() : SessionTracker(Window()) {}
  explicit SessionTracker(const Window& window) : window_(window) {}

  // The next packet. Its bytes stay where they are until Next() says false,
  // which it did before.
  void Add(const Packet& packet);

  // No packet follows: nothing is waited for any more.
  void Finish() { finishing_ = true; }

  // The next message, good until the next Add(). False: none is due.
  bool Next(std::span<const uint8_t>* message);

  // Number of the last message that Next() gave out.
  uint64_t sequence() const { return sequence_; }

  // The number that is wanted next; all before it are given out or given up.
  uint64_t next_sequence() const { return next_; }

  // Where a session would begin for us whose first packet has that number.
  uint64_t FirstOf(uint64_t sequence) const {
    // Its first packets may have been lost, or be still on their way.
    const bool from_start = sequence <= 1 + window_.packets;
    return from_start && sequence > 1 ? 1 : sequence;
  }

  // Where the session began for us.
  uint64_t first_sequence() const { return first_; }

  // False before the first packet.
  bool in_session() const { return counts_.sessions > 0; }
  const Session& session() const { return session_; }

  // The end of this session was announced.
  bool ended() const { return ended_; }

  const Counts& counts() const { return counts_; }

  // Of all sessions.
  const GapList& gaps() const { return gaps_; }

 private:
  struct Held {
    uint64_t sequence = 0;
    uint64_t end = 0;      // of its messages
    uint64_t arrival = 0;  // what heard_ was; 0: the slot is free
    std::vector<uint8_t> blocks;
  };
  struct Arrival {
    uint64_t arrival;
    uint32_t slot;
  };

  void Begin(const Packet& packet);
  void Take(const Packet& packet);
  void Announce(uint64_t next);
  bool Hold(const Packet& packet, uint64_t end);
  void Open(uint64_t sequence, std::span<const uint8_t> blocks);
  bool OpenNext();
  void OpenHeld();
  void ForgetArrivals();
  bool Overdue() const;
  bool GiveUp();

  const Window window_;
  Session session_ = {};
  uint64_t first_ = 0;
  uint64_t next_ = 0;
  uint64_t sequence_ = 0;
  uint64_t highest_ = 0;  // end of all that the packets so far tell of
  uint64_t heard_ = 0;    // packets, of all sessions
  bool ended_ = false;

  // What a heartbeat says comes next, and what heard_ was when it was ahead of
  // next_.
  uint64_t announced_ = 0;
  uint64_t announced_at_ = 0;

  Messages messages_;     // of the packet that is being given out
  uint64_t reading_ = 0;  // number of the next of them

  std::vector<Held> slots_;
  std::vector<uint32_t> free_;   // slots
  std::vector<uint32_t> order_;  // slots in use, by their first number
  // In the order of their coming, the first that is held first; of slots that
  // are not any more there may be some.
  std::vector<Arrival> arrivals_;
  size_t arrivals_begin_ = 0;
  size_t held_bytes_ = 0;

  bool finishing_ = false;     // nothing of this session is waited for
  bool has_incoming_ = false;  // the first packet of another session
  Packet incoming_;

  Counts counts_;
  GapList gaps_;
};

}  // namespace streamhub::mold

#endif  // STREAMHUB_FEEDS_MOLD_SESSION_TRACKER_H_
