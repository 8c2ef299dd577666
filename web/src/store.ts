// The state of the world as the server told it: applies every message, keeps
// the cursors, and answers for each quote how fresh it is. Knows no transport
// and no timer.
//
// A price is live only if everything is in order: the connection stands, the
// server's clock is fresh, the symbol was confirmed on this connection, and its
// feed is live. Whatever is missing or not understood makes it stale.

import type {Wants} from './asked';
import type {ClockCopy, ServerClock} from './clock';
import {type Held, HeldQuote} from './held_quote';
import {mergeFields, readHeader} from './merge';
import type {
  Ack, FeedState, Hello, ServerMessage, Update, WireQuote,
} from './protocol';
import type {Change, Freshness, Quote} from './quote';
import type {Cursor} from './requests';
import {scopeOf, underEpoch} from './token';
import {type HeldTopic, Topics} from './topics';

/** Everything that another tab needs to go on from here; can be cloned. */
export interface StoreCopy {
  /** What does not belong to a symbol. */
  readonly world?: {
    readonly connected: boolean,
    readonly epoch: string,
    readonly feeds: ReadonlyMap<string, FeedState>,
    readonly clock: ClockCopy,
  };
  readonly quotes: ReadonlyMap<string, Held>;
  readonly topics: ReadonlyMap<string, HeldTopic>;
}

/** Do versions under one token count under the other? */
function compatible(at: string|undefined, other: string|undefined): boolean {
  return at !== undefined && other !== undefined &&
      scopeOf(at) === scopeOf(other);
}

const stateOnly = (quote: Quote): Change =>
    ({quote, changed: [], snapshot: false, folded: 0});

export class Store {
  /** Of these came what does not fit what is held: ask for them anew. */
  readonly torn = new Set<string>();
  readonly topics = new Topics(this.torn);
  readonly #quotes = new Map<string, HeldQuote>();
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

  /** Keeps what is wanted, and forgets all else. */
  keep(wants: Wants): void {
    this.topics.keep(wants);
    const wanted = new Set(wants.keys());
    for (const topic of this.topics.reached.keys()) wanted.delete(topic);
    for (const symbol of this.#quotes.keys()) {
      if (!wanted.has(symbol)) this.#quotes.delete(symbol);
    }
    for (const symbol of wanted) this.track(symbol);
  }

  /** What we hold of `symbol`, to resume from; undefined if nothing. */
  cursorOf(symbol: string, history?: number): Cursor|undefined {
    const quote = this.#quotes.get(symbol);
    if (!quote) return this.topics.cursorOf(symbol, history);
    if (quote.at === undefined) return undefined;
    return {version: quote.cursor, at: scopeOf(quote.at)};
  }

  /**
   * What we hold and believe, or were told: a poll is answered when one of
   * these is no longer so. Undefined if we know nothing of `symbol`.
   */
  beliefOf(symbol: string, history?: number): Cursor|undefined {
    const quote = this.#quotes.get(symbol);
    if (!quote) return this.topics.beliefOf(symbol, history);
    if (quote.ackedAt === undefined) return undefined;
    const {cursor, at, ackedAt, quiet} = quote;
    return cursor && compatible(at, ackedAt) ?
        {version: cursor, at: ackedAt, quiet} : {version: 0, at: ackedAt};
  }

  /** A connection stands. Most say hello as well, a poll not always. */
  connect(): void {
    this.#connected = true;
  }

