// A symbol's quote as a page sees it: the values, and the three axes of state.

import type {Description, Rate, Value} from './protocol';

/**
 * live; quiet (the feed is alive, the symbol silent beyond its usual interval);
 * stale (never to be shown as live); down (feed disconnected); ended (a replay
 * is over); withdrawn (an operator has taken it back: all fields are empty).
 */
export type Freshness = 'live'|'quiet'|'stale'|'down'|'ended'|'withdrawn';

export interface Source {
  /** realtime, delayed, replay, simulated, or unknown. */
  readonly kind: string;
  readonly delayS: number;
}

/** All getters answer for this instant; nothing here goes out of date. */
export interface Quote {
  readonly symbol: string;
  /** The version held; 0 as long as nothing is. */
  readonly version: number;
  readonly fields: ReadonlyMap<string, Value>;
  /** The value of a field; undefined if it was never sent, null if empty. */
  get(field: string): Value|undefined;
  readonly description: Description;
  /** The rate that the server granted. */
  readonly maxRate: Rate|undefined;
  /** Ticks of this symbol so far. */
  readonly ticks: number|undefined;
  /** When the gateway received the last tick, microseconds since 1970. */
  readonly receivedUs: number|undefined;
  /** The venue's own time of that tick. */
  readonly venueUs: number|undefined;
  readonly freshness: Freshness;
  /** open, auction, halted, closed or unknown. */
  readonly trading: string;
  readonly source: Source;
  /** The server's now minus receivedUs, in milliseconds. */
  readonly ageMs: number|undefined;
}

/** What a listener is told. */
export interface Change {
  readonly quote: Quote;
  /** The fields whose values changed; none when only the state did. */
  readonly changed: readonly string[];
  /** It replaced what was held. */
  readonly snapshot: boolean;
  /** Ticks that this update stands for; 0 if unknown, as after a snapshot. */
  readonly folded: number;
}
