// The state of the world as the server told it: applies every message, keeps
// the cursors, and answers for each quote how fresh it is. Knows no transport
// and no timer.
//
// A price is live only if everything is in order: the connection stands, the
// server's clock is fresh, the symbol was confirmed on this connection, and its
// feed is live. Whatever is missing or not understood makes it stale.

import type {ServerClock} from './clock';
import type {
  Ack, Description, FeedState, Hello, Rate, ServerMessage, SubscribeRequest,
  Synced, Update, Value, WireQuote,
} from './protocol';
import type {Change, Freshness, Quote, Source} from './quote';
import {type Cursor, symbolOf} from './requests';
import {scopeOf, underEpoch} from './token';

/** The keys of a quote on the wire that are not fields. */
const headerKeys = new Set(['v', 'snapshot', 'n', 't', 'e', 'quiet']);

class HeldQuote implements Quote {
  version = 0;
  epoch = '';
  /** The token under which `version` got here. */
  at: string|undefined;
  /** The token of the newest ack; the next update is under it. */
  ackedAt: string|undefined;
  /** The server has vouched for this state on this connection. */
  confirmed = false;
  fields = new Map<string, Value>();
  description: Description = {};
  maxRate: Rate|undefined;
  ticks: number|undefined;
  receivedUs: number|undefined;
  venueUs: number|undefined;
  quiet = false;

  constructor(readonly symbol: string, private readonly store: Store) {}

  get(field: string): Value|undefined {
    return this.fields.get(field);
  }

  get freshness(): Freshness {
    return this.store.freshnessOf(this);
  }

  get trading(): string {
    return String(this.fields.get('trading') ?? 'unknown');
  }

  get source(): Source {
    const feed = this.store.feedOf(this);
    return {kind: feed?.source ?? 'unknown', delayS: feed?.delay_s ?? 0};
  }

  get ageMs(): number|undefined {
    const now = this.store.clock.nowMs;
    if (now === undefined || this.receivedUs === undefined) return undefined;
    return Math.max(0, now - this.receivedUs / 1000);
  }

  /** Nothing is held any more. */
  drop(): void {
    this.version = 0;
    this.confirmed = false;
    this.fields.clear();
    this.ticks = this.receivedUs = this.venueUs = undefined;
    this.quiet = false;
  }
}

/** What a request that was sent speaks for. */
interface Expected {
  readonly symbols: readonly string[];
  /** In a poll: those that its ack has not named. */
  readonly unnamed?: Set<string>;
}

/** Do versions under one token count under the other? */
function compatible(at: string|undefined, other: string|undefined): boolean {
  return at !== undefined && other !== undefined &&
      scopeOf(at) === scopeOf(other);
}

const stateOnly = (quote: Quote): Change =>
    ({quote, changed: [], snapshot: false, folded: 0});

export class Store {
  readonly #quotes = new Map<string, HeldQuote>();
  readonly #requests = new Map<number, Expected>();
  #feeds = new Map<string, FeedState>();
  #connected = false;
  #epoch = '';

  constructor(readonly clock: ServerClock) {}

  get feeds(): ReadonlyMap<string, FeedState> {
    return this.#feeds;
  }

  get epoch(): string {
    return this.#epoch;
  }

  quote(symbol: string): Quote|undefined {
    return this.#quotes.get(symbol);
  }

  /** Starts to keep `symbol`, of which nothing is held yet. */
  track(symbol: string): void {
    if (!this.#quotes.has(symbol)) {
      this.#quotes.set(symbol, new HeldQuote(symbol, this));
    }
  }

  /** Forgets all but the wanted symbols. */
  retain(wanted: (symbol: string) => boolean): void {
    for (const symbol of this.#quotes.keys()) {
      if (!wanted(symbol)) this.#quotes.delete(symbol);
    }
  }

  /** The request with this id speaks for these symbols. */
  expect({id, symbols}: Pick<SubscribeRequest, 'id'|'symbols'>): void {
    this.#requests.set(id, {symbols: symbols.map(symbolOf)});
  }

  /** These requests are a poll: all that any answer will speak for. */
  expectPoll(requests: readonly SubscribeRequest[]): void {
    this.#requests.clear();
    for (const {id, symbols: names} of requests) {
      const symbols = names.map(symbolOf);
      this.#requests.set(id, {symbols, unnamed: new Set(symbols)});
    }
  }

  /** What the request with this id speaks for, while that is known. */
  symbolsOf(id: number|undefined): readonly string[] {
    return this.#requests.get(id ?? NaN)?.symbols ?? [];
  }

  /** What we hold of `symbol`, to resume from; undefined if nothing. */
  cursorOf(symbol: string): Cursor|undefined {
    const quote = this.#quotes.get(symbol);
    if (!quote || quote.version === 0 || quote.at === undefined) {
      return undefined;
    }
    return {version: quote.version, at: scopeOf(quote.at)};
  }

  /**
   * What we hold and believe, or were told: a poll is answered when one of
   * these is no longer so. Undefined if we know nothing of `symbol`.
   */
  beliefOf(symbol: string): Cursor|undefined {
    const quote = this.#quotes.get(symbol);
    if (quote?.ackedAt === undefined) return undefined;
    const {version, at, ackedAt, quiet} = quote;
    return version > 0 && compatible(at, ackedAt) ?
        {version, at: ackedAt, quiet} : {version: 0, at: ackedAt};
  }

  /** A connection stands. Most say hello as well, a poll not always. */
  connect(): void {
    this.#connected = true;
  }

