// Random messages of a gateway, each in both encodings: what JsonWriter would
// say as text, and the frames of the schema. Equal seeds, equal messages.

import {type Fields, frame, join, type Node} from './flat_writer';

/** Mulberry32. */
export class Random {
  constructor(private state: number) {}

  below(limit: number): number {
    this.state = (this.state + 0x6d2b79f5) | 0;
    let x = Math.imul(this.state ^ (this.state >>> 15), this.state | 1);
    x ^= x + Math.imul(x ^ (x >>> 7), x | 61);
    return Math.floor(((x ^ (x >>> 14)) >>> 0) / 2 ** 32 * limit);
  }

  chance(of: number): boolean {
    return this.below(of) === 0;
  }

  pick<T>(all: readonly T[]): T {
    return all[this.below(all.length)] as T;
  }

  /** 0 to 2^bits - 1; small ones as often as large ones. */
  word(bits: number): bigint {
    const half = () => BigInt(this.below(2 ** 32));
    const all = half() << 32n | half();
    return all & ((1n << BigInt(this.below(bits + 1))) - 1n);
  }

  signed(bits: number): bigint {
    const value = this.word(bits);
    return this.chance(2) ? value : -value;
  }

  text(): string {
    const pieces = [
      'A', 'b/C', '"', '\\', '1', '€', 'Größe', '😀', '\u0001', '\uFEFF',
    ];
    let text = '';
    for (let n = this.below(5); n >= 0; --n) text += this.pick(pieces);
    return text;
  }
}

export interface Both {
  /** Objects, one per line. */
  readonly json: string;
  readonly flat: Uint8Array;
}

/** A scaled value as the decimal text of JSON. */
export function decimalText(value: bigint, decimals: number): string {
  if (decimals === 0) return `${value}`;
  const digits = `${value < 0n ? -value : value}`.padStart(decimals + 1, '0');
  const point = digits.length - decimals;
  const sign = value < 0n ? '-' : '';
  return `${sign}${digits.slice(0, point)}.${digits.slice(point)}`;
}

const quote = (text: string) => JSON.stringify(text);
const statuses = ['down', 'live', 'stale', 'ended'];
const sources = ['realtime', 'delayed', 'replay', 'simulated'];
const kinds = ['price', 'quantity', 'time', 'text'];
const rates = [100, 10, 4, 1, 1 / 2, 1 / 5, 1 / 30, 1 / 60];

interface Symbol {
  readonly code: string;
  readonly decimals: number;
  readonly quantityDecimals: number;
}

export class Model {
  readonly #fields: {readonly name: string, readonly kind: number}[] = [];
  readonly #feeds: string[] = [];
  readonly #symbols = new Map<number, Symbol>();
  readonly #topics = new Map<number, string>();
  #codes = 0;

  constructor(private readonly random: Random) {}

