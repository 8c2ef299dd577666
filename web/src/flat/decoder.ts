// Messages in FlatBuffers (schemas/client.fbs) as the objects that those in
// JSON parse to. One per connection: fields and symbols have numbers there,
// which are told once.
//
// What a later version may add (bodies, fields of tables, values of enums) is
// passed over. All else that is not as the schema says throws a FlatError.

import type {
  Description, FeedState, ServerMessage, Value, WireQuote, WireTopic,
} from '../protocol';

import {framesOf} from './frames';
import {decodeText, FlatBuffer, FlatError, type Table} from './table';

/** FieldKind. */
const price = 0, quantity = 1, time = 2, text = 3;
const statuses = ['down', 'live', 'stale', 'ended'];
const sources = ['realtime', 'delayed', 'replay', 'simulated'];
/** Quiet; 0 says nothing of it. */
const notQuiet = 1, quiet = 2, withdrawn = 3;
/** The numbers of Quote and TopicMessages in the union. */
const quoteBody = 8, topicBody = 12;
/** Of topics that clients publish to. */
const noFeed = 65535;
/** As far as a symbol's decimals go. All are exact. */
const powers = Array.from({length: 13}, (_, i) => 10 ** i);
/** The bits of `empty`. */
const quoteFieldsMax = 64;

interface Field {
  readonly name: string;
  readonly kind: number;
}

/** What the values of a symbol are scaled by, and whose they are. */
interface Scales {
  readonly code: string;
  readonly price: number;
  readonly quantity: number;
}

/** What the quotes that follow are of. */
interface UpdateHead {
  readonly epoch: string;
  readonly time: number;
}

type Named<T> = Record<string, T>;
type Read = (body: Table) => ServerMessage|undefined;

export class FlatDecoder {
  #greeted = false;
  #epoch = '';
  #fields: Field[] = [];
  #feeds: string[] = [];
  readonly #symbols = new Map<number, Scales>();
  /** Of the update that goes on. */
  #update: UpdateHead|undefined;
  /** Its quotes in the message at hand. */
  #quotes: Named<WireQuote>|undefined;
  /** When the topics that follow were sent, and those in this message. */
  #topicsTime: number|undefined;
  #topics: Named<WireTopic>|undefined;