  /** The connection is gone. From here on everything is stale. */
  disconnect(): Change[] {
    this.#connected = false;
    this.#requests.clear();
    this.clock.lose();
    for (const quote of this.#quotes.values()) quote.confirmed = false;
    return this.everything();
  }

  /** A change of state of every quote. */
  everything(): Change[] {
    return [...this.#quotes.values()].map(stateOnly);
  }

  /** Applies one message; returns what changed by it. */
  apply(message: ServerMessage): Change[] {
    if (message.type === 'hello') return this.#hello(message);
    if (!this.#connected) return [];
    if (typeof message.time === 'number') this.clock.observe(message.time);
    switch (message.type) {
      case 'feed':
        for (const [name, feed] of Object.entries(message.feeds)) {
          this.#feeds.set(name, feed);
        }
        return this.everything().filter(
            ({quote}) => (quote.description.feed ?? '') in message.feeds);
      case 'ack':
        return this.#ack(message);
      case 'synced':
        return this.#synced(message);
      case 'update':
        return this.#update(message);
      default:
        return [];
    }
  }

  feedOf(quote: Quote): FeedState|undefined {
    return this.#feeds.get(quote.description.feed ?? '');
  }

  freshnessOf(quote: HeldQuote): Freshness {
    if (!this.#connected || !this.clock.fresh) return 'stale';
    if (!quote.confirmed || quote.version === 0) return 'stale';
    const feed = this.feedOf(quote)?.status;
    if (feed === 'down' || feed === 'ended') return feed;
    if (feed !== 'live') return 'stale';
    return quote.quiet ? 'quiet' : 'live';
  }

  #hello(hello: Hello): Change[] {
    this.#connected = true;
    this.#epoch = hello.epoch;
    this.#feeds = new Map(Object.entries(hello.feeds));
    this.clock.restart(hello.time, hello.heartbeat_ms);
    for (const quote of this.#quotes.values()) {
      // Another run of the market: what we hold is of no value there.
      if (quote.epoch !== hello.epoch) quote.confirmed = false;
    }
    return this.everything();
  }

  #ack(ack: Ack): Change[] {
    const changes: Change[] = [];
    for (const [symbol, description] of Object.entries(ack.symbols ?? {})) {
      const quote = this.#quotes.get(symbol);
      if (!quote) continue;
      quote.description = description;
      quote.maxRate = ack.max_rate;
      quote.ackedAt = ack.at;
      changes.push(stateOnly(quote));
    }
    const unnamed = this.#requests.get(ack.id ?? NaN)?.unnamed;
    for (const symbol of Object.keys(ack.symbols ?? {})) {
      unnamed?.delete(symbol);
    }
    if (unnamed && !ack.more) changes.push(...this.#vouched(unnamed, ack));
    return changes;
  }

  /** What the ack of a poll does not name is as we believed. */
  #vouched(symbols: Iterable<string>, ack: Ack): Change[] {
    const changes: Change[] = [];
    for (const symbol of symbols) {
      const quote = this.#quotes.get(symbol);
      if (!quote || !compatible(quote.ackedAt, ack.at)) continue;
      quote.maxRate = ack.max_rate;
      quote.ackedAt = ack.at;
      if (quote.version === 0 || !compatible(quote.at, ack.at)) continue;
      quote.at = ack.at;
      if (quote.confirmed) continue;
      quote.confirmed = true;
      changes.push(stateOnly(quote));
    }
    return changes;
  }

  #synced(synced: Synced): Change[] {
    const changes: Change[] = [];
    for (const symbol of this.symbolsOf(synced.id)) {
      const quote = this.#quotes.get(symbol);
      // Had the token changed, a snapshot would have come.
      if (!quote || quote.version === 0 ||
          !compatible(quote.at, quote.ackedAt)) {
        continue;
      }
      quote.confirmed = true;
      changes.push(stateOnly(quote));
    }
    this.#requests.delete(synced.id ?? NaN);
    return changes;
  }

  #update(update: Update): Change[] {
    const changes: Change[] = [];
    for (const [symbol, wire] of Object.entries(update.quotes)) {
      const quote = this.#quotes.get(symbol);
      if (quote) changes.push(this.#apply(quote, wire, update.epoch));
    }
    return changes;
  }

  #apply(quote: HeldQuote, wire: WireQuote, epoch: string): Change {
    const snapshot = wire['snapshot'] === true;
    if (!snapshot && (quote.version === 0 || quote.epoch !== epoch)) {
      // A merge into something that we do not hold would be half a quote.
      const lost = [...quote.fields.keys()];
      quote.drop();
      return {quote, changed: lost, snapshot: false, folded: 0};
    }
    const before = quote.fields;
    const ticksBefore = snapshot ? undefined : quote.ticks;
    if (snapshot) {
      quote.fields = new Map();
      quote.drop();
    }
    const changed: string[] = [];
    for (const [name, value] of Object.entries(wire)) {
      if (headerKeys.has(name) || typeof value === 'boolean') continue;
      if (before.get(name) !== value) changed.push(name);
      quote.fields.set(name, value);
    }
    for (const name of before.keys()) {
      if (!quote.fields.has(name)) changed.push(name);
    }
    if (typeof wire['v'] === 'number') quote.version = wire['v'];
    if (typeof wire['n'] === 'number') quote.ticks = wire['n'];
    if (typeof wire['t'] === 'number') quote.receivedUs = wire['t'];
    if (typeof wire['e'] === 'number') quote.venueUs = wire['e'];
    if (typeof wire['quiet'] === 'boolean') quote.quiet = wire['quiet'];
    if (epoch !== quote.epoch && quote.ackedAt !== undefined) {
      quote.ackedAt = underEpoch(quote.ackedAt, epoch);
    }
    quote.epoch = epoch;
    quote.at = quote.ackedAt;
    quote.confirmed = true;
    const folded = ticksBefore === undefined || quote.ticks === undefined ?
        0 : quote.ticks - ticksBefore;
    return {quote, changed, snapshot, folded};
  }
}
