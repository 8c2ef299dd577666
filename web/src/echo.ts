// Tells the gateway now and then how long its messages take to us: a ping with
// the newest server time and how long we have had it (docs/protocol.md).

import type {ServerClock} from './clock';

/** The first one soon, so that short visits are heard of, too. */
const firstMs = 2000;
const betweenMs = 30_000;

export class Echo {
  #dueAt = firstMs;

  constructor(
      private readonly clock: ServerClock,
      private readonly random: () => number = Math.random) {}

  /** What to send, if it is time: `aliveMs` since the connection's hello. */
  ping(aliveMs: number): string|undefined {
    // It is another connection.
    if (aliveMs < firstMs) this.#dueAt = firstMs;
    const {newest} = this.clock;
    if (aliveMs < this.#dueAt || !newest) return undefined;
    // Clients that came together are not to speak together for ever.
    this.#dueAt = aliveMs + betweenMs * (0.5 + this.random());
    return JSON.stringify(
        {type: 'ping', time: newest.timeUs, held_us: newest.heldUs});
  }
}
