// The client of a StreamHub gateway. connect() returns one; a page needs one,
// however many widgets it has. It merges what they want, comes back by itself
// with what it holds, and never lets an old price pass for a live one.

import type {Wants} from './asked';
import {type Newest, ServerClock} from './clock';
import {Interests, type Want} from './interests';
import type {Journal, Occurrence} from './journal';
import type {Line, LineEvents} from './line';
import {type Options, type Settings, settingsOf} from './options';
import {OwnLine} from './own_line';
import {watchPage} from './page';
import {
  type FeedState, type Rate, type ServerMessage, symbolFault,
} from './protocol';
import {publishByPost} from './publish';
import type {Change, Quote} from './quote';
import type {ConnectionState} from './state';
import {Store, type StoreCopy} from './store';
import {TabsLine} from './tabs';
import type {TopicNews} from './topics';

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

export interface TopicOptions {
  /** So many messages of before, 0 to 10000; default: 0. */
  readonly history?: number|undefined;
  /** How often messages may come; each does, however few that are. */
  readonly maxRate?: Rate|undefined;
}

export interface Subscription {
  unsubscribe(): void;
}

export type Listener = (change: Change) => void;
export type TopicListener = (news: TopicNews) => void;
export type FeedMap = ReadonlyMap<string, FeedState>;

interface Widget extends Want {
  readonly listener?: Listener;
  readonly topicListener?: TopicListener;
  /** It has had its history: what is new is for it. */
  begun?: boolean;
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
  readonly #journal: Journal;
  readonly #settings: Settings;
  readonly #line: Line;
  readonly #interests = new Interests<Widget>();
  readonly #statusListeners = new Set<(state: ConnectionState) => void>();
  readonly #feedListeners = new Set<(feeds: FeedMap) => void>();
  readonly #errorListeners = new Set<(error: ClientError) => void>();
  readonly #check: ReturnType<typeof setInterval>;
  readonly #leavePage: () => void;
  #gather: ReturnType<typeof setTimeout>|undefined;
  #wasFresh = false;
  #closed = false;

