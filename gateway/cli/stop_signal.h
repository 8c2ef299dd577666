// Waits for SIGINT, SIGTERM, or for another thread that says stop. Make one on
// the main thread before any other thread is started: the signals are blocked
// from then on, in all threads that come, and arrive only here. SIGPIPE is
// ignored, as a peer that is gone is an error of a write, and so is SIGXFSZ, a
// file that may not grow further.

#ifndef STREAMHUB_GATEWAY_CLI_STOP_SIGNAL_H_
#define STREAMHUB_GATEWAY_CLI_STOP_SIGNAL_H_

namespace streamhub {

class StopSignal {
 public:
  StopSignal();
  ~StopSignal();

  StopSignal(const StopSignal&) = delete;
  StopSignal& operator=(const StopSignal&) = delete;

  // Any thread: as if a signal had come.
  void Stop();

  // Any thread. Waits for a signal or Stop(), at most `wait_ms_max` (negative:
  // for ever). Whether it came; it stays so.
  bool Wait(int wait_ms_max) const { return WaitWith(-1, 0, wait_ms_max) < 0; }

  // The same, and for the poll(2) `events` of another descriptor, if `fd` is
  // not negative. -1: it is time to stop; 1: `fd` is ready; 0: the time is
  // over.
  int WaitWith(int fd, short events, int wait_ms_max) const;

  // One thread. Takes the signal that came, if one did, so that another can be
  // noticed; it is still time to stop.
  void Take();

  // After Take(): waits for one more signal. Whether it came.
  bool WaitAgain(int wait_ms_max) const;

 private:
  const int signals_;  // a signalfd: not read but by Take(), so a signal stays
  const int stop_;     // an eventfd, likewise
};

// SIGHUP, for a program that is to live on when it comes. Make one on the main
// thread before any other thread is started, as above.
class HangUpSignal {
 public:
  HangUpSignal();
  ~HangUpSignal();

  HangUpSignal(const HangUpSignal&) = delete;
  HangUpSignal& operator=(const HangUpSignal&) = delete;

  // Readable when one came.
  int fd() const { return signals_; }

  // Takes it. True if it came because the terminal of standard error is gone,
  // false if somebody sent it.
  bool TakeTerminalGone() const;

 private:
  const bool had_terminal_;
  const int signals_;
};

}  // namespace streamhub

#endif  // STREAMHUB_GATEWAY_CLI_STOP_SIGNAL_H_