  /** The connection is gone. From here on everything is stale. */
  disconnect(): Change[] {
    this.#connected = false;
    this.clock.lose();
    for (const quote of this.#quotes.values()) quote.confirmed = false;
    return this.everything();
  }

  /** A change of state of every quote. */
  everything(): Change[] {
    return [...this.#quotes.values()].map(stateOnly);
  }

  /** Of these symbols, and of the `world` if it is asked for. */
  copy(symbols: readonly string[], world: boolean): StoreCopy {
    const quotes = new Map<string, Held>();
    for (const symbol of symbols) {
      const held = this.#quotes.get(symbol)?.copy();
      if (held) quotes.set(symbol, held);
    }
    const topics = this.topics.copy(symbols);
    return {
      quotes,
      topics,
      ...(world && {
        world: {
          connected: this.#connected, epoch: this.#epoch, feeds: this.#feeds,
          clock: this.clock.copy(),
        },
      }),
    };
  }

  /** Takes over what another tab holds, a copy that was made just now. */
  adopt({world, quotes, topics}: StoreCopy): Change[] {
    if (world) {
      this.#connected = world.connected;
      this.#epoch = world.epoch;
      this.#feeds = new Map(world.feeds);
      this.clock.adopt(world.clock);
    }
    this.topics.adopt(topics);
    const changes: Change[] = [];
    for (const [symbol, held] of quotes) {
      const quote = this.#quotes.get(symbol);
      if (!quote) continue;
      const before = quote.fields;
      Object.assign(quote, held);
      const changed = [...held.fields].filter(
          ([name, value]) => before.get(name) !== value);
      changes.push({
        quote, changed: changed.map(([name]) => name), snapshot: true,
        folded: 0,
      });
    }
    return changes;
  }

  /**
   * Applies one message; returns what changed by it. `symbols` are those that
   * it speaks for without naming them, `begun` with so much (see Asked).
   */
  apply(
      message: ServerMessage, symbols: readonly string[] = [],
      begun: readonly number[] = []): Change[] {
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
        return [...this.#ack(message), ...this.#vouched(symbols, message)];
      case 'synced':
        this.topics.synced(symbols, begun);
        return this.#synced(symbols);
      case 'update':
        return this.#update(message);
      case 'messages':
        this.topics.apply(message, this.#epoch);
        return [];
      default:
        return [];
    }
  }

  feedOf(quote: Quote): FeedState|undefined {
    return this.#feeds.get(quote.description.feed ?? '');
  }

  freshnessOf(quote: HeldQuote): Freshness {
    if (!this.#connected || !this.clock.fresh) return 'stale';
    if (!quote.confirmed || !quote.version) return 'stale';
    if (quote.quiet === 'withdrawn') return quote.quiet;
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
      this.topics.acked(symbol, ack.at, description.keeps);
      const quote = this.#quotes.get(symbol);
      if (!quote) continue;
      quote.description = description;
      quote.maxRate = ack.max_rate;
      quote.ackedAt = ack.at;
      changes.push(stateOnly(quote));
    }
    return changes;
  }

  /** What the ack of a poll does not name is as we believed. */
  #vouched(symbols: readonly string[], ack: Ack): Change[] {
    const changes: Change[] = [];
    for (const symbol of symbols) {
      this.topics.acked(symbol, ack.at);
      const quote = this.#quotes.get(symbol);
      if (!quote || !compatible(quote.ackedAt, ack.at)) continue;
      quote.maxRate = ack.max_rate;
      quote.ackedAt = ack.at;
      if (!compatible(quote.at, ack.at)) continue;
      quote.at = ack.at;
      if (quote.confirmed) continue;
      quote.confirmed = true;
      changes.push(stateOnly(quote));
    }
    return changes;
  }

  #synced(symbols: readonly string[]): Change[] {
    const changes: Change[] = [];
    for (const symbol of symbols) {
      const quote = this.#quotes.get(symbol);
      if (!quote || this.#isTorn(quote)) continue;
      quote.confirmed = true;
      changes.push(stateOnly(quote));
    }
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
    // A merge into something that we do not hold would be half a quote.
    if (!snapshot && this.#isTorn(quote, epoch)) return stateOnly(quote);
    const v = typeof wire['v'] === 'number' ? wire['v'] : quote.version;
    if (quote.epoch !== epoch) {
      // Another run of the market, which counts anew.
      quote.newest.clear();
      quote.version = 0;
      quote.epoch = epoch;
      quote.ackedAt &&= underEpoch(quote.ackedAt, epoch);
    }
    const older = v < quote.version;
    const changed = mergeFields(quote, wire, snapshot, v);
    const ticksBefore = snapshot || older ? undefined : quote.ticks;
    if (!older) {
      quote.version = v;
      readHeader(quote, wire, snapshot);
    }
    quote.cursor = v;
    quote.at = quote.ackedAt;
    quote.confirmed = true;
    const folded = ticksBefore === undefined || quote.ticks === undefined ?
        0 : quote.ticks - ticksBefore;
    return {quote, changed, snapshot, folded};
  }

  /**
   * The gateway goes on from what a request said is held, under the token of
   * its ack. Another answer may have changed that meanwhile: then only a
   * snapshot helps.
   */
  #isTorn(quote: HeldQuote, epoch = quote.epoch): boolean {
    const {at} = quote;
    if (quote.epoch === epoch && compatible(at, quote.ackedAt)) return false;
    if (at !== undefined) this.torn.add(quote.symbol);
    quote.at = undefined;
    quote.confirmed = false;
    return true;
  }
}
