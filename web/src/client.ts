// The client of a StreamHub gateway. connect() returns one; a page needs one,
// however many widgets it has. It merges what they want, comes back by itself
// with what it holds, and never lets an old price pass for a live one.

import {Asker} from './asker';
import {Backoff, defaultLimits, type BackoffLimits} from './backoff';
import {type Newest, ServerClock} from './clock';
import {type Channel, type ConnectionState, Connector} from './connector';
import {Echo} from './echo';
import {Interests, sameWants, type Want} from './interests';
import {
  type FeedState, type Rate, type ServerMessage, symbolFault,
} from './protocol';
import type {Change, Quote} from './quote';
import {Store} from './store';
import {pollTransport} from './transports/poll';
import {sseTransport} from './transports/sse';
import {streamTransport} from './transports/stream';
import type {Transport} from './transports/transport';
import {webSocketTransport} from './transports/websocket';

export interface Options {
  /** The gateway's address; default: where the page came from. */
  readonly url?: string;
  /** In order of preference, by name or made; default: defaultTransports. */
  readonly transports?: readonly (Transport|TransportName)[];
  readonly backoff?: BackoffLimits;
  readonly random?: () => number;
  readonly clock?: ServerClock;
}

export interface ClientError {
  readonly code: string;
  readonly reason: string;
  readonly key?: string;
}

export interface SubscribeOptions {
  /** Left out: all fields the symbols have. */
  readonly fields?: readonly string[]|undefined;
  /** Left out: the server's default. */
  readonly maxRate?: Rate|undefined;
}

export interface Subscription {
  unsubscribe(): void;
}

export type Listener = (change: Change) => void;
export type FeedMap = ReadonlyMap<string, FeedState>;

interface Widget extends Want {
  readonly listener: Listener;
}

/** In order of preference. */
export const defaultTransports: readonly Transport[] =
    [webSocketTransport, sseTransport, streamTransport, pollTransport];

export type TransportName = 'websocket'|'sse'|'stream'|'poll';

function transportOf(wanted: Transport|TransportName): Transport {
  if (typeof wanted !== 'string') return wanted;
  const found = defaultTransports.find(({name}) => name === wanted);
  if (found) return found;
  const names = defaultTransports.map(({name}) => name).join(', ');
  throw new Error(`no transport ${wanted}; there are ${names}`);
}

/** Widgets that appear together are one request. */
const gatherMs = 50;
const checkMs = 250;

/** Connects to the gateway, and stays connected until close(). */
export function connect(options: Options = {}): Client {
  return new Client(options);
}

export class Client {
  readonly #clock: ServerClock;
  readonly #store: Store;
  readonly #connector: Connector;
  readonly #interests = new Interests<Widget>();
  readonly #asker: Asker;
  readonly #echo: Echo;
  readonly #statusListeners = new Set<(state: ConnectionState) => void>();
  readonly #feedListeners = new Set<(feeds: FeedMap) => void>();
  readonly #errorListeners = new Set<(error: ClientError) => void>();
  readonly #check: ReturnType<typeof setInterval>;
  #gather: ReturnType<typeof setTimeout>|undefined;
  #wasFresh = false;
  #staleSince: number|undefined;
  #closed = false;

