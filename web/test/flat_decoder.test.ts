// The decoder of FlatBuffers: it says what JSON says, and nothing of what is
// not as the schema says.

import {expect, test} from 'vitest';

import {FlatDecoder} from '../src/flat/decoder';
import {Frames} from '../src/flat/frames';
import {FlatError} from '../src/flat/table';
import {parseMessage, type ServerMessage} from '../src/protocol';

import {type Both, decimalText, Model, Random} from './flat_model';
import {type Fields, frame, join, rootFrame} from './flat_writer';

const rounds = 300;

/** A hello and some messages after it, of this seed. */
function session(seed: number): {hello: Both, others: Both[]} {
  const model = new Model(new Random(seed));
  const hello = model.hello();
  return {hello, others: Array.from({length: 12}, () => model.next())};
}

test('random messages are what they are in JSON', () => {
  for (let seed = 1; seed <= rounds; ++seed) {
    const decoder = new FlatDecoder();
    const {hello, others} = session(seed);
    for (const {json, flat} of [hello, ...others]) {
      expect(decoder.decode(flat), `seed ${seed}`)
          .toStrictEqual(parseMessage(json));
    }
  }
});

test('many messages are one, and a stream may be cut anywhere', () => {
  const random = new Random(7);
  for (let seed = 1; seed <= 40; ++seed) {
    const {hello, others} = session(seed);
    const all = join(hello.flat, ...others.map(({flat}) => flat));
    const expected =
        parseMessage([hello, ...others].map(({json}) => json).join('\n'));
    expect(new FlatDecoder().decode(all)).toStrictEqual(expected);

    const decoder = new FlatDecoder(), frames = new Frames();
    const told: ServerMessage[] = [];
    for (let at = 0; at < all.length;) {
      const size = 1 + random.below(random.pick([2, 40, 3000]));
      told.push(...decoder.decode(frames.push(all.slice(at, at + size))));
      at += size;
    }
    expect(merged(told)).toStrictEqual(merged(expected));
  }
});

/** An update that came in parts is told in parts. */
function merged(messages: readonly ServerMessage[]): ServerMessage[] {
  const all: ServerMessage[] = [];
  for (const message of messages) {
    const last = all.at(-1);
    if (message.type === 'update' && last?.type === 'update' &&
        last.epoch === message.epoch && last.time === message.time) {
      all[all.length - 1] =
          {...last, quotes: {...last.quotes, ...message.quotes}};
    } else if (message.type === 'messages' && last?.type === 'messages' &&
        last.time === message.time) {
      all[all.length - 1] =
          {...last, topics: {...last.topics, ...message.topics}};
    } else {
      all.push(message);
    }
  }
  return all;
}

test('a scaled value is the Number of its decimal text', () => {
  const random = new Random(11);
  const most = 2n ** 53n - 1n;
  for (let i = 0; i < 200_000; ++i) {
    const value = i < 26 ? most : random.signed(53);
    const decimals = i < 26 ? i % 13 : random.below(13);
    const text = decimalText(value, decimals);
    if (Number(value) / 10 ** decimals !== JSON.parse(text)) {
      throw new Error(`${text} is another number`);
    }
  }
  expect(Array.from({length: 13}, (_, i) => 10 ** i)).toEqual(
      Array.from({length: 13}, (_, i) => Number(`1${'0'.repeat(i)}`)));
});

/** A decoder that was told two fields and a symbol, number 5. */
function told(): FlatDecoder {
  const decoder = new FlatDecoder();
  decoder.decode(join(
      frame(1, [
        {u16: 1}, {text: 'live'}, {i64: 0xABn}, {i64: 2000n}, {i64: 1n},
        {all: [{table: [{text: 'f'}, {u8: 1}]}]},
        {all: [{table: [{text: 'bid'}]}, {table: [{text: 'odd'}, {u8: 9}]}]},
      ]),
      frame(3, [
        {text: '7'}, {text: 'ab.0.0'}, undefined,
        {all: [{table: [{text: 'A'}, {u32: 5}, {u8: 2}]}]},
      ])));
  return decoder;
}

const update = frame(7, [{i64: 0xABn}, {i64: 2n}]);
const quote = (fields: Fields) => join(update, frame(8, fields));
/** Of symbol 5, with these of its fields. */
const values = (u16s: number[], i64s: bigint[], empty = 0n) => quote([
  {u32: 5}, {i64: 3n}, undefined, undefined, undefined, undefined, undefined,
  {u16s}, {i64s}, {i64: empty},
]);

