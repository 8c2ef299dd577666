// A small gateway of docs/protocol.md behind every kind of streaming transport,
// and the networks to it: slow, silent, cut, gathering. A field's value is the
// version at which it last changed, so that one can tell what is older.

import type {
  ServerMessage, SubscribeRequest, TopicMessage, WireTopic,
} from '../src/protocol';
import type {
  Link, LinkEvents, Transport, Way,
} from '../src/transports/transport';

type Fields = Record<string, number>;

/** What becomes of a connection. */
export interface Network {
  readonly refused?: boolean;
  /** Every message takes so long. */
  readonly latencyMs?: number;
  /** Nothing comes through any more from then on. */
  readonly silentAfterMs?: number;
  readonly cutAfterMs?: number;
  /** What comes is passed on only at this interval. */
  readonly gatherMs?: number;
}

/** What a message of a topic brings. */
export interface Said {
  readonly run: string;
  /** Its number in that run, from 1 on. */
  readonly n: number;
}

interface Ring {
  /** The sequence of the first one ever. */
  readonly first: number;
  count: number;
  messages: TopicMessage[];
}

interface Held {
  readonly fields: readonly string[];
  cursor: number;
}

const names = ['bid', 'ask'];
/** Names that begin so are topics. */
const topicPrefix = 'chat/';
const flushMs = 20;
const heartbeatMs = 2000;

export class FakeGateway {
  epoch = 'e1';
  readonly quotes = new Map<string, {v: number, fields: Fields}>();
  readonly topics = new Map<string, Ring>();
  /** So many messages are kept of each topic. */
  ringSize = 300;
  /** So many go into one object. */
  batchSize = 7;
  /** It had to tell somebody of messages that were gone. */
  toldLost = false;
  readonly connections = new Set<Connection>();
  /** What the next connection meets. */
  network: () => Network = () => ({});
  down = false;

  tick(symbol: string, changed: readonly string[]): void {
    const quote = this.quotes.get(symbol) ?? {v: 0, fields: {}};
    const v = quote.v + 1;
    const fields = {...quote.fields};
    // The first tick has all.
    for (const name of v === 1 ? names : changed) fields[name] = v;
    this.quotes.set(symbol, {v, fields});
  }

  say(topic: string): void {
    const ring = this.topics.get(topic) ??
        {first: Date.now() * 1000, count: 0, messages: []};
    this.topics.set(topic, ring);
    const data: Said = {run: this.epoch, n: ++ring.count};
    const seq = ring.first + ring.count - 1;
    ring.messages.push({seq, time: Date.now() * 1000, data});
    if (ring.messages.length > this.ringSize) ring.messages.shift();
  }

  /** Another run of the market; whoever was connected is not. */
  restart(epoch: string): void {
    this.epoch = epoch;
    this.quotes.clear();
    this.topics.clear();
    for (const each of [...this.connections]) each.cut();
  }

  transport(name: string, way: Way): Transport {
    return {
      name,
      way,
      available: () => true,
      open: (_base, query, events) =>
          new Connection(this, this.network(), way, query, events),
    };
  }
}

class Connection implements Link {
  readonly #subscriptions = new Map<string, Held>();
  /** The cursor of each topic, or how much of it a fresh one begins with. */
  readonly #topics = new Map<string, {seq?: number, history: number}>();
  readonly #gathered: string[] = [];
  /** On their way there and back: none overtakes another. */
  readonly #going: string[] = [];
  readonly #coming: string[] = [];
  readonly #timers: ReturnType<typeof setInterval>[] = [];
  readonly #began = Date.now();
  #spokeAt = 0;
  #closed = false;

