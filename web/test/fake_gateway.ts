// A small gateway of docs/protocol.md behind every kind of streaming transport,
// and the networks to it: slow, silent, cut, gathering. A field's value is the
// version at which it last changed, so that one can tell what is older.

import type {ServerMessage, SubscribeRequest} from '../src/protocol';
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

interface Held {
  readonly fields: readonly string[];
  cursor: number;
}

const names = ['bid', 'ask'];
const flushMs = 20;
const heartbeatMs = 2000;

export class FakeGateway {
  epoch = 'e1';
  readonly quotes = new Map<string, {v: number, fields: Fields}>();
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

  /** Another run of the market; whoever was connected is not. */
  restart(epoch: string): void {
    this.epoch = epoch;
    this.quotes.clear();
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
  readonly #gathered: string[] = [];
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
    this.#after(this.network.latencyMs ?? 0, () => {
      const request = JSON.parse(text) as {type: string, id: number};
      const {id} = request;
      switch (request.type) {
        case 'subscribe':
          this.#subscribe(request as unknown as SubscribeRequest);
          break;
        case 'unsubscribe':
          for (const name of (request as unknown as SubscribeRequest).symbols) {
            this.#subscriptions.delete(name);
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

  #subscribe({id, symbols, at, fields}: SubscribeRequest): void {
    const token = `${this.gateway.epoch}.${(fields ?? names).join('+')}.0`;
    const described: Record<string, object> = {};
    for (const each of symbols) {
      const [symbol = '', version] = each.split('@');
      const cursor = at === token ? Number(version ?? 0) : 0;
      this.#subscriptions.set(symbol, {fields: fields ?? names, cursor});
      described[symbol] =
          this.gateway.quotes.has(symbol) ? {feed: 'f'} : {unknown: true};
    }
    this.#say({type: 'ack', id, at: token, symbols: described});
    this.#flush();
    this.#say({type: 'synced', id});
  }

  #flush(): void {
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
    } else if (Date.now() - this.#spokeAt >= heartbeatMs) {
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
      this.#after(latencyMs, () => this.events.received(text));
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
  return [{
    type: 'subscribe', id: Number(parts.get('id')),
    symbols: list('symbols') ?? [], ...(at && {at}), ...(fields && {fields}),
  }];
}