  hello(): Both {
    const {random} = this;
    for (let i = 0; i < 70; ++i) {
      this.#fields.push({name: `f${i}`, kind: random.below(kinds.length)});
    }
    this.#fields.push({name: '__proto__', kind: 0});
    for (let i = random.below(3); i >= 0; --i) {
      this.#feeds.push(`feed ${i} ${random.text()}`);
    }
    const [market, epoch] = [random.text(), random.word(64)];
    const [heartbeat, time] = [random.word(20), random.word(53)];
    const feeds = this.#feedStates();
    const fields = this.#fields.map(({name, kind}) => (
      {table: [{text: name}, kind ? {u8: kind} : undefined]}));
    return {
      json: `{"type":"hello","version":1,"market":${quote(market)},` +
          `"epoch":"${epoch.toString(16)}","heartbeat_ms":${heartbeat},` +
          `"time":${time},"feeds":{${feeds.json}}}`,
      flat: frame(1, [
        {u16: 1}, {text: market}, {i64: epoch}, {i64: heartbeat}, {i64: time},
        feeds.flat, {all: fields},
      ]),
    };
  }

  /** Any but hello. An ack comes first, so that there are symbols. */
  next(): Both {
    const {random} = this;
    if (this.#symbols.size === 0) return this.#ack();
    return random.pick([
      () => this.#ack(), () => this.#update(), () => this.#update(),
      () => this.#feedChange(), () => this.#error(), () => this.#closing(),
      () => this.#timed('pong', 5, 1), () => this.#timed('heartbeat', 9, 0),
      () => this.#synced(), () => this.#messages(), () => this.#published(),
    ])();
  }

  #feedStates(): {json: string, flat: Node} {
    const {random} = this;
    const json: string[] = [];
    const all: Node[] = [];
    for (const name of this.#feeds) {
      const [status, source] = [random.below(4), random.below(4)];
      const times = [random.word(20), random.word(53), random.word(30)];
      json.push(
          `${quote(name)}:{"status":"${statuses[status]}",` +
          `"source":"${sources[source]}","delay_s":${times[0]},` +
          `"stale_after_ms":${times[1]},"quiet_after_ms":${times[2]}}`);
      all.push({table: [
        {text: name}, {u8: status}, {u8: source},
        ...times.map((i64) => i64 ? {i64} : undefined),
      ]});
    }
    return {json: json.join(), flat: {all}};
  }

  #feedChange(): Both {
    const time = this.random.word(53);
    const feeds = this.#feedStates();
    return {
      json: `{"type":"feed","time":${time},"feeds":{${feeds.json}}}`,
      flat: frame(2, [{i64: time}, feeds.flat]),
    };
  }

  /** An id, or none, as the member of an object. */
  #id(): {json: string, flat: Node|undefined} {
    const {random} = this;
    if (random.chance(3)) return {json: '', flat: undefined};
    const id = random.chance(2) ?
        `${random.below(1000)}` : quote(random.text());
    return {json: `,"id":${id}`, flat: {text: id}};
  }

  #ack(): Both {
    const {random} = this;
    const id = this.#id();
    const members: string[] = [];
    const [symbols, unknown]: [Node[], Node[]] = [[], []];
    for (let n = random.below(4); n >= 0; --n) {
      const {json, flat} = this.#symbol();
      members.push(json);
      symbols.push(flat);
    }
    for (let n = random.below(3); n > 0; --n) {
      const {json, flat} = this.#topic();
      members.push(json);
      symbols.push(flat);
    }
    for (let n = random.below(3); n > 0; --n) {
      const code = `new ${random.text()} ${n}`;
      members.push(`${quote(code)}:{"unknown":true}`);
      unknown.push({text: code});
    }
    const rate = random.pick([0, Infinity, ...rates]);
    const rateJson = rate === Infinity ? '"unlimited"' :
        rate.toFixed(6).replace(/\.?0+$/, '');
    const more = random.chance(2);
    return {
      json: `{"type":"ack"${id.json},"at":"a.b.c"` +
          (rate ? `,"max_rate":${rateJson}` : '') +
          `,"symbols":{${members.join()}}${more ? ',"more":true' : ''}}`,
      flat: frame(3, [
        id.flat, {text: 'a.b.c'}, rate ? {f64: rate} : undefined,
        {all: symbols}, unknown.length ? {all: unknown} : undefined,
        more ? {u8: 1} : undefined,
      ]),
    };
  }

  #symbol(): {json: string, flat: Node} {
    const {random} = this;
    const number = random.chance(4) ? random.below(2 ** 32) : random.below(9);
    const code = random.chance(40) ?
        '__proto__' : `${random.text()} ${++this.#codes}`;
    const decimals = random.below(13), quantityDecimals = random.below(13);
    this.#symbols.set(number, {code, decimals, quantityDecimals});
    this.#topics.delete(number);
    const pip = random.chance(2) ? 0n : random.word(40);
    const feed = random.below(this.#feeds.length);
    const [currency, name] = [random.text(), random.text()];
    return {
      json: `${quote(code)}:{"decimals":${decimals},` +
          `"quantity_decimals":${quantityDecimals},` +
          `"currency":${quote(currency)}` +
          (pip ? `,"pip":${decimalText(pip, decimals)}` : '') +
          `,"name":${quote(name)},"feed":${quote(this.#feeds[feed] ?? '')}}`,
      flat: {table: [
        {text: code}, {u32: number}, {u8: decimals}, {u8: quantityDecimals},
        {text: currency}, {i64: pip}, {text: name}, {u16: feed},
      ]},
    };
  }

  #topic(): {json: string, flat: Node} {
    const {random} = this;
    const number = random.below(2 ** 32), keeps = random.below(2 ** 32);
    const code = `chat/${random.text()} ${++this.#codes}`;
    const feed = random.chance(2) ? 65535 : random.below(this.#feeds.length);
    const told = feed === 65535 ?
        '' : `,"feed":${quote(this.#feeds[feed] ?? '')}`;
    this.#symbols.delete(number);
    this.#topics.set(number, code);
    return {
      json: `${quote(code)}:{"topic":true,"keeps":${keeps}${told}}`,
      flat: {table: [
        {text: code}, {u32: number}, undefined, undefined, undefined,
        undefined, undefined, {u16: feed}, {u8: 1}, {u32: keeps},
      ]},
    };
  }

  #messages(): Both {
    const {random} = this;
    const time = random.word(53);
    const members: string[] = [], frames: Uint8Array[] = [];
    for (const [number, code] of this.#topics) {
      if (random.chance(2)) continue;
      const last = random.word(53);
      const lost = random.chance(2) ? 0n : random.word(53);
      const unknown = random.chance(4);
      const each = Array.from({length: random.below(4)}, () => ({
        seq: random.word(53), at: random.word(53),
        data: random.pick(
            ['1', 'null', '"€ "', '{"a":[1,{"b":"\\n"}]}', quote(random.text())]),
      }));
      const list = each.map(({seq, at, data}) =>
          `{"seq":${seq},"time":${at},"data":${data}}`).join();
      const told = unknown ? ',"lost":null' : lost ? `,"lost":${lost}` : '';
      members.push(`${quote(code)}:{"v":${last}${told},"messages":[${list}]}`);
      frames.push(frame(12, [
        {u32: number}, {i64: last}, lost ? {i64: lost} : undefined,
        unknown ? {u8: 1} : undefined,
        {all: each.map(({seq, at, data}) => (
          {table: [{i64: seq}, {i64: at}, {text: data}]}))},
      ]));
    }
    return {
      json: `{"type":"messages","time":${time},"topics":{${members.join()}}}`,
      flat: join(frame(11, [{i64: time}]), ...frames),
    };
  }

  #published(): Both {
    const id = this.#id(), seq = this.random.word(53) | 1n;
    return {
      json: `{"type":"ack"${id.json},"seq":${seq}}`,
      flat: frame(3, [
        id.flat, undefined, undefined, undefined, undefined, undefined,
        {i64: seq},
      ]),
    };
  }

  #update(): Both {
    const {random} = this;
    const [epoch, time] = [random.word(64), random.word(53)];
    const numbers = [...this.#symbols.keys()].filter(() => random.chance(2));
    // A second quote of one symbol would be a second member of one name.
    const codes = new Map(numbers.map(
        (number) => [this.#symbols.get(number)?.code, number]));
    const quotes = [...codes.values()].map((number) => this.#quote(number));
    return {
      json: `{"type":"update","epoch":"${epoch.toString(16)}",` +
          `"time":${time},"quotes":{${quotes.map(({json}) => json).join()}}}`,
      flat: join(
          frame(7, [{i64: epoch}, {i64: time}]),
          ...quotes.map(({flat}) => flat)),
    };
  }

  #quote(number: number): Both {
    const {random} = this;
    const symbol = this.#symbols.get(number) as Symbol;
    const [v, n] = [random.word(53), random.word(53)];
    const [t, e] = [random.word(53), random.chance(2) ? 0n : random.word(53)];
    const snapshot = random.chance(2), quiet = random.below(3);
    let json = `${quote(symbol.code)}:{"v":${v}` +
        `${snapshot ? ',"snapshot":true' : ''},"n":${n},"t":${t}` +
        `${e ? `,"e":${e}` : ''}` +
        (quiet ? `,"quiet":${quiet === 2}` : '');
    const ids = this.#fields.map((_, i) => i)
        .filter(() => random.chance(3)).slice(0, 64);
    const values: bigint[] = [];
    let empty = 0n;
    ids.forEach((id, i) => {
      const {name, kind} = this.#fields[id] as {name: string, kind: number};
      const value = this.#value(kind, symbol);
      const gone = random.chance(4);
      if (gone) empty |= 1n << BigInt(i);
      json += `,${quote(name)}:${gone ? 'null' : value.json}`;
      values.push(value.word);
    });
    const fields: Fields = [
      {u32: number}, {i64: v}, snapshot ? {u8: 1} : undefined, {i64: n},
      {i64: t}, e ? {i64: e} : undefined, {u8: quiet}, {u16s: ids},
      {i64s: values}, empty ? {i64: empty} : undefined,
    ];
    return {json: `${json}}`, flat: frame(8, fields)};
  }

  #value(kind: number, symbol: Symbol): {json: string, word: bigint} {
    const {random} = this;
    if (kind === 3) {
      const text = random.pick(['open', 'halted', 'auction8', '€', '']);
      const bytes = new Uint8Array(8);
      bytes.set(new TextEncoder().encode(text));
      const word = new DataView(bytes.buffer).getBigUint64(0, true);
      return {json: quote(text), word};
    }
    const word = random.signed(53);
    if (kind === 2) return {json: `${word}`, word};
    const decimals = kind === 0 ? symbol.decimals : symbol.quantityDecimals;
    return {json: decimalText(word, decimals), word};
  }

  #error(): Both {
    const id = this.#id();
    const [reason, key] = [this.random.text(), this.random.text()];
    return {
      json: `{"type":"error"${id.json},"code":"bad_symbol",` +
          `"reason":${quote(reason)},"key":${quote(key)}}`,
      flat: frame(
          6, [id.flat, {text: 'bad_symbol'}, {text: reason}, {text: key}]),
    };
  }

  #closing(): Both {
    const afterMs = this.random.below(3) - 1;
    const retry = afterMs < 0 ? 'false' : `true,"after_ms":${afterMs}`;
    return {
      json: `{"type":"closing","code":4001,"reason":"r","retry":${retry}}`,
      flat: frame(10, [
        {u16: 4001}, {text: 'r'}, afterMs < 0 ? undefined : {i32: afterMs},
      ]),
    };
  }

  #timed(type: string, body: number, place: number): Both {
    const id = place ? this.#id() : {json: '', flat: undefined};
    const time = this.random.word(53);
    const before = place ? [id.flat] : [];
    return {
      json: `{"type":"${type}"${id.json},"time":${time}}`,
      flat: frame(body, [...before, {i64: time}]),
    };
  }

  #synced(): Both {
    const id = this.#id();
    return {
      json: `{"type":"synced"${id.json}}`,
      flat: frame(4, [id.flat]),
    };
  }
}