  /** By the number of a body in its union. */
  readonly #readers: readonly (Read|undefined)[] = [
    undefined,
    (body) => this.#hello(body),
    (body) => this.#feedChange(body),
    (body) => this.#ack(body),
    (body) => ({type: 'synced', ...idOf(body)}),
    (body) => ({type: 'pong', ...idOf(body), time: body.int64(1)}),
    readError,
    (body) => this.#beginUpdate(body),
    (body) => this.#quote(body),
    (body) => ({type: 'heartbeat', time: body.int64(0)}),
    readClosing,
    (body) => this.#beginTopics(body.int64(0)),
    (body) => this.#topic(body),
  ];

  /** Has it been told what fields there are? */
  get greeted(): boolean {
    return this.#greeted;
  }

  /**
   * The messages in whole frames. Once it has thrown a FlatError, it is of no
   * further use.
   */
  decode(bytes: Uint8Array): ServerMessage[] {
    const messages: ServerMessage[] = [];
    this.#quotes = this.#topics = undefined;
    for (const frame of framesOf(bytes)) {
      const root = new FlatBuffer(frame).root();
      // A union may be without its table.
      if (root.place(1) === undefined) continue;
      const type = root.uint8(0);
      if (type !== quoteBody) this.#update = this.#quotes = undefined;
      if (type !== topicBody) this.#topicsTime = this.#topics = undefined;
      const read = this.#readers[type];
      const message = read?.(root.table(1) as Table);
      if (message) messages.push(message);
    }
    return messages;
  }

  #hello(body: Table): ServerMessage {
    this.#greeted = true;
    const epoch = epochOf(body, 2);
    // A poll of which one request is new is greeted in the same epoch, and not
    // told again of the symbols of the others.
    if (epoch !== this.#epoch) this.#symbols.clear();
    this.#epoch = epoch;
    this.#fields = body.tables(6).map(
        (field) => ({name: field.text(0), kind: field.uint8(1)}));
    this.#feeds = [];
    return {
      type: 'hello',
      version: body.uint16(0),
      market: body.text(1),
      epoch,
      heartbeat_ms: body.int64(3),
      time: body.int64(4),
      feeds: this.#feedStates(body.tables(5)),
    };
  }

  #feedChange(body: Table): ServerMessage {
    const feeds = this.#feedStates(body.tables(1));
    return {type: 'feed', time: body.int64(0), feeds};
  }

  #feedStates(tables: readonly Table[]): Named<FeedState> {
    const states: Named<FeedState> = {};
    for (const feed of tables) {
      const name = feed.text(0);
      if (!this.#feeds.includes(name)) this.#feeds.push(name);
      put(states, name, {
        status: statuses[feed.uint8(1)] ?? 'unknown',
        source: sources[feed.uint8(2)] ?? 'unknown',
        delay_s: feed.int64(3),
        stale_after_ms: feed.int64(4),
        quiet_after_ms: feed.int64(5),
      });
    }
    return states;
  }

  #ack(body: Table): ServerMessage {
    const at = body.text(1);
    const rate = body.float64(2);
    const symbols: Named<Description> = {};
    for (const each of body.tables(3)) {
      put(symbols, each.text(0), this.#describe(each));
    }
    for (const code of body.texts(4)) put(symbols, code, {unknown: true});
    return {
      type: 'ack',
      ...idOf(body),
      ...(at && {at}),
      ...(rate === Infinity && {max_rate: 'unlimited' as const}),
      // As JSON says it.
      ...(rate > 0 && rate < 1e9 && {max_rate: Number(rate.toFixed(6))}),
      ...(Object.keys(symbols).length > 0 && {symbols}),
      ...(body.bool(5) && {more: true}),
      ...(body.uint64(6) > 0 && {seq: body.uint64(6)}),
    };
  }

  #describe(symbol: Table): Description {
    const decimals = symbol.uint8(2), quantityDecimals = symbol.uint8(3);
    const scales = {
      code: symbol.text(0),
      price: powers[decimals] ?? 0,
      quantity: powers[quantityDecimals] ?? 0,
    };
    if (scales.price === 0 || scales.quantity === 0) {
      throw new FlatError('a symbol with too many decimals');
    }
    this.#symbols.set(symbol.uint32(1), scales);
    const feed = this.#feeds[symbol.uint16(7)];
    const topic = symbol.bool(8);
    if (topic && symbol.uint16(7) === noFeed) {
      return {topic, keeps: symbol.uint32(9)};
    }
    if (feed === undefined) throw new FlatError('a symbol of no feed');
    if (topic) return {topic, keeps: symbol.uint32(9), feed};
    const currency = symbol.text(4), pip = symbol.int64(5);
    const name = symbol.text(6);
    return {
      decimals,
      quantity_decimals: quantityDecimals,
      ...(currency && {currency}),
      ...(pip !== 0 && {pip: pip / scales.price}),
      ...(name && {name}),
      feed,
    };
  }

  #beginUpdate(body: Table): ServerMessage {
    this.#update = {epoch: epochOf(body, 0), time: body.int64(1)};
    return this.#updateOf(this.#update);
  }

  #updateOf(head: UpdateHead): ServerMessage {
    this.#quotes = {};
    return {type: 'update', ...head, quotes: this.#quotes};
  }

  /** Goes into its update; a message of its own if that began earlier. */
  #quote(body: Table): ServerMessage|undefined {
    if (!this.#update) throw new FlatError('a quote outside of an update');
    const symbol = this.#symbols.get(body.uint32(0));
    if (!symbol) throw new FlatError('a quote of a symbol that was not told');
    const continued = this.#quotes ? undefined : this.#updateOf(this.#update);
    const quote = readHead(body);
    this.#readFields(body, symbol, quote);
    put(this.#quotes as Named<WireQuote>, symbol.code, quote);
    return continued;
  }

  #beginTopics(time: number): ServerMessage {
    this.#topicsTime = time;
    this.#topics = {};
    return {type: 'messages', time, topics: this.#topics};
  }

  /** As a quote goes into its update. */
  #topic(body: Table): ServerMessage|undefined {
    if (this.#topicsTime === undefined) {
      throw new FlatError('messages of a topic outside of messages');
    }
    const topic = this.#symbols.get(body.uint32(0));
    if (!topic) throw new FlatError('messages of a topic that was not told');
    const continued =
        this.#topics ? undefined : this.#beginTopics(this.#topicsTime);
    const lost = body.bool(3) ? null : body.uint64(2);
    put(this.#topics as Named<WireTopic>, topic.code, {
      v: body.uint64(1),
      ...(lost !== 0 && {lost}),
      messages: body.tables(4).map((each) => ({
        seq: each.uint64(0), time: each.int64(1), data: jsonOf(each.text(2)),
      })),
    });
    return continued;
  }

  #readFields(
      body: Table, symbol: Scales, quote: Named<Value|boolean>): void {
    const {buffer} = body;
    const ids = body.vector(7, 2), values = body.vector(8, 8);
    const [low, high] = body.words(9);
    if (ids.length !== values.length || ids.length > quoteFieldsMax) {
      throw new FlatError('a quote whose fields and values do not match');
    }
    for (let i = 0; i < ids.length; ++i) {
      const field = this.#fields[buffer.uint16(ids.begin + 2 * i)];
      if (!field) throw new FlatError('a quote with a field that was not told');
      // A shift is by i modulo 32.
      const empty = (i < 32 ? low : high) >>> i & 1;
      const at = values.begin + 8 * i;
      if (empty) {
        put(quote, field.name, null);
      } else if (field.kind === price) {
        put(quote, field.name, buffer.int64(at) / symbol.price);
      } else if (field.kind === quantity) {
        put(quote, field.name, buffer.int64(at) / symbol.quantity);
      } else if (field.kind === time) {
        put(quote, field.name, buffer.int64(at));
      } else if (field.kind === text) {
        put(quote, field.name, wordText(buffer.raw(at, 8)));
      }
    }
  }
}