  constructor(options: Options) {
    this.#clock = options.clock ?? new ServerClock();
    this.#store = new Store(this.#clock);
    this.#echo = new Echo(this.#clock, options.random);
    this.#asker = new Asker(this.#interests, this.#store);
    this.#connector = new Connector(
        new URL(options.url ?? globalThis.location.href),
        options.transports?.map(transportOf) ?? defaultTransports,
        new Backoff(options.backoff ?? defaultLimits, options.random), {
          query: (channel) => this.#query(channel),
          next: ({sent, refused}) => this.#asker.nextPoll(sent, refused),
          connected: () => this.#store.connect(),
          opened: () => this.#flush(),
          received: (message, channel) => this.#received(message, channel),
          lost: () => this.#dispatch(this.#store.disconnect()),
          stateChanged: (state) => tell(this.#statusListeners, state),
          failed: (code, reason) => tell(this.#errorListeners, {code, reason}),
          reopenAfter: (waitMs) => this.#gatherAfter(waitMs),
        });
    this.#check = setInterval(() => this.#onCheck(), checkMs);
    this.#connector.start();
  }

  get state(): ConnectionState {
    return this.#connector.state;
  }

  get feeds(): FeedMap {
    return this.#store.feeds;
  }

  /** Of the market's run; versions compare only within one. */
  get epoch(): string {
    return this.#store.epoch;
  }

  /** The server's time now in ms since 1970, while it is known. */
  get serverNowMs(): number|undefined {
    return this.#clock.nowMs;
  }

  /** The newest time that the server told, and for how long it is here. */
  get newest(): Newest|undefined {
    return this.#clock.newest;
  }

  /** Can prices be live now? False: every quote is stale. */
  get fresh(): boolean {
    return this.#connector.live !== undefined && this.#clock.fresh;
  }

  quote(symbol: string): Quote|undefined {
    return this.#store.quote(symbol);
  }

  /**
   * Calls `listener` for every change of these symbols, of values or of state,
   * and soon for what is held already. Throws a RangeError for a name that
   * cannot be a symbol's.
   */
  subscribe(
      symbols: readonly string[], options: SubscribeOptions,
      listener: Listener): Subscription {
    for (const symbol of symbols) {
      const fault = symbolFault(symbol);
      if (fault) throw new RangeError(`${JSON.stringify(symbol)}: ${fault}`);
    }
    const widget: Widget =
        {fields: options.fields, maxRate: options.maxRate, listener};
    for (const symbol of symbols) {
      this.#interests.add(symbol, widget);
      this.#store.track(symbol);
    }
    let active = true;
    queueMicrotask(() => {
      for (const symbol of new Set(symbols)) {
        const quote = this.#store.quote(symbol);
        if (!active || !quote?.version) continue;
        const changed = [...quote.fields.keys()];
        tell([listener], {quote, changed, snapshot: true, folded: 0});
      }
    });
    this.#wantsChanged();
    return {
      unsubscribe: () => {
        if (!active) return;
        active = false;
        for (const symbol of symbols) this.#interests.remove(symbol, widget);
        this.#wantsChanged();
      },
    };
  }

  /** Told now and whenever it changes. Returns what ends that. */
  onStatus(listener: (state: ConnectionState) => void): () => void {
    this.#statusListeners.add(listener);
    listener(this.state);
    return () => this.#statusListeners.delete(listener);
  }

  onFeed(listener: (feeds: FeedMap) => void): () => void {
    this.#feedListeners.add(listener);
    listener(this.feeds);
    return () => this.#feedListeners.delete(listener);
  }

  onError(listener: (error: ClientError) => void): () => void {
    this.#errorListeners.add(listener);
    return () => this.#errorListeners.delete(listener);
  }

  /** For good. */
  close(): void {
    this.#closed = true;
    clearInterval(this.#check);
    clearTimeout(this.#gather);
    this.#connector.lose({reason: 'closed by the page'}, {final: true});
  }

  #received(message: ServerMessage, channel: Channel): void {
    this.#dispatch(this.#store.apply(message));
    switch (message.type) {
      case 'hello':
      case 'feed':
        tell(this.#feedListeners, this.feeds);
        break;
      case 'error':
        for (const symbol of this.#store.symbolsOf(message.id)) {
          channel.refused.add(symbol);
        }
        tell(this.#errorListeners, message);
        break;
    }
  }

  #wantsChanged(): void {
    if (this.#gather === undefined) this.#gatherAfter(gatherMs);
  }

  #gatherAfter(waitMs: number): void {
    if (this.#closed) return;
    clearTimeout(this.#gather);
    this.#gather = setTimeout(() => {
      this.#gather = undefined;
      this.#flush();
    }, waitMs);
  }

  /** Brings what was asked for to what is wanted. */
  #flush(): void {
    this.#store.retain((symbol) => this.#interests.has(symbol));
    const channel = this.#connector.candidate ?? this.#connector.live;
    if (!channel) {
      this.#connector.start();
      return;
    }
    const {way} = channel.transport;
    const wants = this.#asker.wants(way);
    if (way === 'both') {
      if (!channel.open) return;
      for (const text of this.#asker.messages(channel.sent, wants)) {
        channel.link?.send(text);
      }
      channel.sent = wants;
    } else if (wants.size === 0) {
      this.#connector.rest();
    } else if (!sameWants(channel.sent, wants)) {
      this.#connector.ask(channel);
    }
  }

  #query(channel: Channel): string|undefined {
    const {transport: {way}, helloAt} = channel;
    const wants = this.#asker.wants(way);
    if (wants.size === 0) return undefined;
    const query = this.#asker.query(way, wants, helloAt === 0);
    channel.sent = wants;
    channel.refused.clear();
    return query;
  }

  /** Looks at the clock: silence is no event. */
  #onCheck(): void {
    const slept = this.#clock.slept();
    if (!this.#connector.live) return;
    if (slept) {
      this.#connector.lose({reason: 'this machine slept'});
      return;
    }
    const {fresh, thresholdMs} = this.#clock;
    const now = performance.now();
    const {live} = this.#connector;
    if (live.transport.way === 'both') {
      const ping = this.#echo.ping(now - live.helloAt);
      if (ping !== undefined) live.link?.send(ping);
    }
    this.#staleSince = fresh ? undefined : this.#staleSince ?? now;
    if (fresh !== this.#wasFresh) this.#dispatch(this.#store.everything());
    this.#wasFresh = fresh;
    if (now - (this.#staleSince ?? now) > thresholdMs) {
      this.#staleSince = undefined;
      this.#connector.lose({reason: 'the gateway has gone silent'});
    }
  }

  #dispatch(changes: readonly Change[]): void {
    for (const change of changes) {
      for (const {listener} of this.#interests.of(change.quote.symbol)) {
        tell([listener], change);
      }
    }
  }
}

/** One listener's mistake is not the others' loss. */
function tell<T>(listeners: Iterable<(value: T) => void>, value: T): void {
  for (const listener of [...listeners]) {
    try {
      listener(value);
    } catch (error) {
      queueMicrotask(() => {
        throw error;
      });
    }
  }
}