  constructor(
      private readonly gateway: FakeGateway, private readonly network: Network,
      way: Way, query: string, private readonly events: LinkEvents) {
    const {refused, latencyMs = 0, cutAfterMs, gatherMs} = network;
    this.#after(latencyMs, () => {
      if (refused || gateway.down) {
        this.cut();
        return;
      }
      gateway.connections.add(this);
      events.opened();
      this.#say({
        type: 'hello', version: 1, epoch: gateway.epoch, time: 0,
        heartbeat_ms: heartbeatMs, feeds: {f: {status: 'live', source: 's'}},
      });
      for (const each of requestsOf(way, query)) this.#subscribe(each);
      this.#every(flushMs, () => this.#flush());
      if (gatherMs) this.#every(gatherMs, () => this.#passOn());
    });
    if (cutAfterMs) this.#after(cutAfterMs, () => this.cut());
  }

  send(text: string): void {
    this.#going.push(text);
    this.#after(this.network.latencyMs ?? 0, () => {
      const request = JSON.parse(this.#going.shift() ?? '') as
          {type: string, id: number};
      const {id} = request;
      switch (request.type) {
        case 'subscribe':
          this.#subscribe(request as unknown as SubscribeRequest);
          break;
        case 'unsubscribe':
          for (const name of (request as unknown as SubscribeRequest).symbols) {
            this.#subscriptions.delete(name);
            this.#topics.delete(name);
          }
          this.#say({type: 'ack', id});
          break;
        default:
          this.#say({type: 'pong', time: 0});
      }
    });
  }

  close(): void {
    this.#closed = true;
    this.gateway.connections.delete(this);
    for (const timer of this.#timers) clearInterval(timer);
  }

  cut(): void {
    if (this.#closed) return;
    this.close();
    this.events.closed({reason: 'cut', code: 1006});
  }

  #subscribe({id, symbols, at, fields, history}: SubscribeRequest): void {
    const token = `${this.gateway.epoch}.${(fields ?? names).join('+')}.0`;
    const described: Record<string, object> = {};
    for (const each of symbols) {
      const [symbol = '', version] = each.split('@');
      if (symbol.startsWith(topicPrefix)) {
        this.#topics.set(symbol, {
          history: history ?? 0, ...(version && {seq: Number(version)}),
        });
        described[symbol] = this.gateway.topics.has(symbol) ?
            {topic: true, keeps: this.gateway.ringSize} : {unknown: true};
        continue;
      }
      const cursor = at === token ? Number(version ?? 0) : 0;
      this.#subscriptions.set(symbol, {fields: fields ?? names, cursor});
      described[symbol] =
          this.gateway.quotes.has(symbol) ? {feed: 'f'} : {unknown: true};
    }
    this.#say({type: 'ack', id, at: token, symbols: described});
    while (this.#flush()) continue;
    this.#say({type: 'synced', id});
  }

  /** Says what there is; is there more? */
  #flush(): boolean {
    const more = this.#flushTopics();
    this.#flushQuotes(more);
    return more;
  }

  #flushTopics(): boolean {
    const topics: Record<string, WireTopic> = {};
    let more = false;
    for (const [name, held] of this.#topics) {
      const ring = this.gateway.topics.get(name);
      if (!ring) continue;
      const {first, count, messages} = ring;
      const oldest = messages[0]?.seq ?? first;
      const last = first + count - 1;
      let from = (held.seq ?? Math.max(last - held.history, oldest - 1)) + 1;
      let lost: number|null|undefined;
      if (from < first || from > last + 1) {
        lost = null;
        from = oldest;
      } else if (from < oldest) {
        lost = oldest - from;
        from = oldest;
        this.gateway.toldLost = true;
      }
      // Also if there are none: it says where the topic is.
      if (held.seq !== undefined && from > last) continue;
      const part = messages.filter(({seq}) => seq >= from)
          .slice(0, this.gateway.batchSize);
      const v = part.at(-1)?.seq ?? last;
      topics[name] = {v, ...(lost !== undefined && {lost}), messages: part};
      held.seq = v;
      more ||= v < last;
    }
    if (Object.keys(topics).length > 0) {
      this.#say({type: 'messages', time: 0, topics});
    }
    return more;
  }

  #flushQuotes(busy: boolean): void {
    const quotes: Record<string, Record<string, number|boolean>> = {};
    for (const [symbol, held] of this.#subscriptions) {
      const quote = this.gateway.quotes.get(symbol);
      if (!quote) continue;
      const {v, fields} = quote;
      const changed = held.fields.filter(
          (name) => (fields[name] ?? 0) > held.cursor);
      if (changed.length === 0) continue;
      quotes[symbol] = {
        v, n: v, ...(held.cursor === 0 && {snapshot: true}),
        ...Object.fromEntries(changed.map((name) => [name, fields[name]])),
      } as Record<string, number|boolean>;
      if (held.cursor === 0) {
        this.#say({
          type: 'ack', at: `${this.gateway.epoch}.${held.fields.join('+')}.0`,
          symbols: {[symbol]: {feed: 'f'}},
        });
      }
      held.cursor = v;
    }
    const {epoch} = this.gateway;
    if (Object.keys(quotes).length > 0) {
      this.#say({type: 'update', epoch, time: 0, quotes});
    } else if (!busy && Date.now() - this.#spokeAt >= heartbeatMs) {
      this.#say({type: 'heartbeat', time: 0});
    }
  }

  #say(message: ServerMessage): void {
    this.#spokeAt = Date.now();
    const {silentAfterMs = Infinity, latencyMs = 0, gatherMs} = this.network;
    if (this.#spokeAt - this.#began >= silentAfterMs) return;
    const text = JSON.stringify(
        'time' in message ? {...message, time: Date.now() * 1000} : message);
    if (gatherMs) {
      this.#gathered.push(text);
    } else {
      this.#coming.push(text);
      this.#after(
          latencyMs, () => this.events.received(this.#coming.shift() ?? ''));
    }
  }

  #passOn(): void {
    for (const text of this.#gathered.splice(0)) {
      if (!this.#closed) this.events.received(text);
    }
  }

  #after(ms: number, act: () => void): void {
    this.#timers.push(setTimeout(() => {
      if (!this.#closed) act();
    }, ms));
  }

  #every(ms: number, act: () => void): void {
    this.#timers.push(setInterval(act, ms));
  }
}

function requestsOf(way: Way, query: string): readonly SubscribeRequest[] {
  if (way === 'both') return [];
  if (way === 'body') return JSON.parse(query) as SubscribeRequest[];
  const parts = new URLSearchParams(query);
  const list = (key: string) => parts.get(key)?.split(',');
  const [at, fields] = [parts.get('at'), list('fields')];
  const history = Number(parts.get('history') ?? 0);
  return [{
    type: 'subscribe', id: Number(parts.get('id')),
    symbols: list('symbols') ?? [], history,
    ...(at && {at}), ...(fields && {fields}),
  }];
}