function readHead(body: Table): Named<Value|boolean> {
  const quote: Named<Value|boolean> = {v: body.uint64(1)};
  if (body.bool(2)) quote['snapshot'] = true;
  quote['n'] = body.uint64(3);
  quote['t'] = body.int64(4);
  const event = body.int64(5), note = body.uint8(6);
  if (event !== 0) quote['e'] = event;
  if (note === notQuiet || note === quiet) quote['quiet'] = note === quiet;
  if (note === withdrawn) quote['withdrawn'] = true;
  return quote;
}

function readError(body: Table): ServerMessage {
  const key = body.text(3);
  return {
    type: 'error',
    ...idOf(body),
    code: body.text(1),
    reason: body.text(2),
    ...(key && {key}),
  };
}

function readClosing(body: Table): ServerMessage {
  const afterMs = body.int32(2, -1);
  return {
    type: 'closing',
    code: body.uint16(0),
    reason: body.text(1),
    ...(afterMs < 0 ? {retry: false} : {retry: true, after_ms: afterMs}),
  };
}

function jsonOf(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new FlatError('text that is no JSON');
  }
}

/** An id is JSON. Ours are integers. */
function idOf(body: Table): {id?: number} {
  const json = body.text(0);
  if (json === '') return {};
  return {id: jsonOf(json) as number};
}

/** In hexadecimal, as in JSON. */
function epochOf(body: Table, id: number): string {
  const [low, high] = body.words(id);
  if (high === 0) return low.toString(16);
  return high.toString(16) + low.toString(16).padStart(8, '0');
}

/** Text of up to 8 bytes, then zeros. */
function wordText(bytes: Uint8Array): string {
  const end = bytes.indexOf(0);
  return decodeText(end < 0 ? bytes : bytes.subarray(0, end));
}

/** An own member, as JSON makes it, whatever its name. */
function put<T>(object: Named<T>, name: string, value: T): void {
  if (name !== '__proto__') {
    object[name] = value;
    return;
  }
  Object.defineProperty(
      object, name,
      {value, configurable: true, enumerable: true, writable: true});
}
