// The server's clock as a client keeps it, and the answer to the question that
// decides whether any price may be shown as live: was the newest server time
// that we hold sent recently?
//
// The clock is the newest server `time` carried on by the local monotonic
// clock. Of all messages the one with the least delay sets it, so a message
// that a network held back is seen to be old although it has just arrived.

/** No server time for this many heartbeats, and everything is stale. */
const staleHeartbeats = 2.5;
/** How fast the clock forgives: two clocks drift apart, and servers slew. */
const driftPerMs = 500e-6;

export interface LocalClock {
  /** Monotonic milliseconds. */
  monotonic(): number;
  /** Milliseconds since 1970; goes on while a machine sleeps. */
  wall(): number;
}

export interface Newest {
  readonly timeUs: number;
  readonly heldUs: number;
}

const systemClock: LocalClock = {
  monotonic: () => performance.now(),
  wall: () => Date.now(),
};

export class ServerClock {
  #heartbeatMs = 2000;
  #offsetMs = -Infinity;  // Server minus monotonic, at #offsetAt.
  #offsetAt = 0;
  #newestMs = -Infinity;
  #newestAt = 0;  // When that came, monotonic.
  #wallOffsetMs: number;

  constructor(private readonly local: LocalClock = systemClock) {
    this.#wallOffsetMs = local.wall() - local.monotonic();
  }

  /** Without a server time for longer than this, everything is stale. */
  get thresholdMs(): number {
    return staleHeartbeats * this.#heartbeatMs;
  }

  /** The connection is gone. The time goes on, but nothing is fresh. */
  lose(): void {
    this.#newestMs = -Infinity;
  }

  /** A connection said hello. Its server may keep another time. */
  restart(timeUs: number, heartbeatMs: number): void {
    this.#offsetMs = this.#newestMs = -Infinity;
    if (heartbeatMs > 0) this.#heartbeatMs = heartbeatMs;
    this.observe(timeUs);
  }

  /** Takes the `time` of a message, microseconds since 1970. */
  observe(timeUs: number): void {
    const local = this.local.monotonic();
    const sampleMs = timeUs / 1000 - local;
    const keptMs = this.#offsetMs - (local - this.#offsetAt) * driftPerMs;
    this.#offsetMs = Math.max(sampleMs, keptMs);
    this.#offsetAt = local;
    if (timeUs / 1000 <= this.#newestMs) return;
    this.#newestMs = timeUs / 1000;
    this.#newestAt = local;
  }

  /** The server's time now in milliseconds since 1970, if it is known. */
  get nowMs(): number|undefined {
    if (this.#offsetMs === -Infinity) return undefined;
    return this.local.monotonic() + this.#offsetMs;
  }

  /** The newest server time and for how long we have had it, if we have one. */
  get newest(): Newest|undefined {
    if (this.#newestMs === -Infinity) return undefined;
    const heldMs = this.local.monotonic() - this.#newestAt;
    return {
      timeUs: Math.round(this.#newestMs * 1000),
      heldUs: Math.round(heldMs * 1000),
    };
  }

  /** How long ago the newest server time was sent; Infinity without one. */
  get silenceMs(): number {
    const now = this.nowMs;
    return now === undefined ? Infinity : now - this.#newestMs;
  }

  /** May anything be shown as live? */
  get fresh(): boolean {
    return this.silenceMs <= this.thresholdMs;
  }

  /**
   * Did the machine sleep since the last call? Then the monotonic clock may
   * have stood still, and nothing here can be trusted.
   */
  slept(): boolean {
    const wallOffsetMs = this.local.wall() - this.local.monotonic();
    const jumpMs = wallOffsetMs - this.#wallOffsetMs;
    this.#wallOffsetMs = wallOffsetMs;
    return jumpMs > this.thresholdMs;
  }
}
