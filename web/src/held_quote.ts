// A quote as the store keeps it: what is held, on what grounds, and what a page
// sees of it.

import type {ServerClock} from './clock';
import type {Description, FeedState, Rate, Value} from './protocol';
import type {Freshness, Quote, Source} from './quote';

/** Answers what a quote cannot know of itself. */
interface World {
  readonly clock: ServerClock;
  freshnessOf(quote: HeldQuote): Freshness;
  feedOf(quote: Quote): FeedState|undefined;
}

/** What is held of a symbol, and on what grounds. */
export interface Held extends Pick<
    Quote, 'version'|'description'|'maxRate'|'ticks'|'receivedUs'|'venueUs'> {
  readonly epoch: string;
  /**
   * What the connection goes on from. Below `version` while what it brings is
   * older than what another one brought.
   */
  readonly cursor: number;
  /** The newest of each field in this epoch, also of those not held now. */
  readonly newest: Map<string, {readonly v: number, readonly value: Value}>;
  /** The token under which `cursor` got here. */
  readonly at: string|undefined;
  /** The token of the newest ack; the next update is under it. */
  readonly ackedAt: string|undefined;
  /** The server has vouched for this state on this connection. */
  readonly confirmed: boolean;
  readonly fields: Map<string, Value>;
  readonly quiet: boolean|'withdrawn';
}

export class HeldQuote implements Quote, Held {
  version = 0;
  epoch = '';
  cursor = 0;
  newest: Held['newest'] = new Map();
  at: string|undefined;
  ackedAt: string|undefined;
  confirmed = false;
  fields = new Map<string, Value>();
  description: Description = {};
  maxRate: Rate|undefined;
  ticks: number|undefined;
  receivedUs: number|undefined;
  venueUs: number|undefined;
  quiet: Held['quiet'] = false;

  constructor(readonly symbol: string, private readonly world: World) {}

  get(field: string): Value|undefined {
    return this.fields.get(field);
  }

  get freshness(): Freshness {
    return this.world.freshnessOf(this);
  }

  get trading(): string {
    return String(this.fields.get('trading') ?? 'unknown');
  }

  get source(): Source {
    const feed = this.world.feedOf(this);
    return {kind: feed?.source ?? 'unknown', delayS: feed?.delay_s ?? 0};
  }

  get ageMs(): number|undefined {
    const now = this.world.clock.nowMs;
    if (now === undefined || this.receivedUs === undefined) return undefined;
    return Math.max(0, now - this.receivedUs / 1000);
  }

  copy(): Held {
    const {symbol: _symbol, world: _world, ...held} = this;
    return held;
  }
}