test('what a later version adds is passed over', () => {
  const decoder = told();
  expect(decoder.decode(frame(13, [{text: 'new'}]))).toEqual([]);
  expect(decoder.decode(frame(200, []))).toEqual([]);
  expect(decoder.decode(rootFrame([{u8: 9}]))).toEqual([]);
  const later = {i64: -1n};
  expect(decoder.decode(frame(9, [{i64: 5n}, later, {text: 'x'}])))
      .toEqual([{type: 'heartbeat', time: 5}]);
  expect(decoder.decode(rootFrame([
    {u8: 9}, {table: [{i64: 6n}]}, later,
  ]))).toEqual([{type: 'heartbeat', time: 6}]);
  expect(decoder.decode(frame(2, [
    {i64: 8n}, {all: [{table: [{text: 'f'}, {u8: 4}, {u8: 200}]}]},
  ]))).toMatchObject(
      [{type: 'feed', feeds: {f: {status: 'unknown', source: 'unknown'}}}]);
  // A field of a kind that is not known, and a quiet that is none.
  expect(decoder.decode(quote([
    {u32: 5}, {i64: 3n}, undefined, undefined, undefined, undefined, {u8: 4},
    {u16s: [1, 0]}, {i64s: [9n, 150n]},
  ]))).toEqual([{
    type: 'update', epoch: 'ab', time: 2,
    quotes: {A: {v: 3, n: 0, t: 0, bid: 1.5}},
  }]);
});

test('what is withdrawn says so', () => {
  expect(told().decode(quote([
    {u32: 5}, {i64: 3n}, {u8: 1}, undefined, undefined, undefined, {u8: 3},
    {u16s: [0]}, {i64s: [0n]}, {i64: 1n},
  ]))).toMatchObject([{
    quotes: {A: {v: 3, snapshot: true, withdrawn: true, bid: null}},
  }]);
});

test('what was told of symbols holds for the epoch', () => {
  const decoder = told();
  decoder.decode(frame(1, [
    {u16: 1}, {text: 'live'}, {i64: 0xABn}, {i64: 2000n}, {i64: 1n},
    {all: [{table: [{text: 'f'}, {u8: 1}]}]},
    {all: [{table: [{text: 'bid'}]}]},
  ]));
  expect(decoder.decode(values([0], [150n]))).toMatchObject(
      [{type: 'update', quotes: {A: {bid: 1.5}}}]);
});

test('hello begins anew', () => {
  const decoder = told();
  expect(decoder.greeted).toBe(true);
  expect(new FlatDecoder().greeted).toBe(false);
  expect(decoder.decode(quote([{u32: 5}]))).toMatchObject([{type: 'update'}]);
  decoder.decode(frame(1, []));
  expect(() => decoder.decode(quote([{u32: 5}]))).toThrow('was not told');
});

test('what no frame of a gateway is long for is refused at once', () => {
  const prefix = new Uint8Array(4);
  new DataView(prefix.buffer).setUint32(0, (1 << 20) + 4, true);
  expect(() => new Frames().push(prefix)).toThrow(FlatError);
});

test('numbers that a Number cannot say are refused', () => {
  const beyond = 2n ** 53n, most = beyond - 1n;
  expect(told().decode(values([0], [-most]))).toMatchObject(
      [{quotes: {A: {bid: -90071992547409.91}}}]);
  for (const value of [beyond, -beyond, 2n ** 63n - 1n, -(2n ** 63n)]) {
    expect(() => told().decode(values([0], [value])))
        .toThrow(new FlatError('a number beyond 2^53'));
    // What is empty has no value.
    expect(told().decode(values([0], [value], 1n)))
        .toMatchObject([{quotes: {A: {bid: null}}}]);
  }
  expect(() => told().decode(quote([{u32: 5}, {i64: 2n ** 64n - 1n}])))
      .toThrow('beyond 2^53');
  expect(() => told().decode(frame(9, [{i64: beyond}]))).toThrow(FlatError);
  const epoch = frame(7, [{i64: 2n ** 64n - 1n}]);
  expect(told().decode(epoch)).toMatchObject([{epoch: 'f'.repeat(16)}]);
  expect(told().decode(frame(7, [{i64: 0x1_0000_0001n}])))
      .toMatchObject([{epoch: '100000001'}]);
  expect(told().decode(frame(7, []))).toMatchObject([{epoch: '0'}]);
});