  constructor(options: Options) {
    this.#clock = options.clock ?? new ServerClock();
    this.#store = new Store(this.#clock);
    const settings = this.#settings = settingsOf(options);
    this.#journal = settings.journal;
    const wants = () => this.#interests.perSymbol();
    const events = {
      connected: () => this.#store.connect(),
      heard: (...said: Parameters<LineEvents['heard']>) =>
          this.#heard(...said),
      adopted: (copy: StoreCopy) => this.#adopted(copy),
      lost: () => this.#dispatch(this.#store.disconnect()),
      stateChanged: (state: ConnectionState) =>
          tell(this.#statusListeners, state),
      failed: (code: string, reason: string) =>
          tell(this.#errorListeners, {code, reason}),
    };
    this.#line = settings.tabsName === undefined ?
        new OwnLine(this.#store, wants, settings, events) :
        new TabsLine(
            settings.tabsName, this.#store, wants,
            (wants: () => Wants, events) =>
                new OwnLine(this.#store, wants, settings, events),
            this.#journal, events);
    this.#check = setInterval(() => this.#onCheck(), checkMs);
    this.#leavePage = watchPage(this.#line);
    this.#line.start();
  }

  get state(): ConnectionState {
    return this.#line.state;
  }

  /** What the client did lately and why, the oldest first. */
  get journal(): readonly Occurrence[] {
    return this.#journal.kept;
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
    return this.state.status === 'connected' && this.#clock.fresh;
  }

  quote(symbol: string): Quote|undefined {
    return this.#store.quote(symbol);
  }

  /**
   * Calls `listener` for every change of these symbols, of values or of state,
   * and soon for what is held already; the options may be left out. Throws a
   * RangeError for a name that cannot be a symbol's, and a TypeError for what
   * is of the wrong type.
   */
  subscribe(symbols: string|readonly string[], listener: Listener):
      Subscription;
  subscribe(
      symbols: string|readonly string[], options: SubscribeOptions,
      listener: Listener): Subscription;
  subscribe(
      symbols: string|readonly string[], options: SubscribeOptions|Listener,
      last?: Listener): Subscription {
    const [{fields, maxRate}, listener] =
        sorted<SubscribeOptions, Listener>(options, last);
    demand(!fields || fields.every?.(isText), 'fields');
    const names = isText(symbols) ? [symbols] : [...symbols];
    return this.#add(names, {fields, maxRate, listener}, (symbol) => {
      const quote = this.#store.quote(symbol);
      if (!quote?.version) return;
      const changed = [...quote.fields.keys()];
      tell([listener], {quote, changed, snapshot: true, folded: 0});
    });
  }

  /**
   * Calls `listener` with every message of this topic, in order and once, first
   * with those of its `history`; it is told what was lost. Throws a RangeError
   * for a name that cannot be a topic's; else as subscribe().
   */
  topic(name: string, listener: TopicListener): Subscription;
  topic(name: string, options: TopicOptions, listener: TopicListener):
      Subscription;
  topic(
      name: string, options: TopicOptions|TopicListener,
      last?: TopicListener): Subscription {
    const [{history = 0, maxRate}, listener] =
        sorted<TopicOptions, TopicListener>(options, last);
    return this.#add(
        [name], {fields: [], maxRate, history, topicListener: listener},
        (topic) => this.#begin(topic));
  }

  /**
   * Resolves when the gateway has taken it; rejects with its error. Never sent
   * twice: without an answer (code `no_answer`) it may be there or not.
   */
  async publish(topic: string, data: unknown): Promise<{seq: number}> {
    check(topic);
    const request = {type: 'publish', topic, data} as const;
    const sent = this.#line.publish(request);
    if (sent) return {seq: await sent};
    const {choice: {servers, token}} = this.#settings;
    const server = this.state.server ?? servers.first;
    return {seq: await publishByPost(server, request, await token?.())};
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
    this.#leavePage();
    clearInterval(this.#check);
    clearTimeout(this.#gather);
    this.#line.close();
  }

  /** `begin` tells what is held already. */
  #add(
      names: readonly string[], widget: Widget,
      begin: (name: string) => void): Subscription {
    names.forEach(check);
    for (const name of names) {
      this.#interests.add(name, widget);
      if (widget.listener) this.#store.track(name);
    }
    let active = true;
    queueMicrotask(() => {
      for (const name of new Set(names)) if (active) begin(name);
    });
    this.#wantsChanged();
    return {
      unsubscribe: () => {
        if (!active) return;
        active = false;
        for (const name of names) this.#interests.remove(name, widget);
        this.#wantsChanged();
      },
    };
  }

  #heard(
      message: ServerMessage, symbols: readonly string[],
      begun: readonly number[]): void {
    this.#dispatch(this.#store.apply(message, symbols, begun));
    if (this.#store.torn.size > 0) this.#wantsChanged();
    this.#tellTopics();
    const begin = (topic: string) => this.#begin(topic);
    switch (message.type) {
      case 'hello':
      case 'feed':
        tell(this.#feedListeners, this.feeds);
        break;
      case 'synced':
        symbols.forEach(begin);
        break;
      case 'messages':
        Object.keys(message.topics).forEach(begin);
        break;
      case 'error':
        // Another tab's mistake is not this one's.
        if (symbols.length === 0 ||
            symbols.some((symbol) => this.#interests.has(symbol))) {
          tell(this.#errorListeners, message);
        }
    }
  }

  #adopted(copy: StoreCopy): void {
    const changes = this.#store.adopt(copy);
    if (copy.world) tell(this.#feedListeners, this.feeds);
    this.#dispatch(changes);
    this.#tellTopics();
    for (const topic of copy.topics.keys()) this.#begin(topic);
  }

  #wantsChanged(): void {
    if (this.#closed) return;
    this.#gather ??= setTimeout(() => {
      this.#gather = undefined;
      this.#line.wantsChanged();
    }, gatherMs);
  }

  /** Looks at the clock: silence is no event. */
  #onCheck(): void {
    this.#line.look();
    const {fresh} = this;
    if (fresh !== this.#wasFresh) this.#dispatch(this.#store.everything());
    this.#wasFresh = fresh;
  }

  #dispatch(changes: readonly Change[]): void {
    for (const change of changes) {
      for (const {listener} of this.#interests.of(change.quote.symbol)) {
        if (listener) tell([listener], change);
      }
    }
  }

  #tellTopics(): void {
    for (const news of this.#store.topics.take()) {
      for (const {begun, topicListener} of this.#interests.of(news.topic)) {
        if (begun && topicListener) tell([topicListener], news);
      }
    }
  }

  /** Whoever waits for the history of a topic gets it, once it is here. */
  #begin(topic: string): void {
    for (const widget of this.#interests.of(topic)) {
      const {begun, topicListener, history = 0} = widget;
      if (begun || !topicListener) continue;
      const messages = this.#store.topics.last(topic, history);
      if (!messages) continue;
      widget.begun = true;
      if (messages.length === 0) continue;
      tell([topicListener], {topic, messages, lost: 0});
    }
  }
}

const isText = (it: unknown): it is string => typeof it === 'string';

function demand(right: boolean, what: string): void {
  if (!right) throw new TypeError(what);
}

/** The options may be left out. */
function sorted<O extends object, L>(
    options: O|L, last: L|undefined): [O, L] {
  const [found, listener] = last ? [options, last] : [{}, options];
  demand(typeof listener === 'function', 'no listener');
  return [found as O, listener as L];
}

function check(name: string): void {
  demand(isText(name), `${name} is no name`);
  const fault = symbolFault(name);
  if (fault) throw new RangeError(`${JSON.stringify(name)}: ${fault}`);
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
