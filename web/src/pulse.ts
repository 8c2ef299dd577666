// Do messages come when they are sent? A proxy that gathers a response hands
// them over in bursts: heartbeats that were sent seconds apart come at once.

/** What comes within so long came at once. */
const onceMs = 100;
/** One burst is a hiccup of the network, or of this page. */
const burstsMax = 3;

export class Pulse {
  #beganAt = -Infinity;
  #firstMs = 0;
  #burst = false;
  #bursts = 0;

  /** Messages sent `spreadMs` apart that come at once were held back. */
  constructor(private readonly spreadMs: number) {}

  /** A message sent at `timeMs` came at `nowMs`. Are they held back? */
  heldBack(timeMs: number, nowMs: number): boolean {
    if (nowMs - this.#beganAt > onceMs) {
      if (!this.#burst) this.#bursts = 0;
      this.#beganAt = nowMs;
      this.#firstMs = timeMs;
      this.#burst = false;
    } else if (!this.#burst && timeMs - this.#firstMs >= this.spreadMs) {
      this.#burst = true;
      ++this.#bursts;
    }
    return this.#bursts >= burstsMax;
  }
}