test.each<[string, () => Uint8Array, string]>([
  ['a quote alone', () => frame(8, [{u32: 5}]), 'outside of an update'],
  ['an update that is over',
    () => join(update, frame(9, []), frame(8, [{u32: 5}])),
    'outside of an update'],
  ['another symbol', () => quote([{u32: 6}]), 'symbol that was not told'],
  ['another field', () => values([2], [0n]), 'field that was not told'],
  ['too few values', () => values([0, 0], [0n]), 'do not match'],
  ['too many fields',
    () => values(Array<number>(65).fill(0), Array<bigint>(65).fill(0n)),
    'do not match'],
  ['13 decimals',
    () => frame(3, [
      undefined, undefined, undefined,
      {all: [{table: [{text: 'B'}, {u32: 1}, {u8: 13}]}]},
    ]), 'too many decimals'],
  ['no such feed',
    () => frame(3, [
      undefined, undefined, undefined,
      {all: [{table: [
        {text: 'B'}, {u32: 1}, undefined, undefined, undefined, undefined,
        undefined, {u16: 1},
      ]}]},
    ]), 'a symbol of no feed'],
  ['a topic alone', () => frame(12, [{u32: 5}]), 'outside of messages'],
  ['messages that are over',
    () => join(frame(11, []), frame(9, []), frame(12, [{u32: 5}])),
    'outside of messages'],
  ['another topic',
    () => join(frame(11, []), frame(12, [{u32: 6}])), 'topic that was not told'],
  ['a message',
    () => join(frame(11, []), frame(12, [
      {u32: 5}, undefined, undefined, undefined,
      {all: [{table: [undefined, undefined, {text: '{]'}]}]},
    ])), 'no JSON'],
  ['an id', () => frame(4, [{text: '{'}]), 'text that is no JSON'],
  ['Latin-1', () => frame(6, [undefined, {bytes: Uint8Array.of(0xe9)}]),
    'not UTF-8'],
  ['no frame', () => new Uint8Array(8), 'a frame of 4 bytes'],
  ['JSON', () => new TextEncoder().encode('{"type":"hello"}'), 'a frame of'],
])('%s is refused', (_name, bytes, reason) => {
  expect(() => told().decode(bytes())).toThrow(FlatError);
  expect(() => told().decode(bytes())).toThrow(reason);
});

test('small bytes that say much are refused', () => {
  // As many texts as fit, all of them the same long one.
  const count = 20_000;
  const bytes = frame(3, [
    undefined, undefined, undefined, undefined,
    {all: Array(count).fill({text: ''})}, undefined, {text: 'x'.repeat(count)},
  ]);
  const view = new DataView(bytes.buffer);
  const long = bytes.lastIndexOf(0x78) + 1 - count - 4;
  let vector = 0;
  while (view.getUint32(vector, true) !== count) vector += 4;
  expect(vector).toBeLessThan(long);
  for (let at = vector + 4; at <= vector + 4 * count; at += 4) {
    view.setUint32(at, long - at, true);
  }
  expect(() => told().decode(bytes)).toThrow('read too often');
});

/** Decodes what may be broken; anything but a FlatError fails the test. */
function survives(primed: Uint8Array, bytes: Uint8Array): boolean {
  const decoder = new FlatDecoder();
  decoder.decode(primed);
  try {
    decoder.decode(bytes);
    return true;
  } catch (error) {
    if (error instanceof FlatError) return false;
    throw error;
  }
}

test('every message that is cut is refused', () => {
  for (let seed = 1; seed <= 3; ++seed) {
    const {hello, others} = session(seed);
    let primed: Uint8Array = new Uint8Array(0);
    for (const {flat} of [hello, ...others]) {
      const borders = new Set([0]);
      const view = new DataView(flat.buffer);
      for (let at = 0; at < flat.length;) {
        borders.add(at += 4 + view.getUint32(at, true));
      }
      for (let size = 0; size < flat.length; ++size) {
        if (survives(primed, flat.slice(0, size)) !== borders.has(size)) {
          throw new Error(`seed ${seed}: cut at ${size} of ${flat.length}`);
        }
      }
      primed = join(primed, flat);
    }
  }
});

test('no byte that is wrong does harm', () => {
  const random = new Random(5);
  let refused = 0;
  for (let seed = 1; seed <= 25; ++seed) {
    const {hello, others} = session(seed);
    let primed: Uint8Array = new Uint8Array(0);
    for (const {flat} of [hello, ...others]) {
      for (let i = 0; i < 40; ++i) {
        const bytes = flat.slice();
        for (let n = random.below(4); n >= 0; --n) {
          const at = random.below(bytes.length);
          bytes[at] = random.chance(2) ?
              random.below(256) : (bytes[at] ?? 0) ^ 1 << random.below(8);
        }
        if (!survives(primed, bytes)) ++refused;
      }
      primed = join(primed, flat);
    }
  }
  expect(refused).toBeGreaterThan(5000);
});
