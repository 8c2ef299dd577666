// The transports that bring FlatBuffers, against the other ends of fakes.

import {afterEach, beforeEach, expect, test, vi} from 'vitest';

import {type Client, connect} from '../src/client';
import {
  flatPollTransport, flatStreamTransport, flatWebSocketTransport,
} from '../src/flat/transports';
import {flatTransports} from '../src/flat/index';
import type {Transport} from '../src/transports/transport';

import {frame, join} from './flat_writer';

const now = () => ({i64: BigInt(Date.now() * 1000)});
const hello = () => frame(1, [
  {u16: 1}, {text: 'live'}, {i64: 0xE1n}, {i64: 2000n}, now(),
  {all: [{table: [{text: 'f'}, {u8: 1}]}]},
  {all: [{table: [{text: 'bid'}]}]},
]);
const ack = (id: string) => frame(3, [
  {text: id}, {text: 'e1.x.0'}, undefined,
  {all: [{table: [{text: 'AAPL'}, {u32: 4}, {u8: 2}]}]},
]);
const update = (version: bigint, bid: bigint, snapshot = 0) => join(
    frame(7, [{i64: 0xE1n}, now()]),
    frame(8, [
      {u32: 4}, {i64: version}, {u8: snapshot}, undefined, undefined, undefined,
      undefined, {u16s: [0]}, {i64s: [bid]},
    ]));
const synced = (id: string) => frame(4, [{text: id}]);
const first = () =>
    join(hello(), ack('1'), update(1n, 18995n, 1), synced('1'));

let client: Client;
let seen: string[];
let errors: string[];

beforeEach(() => {
  vi.useFakeTimers();
  seen = [];
  errors = [];
});

afterEach(() => {
  client.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function start(...transports: Transport[]): void {
  client = connect({url: 'http://gateway/', transports, random: () => 1});
  client.onError(({code, reason}) => void errors.push(`${code}: ${reason}`));
  client.subscribe(
      ['AAPL'], {fields: ['bid']},
      ({quote}) => void seen.push(`${quote.get('bid')} ${quote.freshness}`));
}

/** What waits is done, and so long passes. */
const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

/** A WebSocket whose other end is the test. */
class FakeSocket {
  static last: FakeSocket;
  binaryType = 'blob';
  sent: string[] = [];
  closed = false;
  onopen: (() => void)|null = null;
  onmessage: ((event: {data: unknown}) => void)|null = null;
  onclose: ((event: {code: number, reason: string}) => void)|null = null;

  constructor(readonly url: string, readonly protocol: string) {
    FakeSocket.last = this;
  }

  send(text: string): void {
    this.sent.push(text);
  }

  close(): void {
    this.closed = true;
  }

  say(bytes: Uint8Array): void {
    this.onmessage?.({data: bytes.slice().buffer});
  }
}

async function overSocket(): Promise<FakeSocket> {
  vi.stubGlobal('WebSocket', FakeSocket);
  start(flatWebSocketTransport);
  const socket = FakeSocket.last;
  socket.onopen?.();
  await pass(50);
  socket.say(first());
  expect(seen.at(-1)).toBe('189.95 live');
  return socket;
}

test('a socket brings quotes', async () => {
  const socket = await overSocket();
  expect(socket).toMatchObject({
    url: 'ws://gateway/v1/ws', protocol: 'streamhub.v1.fb',
    binaryType: 'arraybuffer',
  });
  expect(JSON.parse(socket.sent[0] as string)).toMatchObject(
      {type: 'subscribe', id: 1, symbols: ['AAPL']});
  expect(client.state).toMatchObject(
      {status: 'connected', transport: 'websocket'});
  socket.say(update(2n, 19001n));
  expect(seen.at(-1)).toBe('190.01 live');
  expect(client.quote('AAPL')?.description).toEqual(
      {decimals: 2, quantity_decimals: 0, feed: 'f'});
  expect(errors).toEqual([]);
});

test('a socket that says what is no message is lost', async () => {
  const socket = await overSocket();
  socket.say(join(update(2n, 19001n), update(3n, 2n ** 60n)));
  expect(seen.at(-1)).toBe('189.95 stale');
  expect(socket.closed).toBe(true);
  expect(errors).toEqual(
      ['bad_message: not a message: a number beyond 2^53']);
  expect(client.state.status).toBe('disconnected');
  await pass(3000);
  expect(FakeSocket.last).not.toBe(socket);
  FakeSocket.last.onopen?.();
  await pass(50);
  // The next one resumes, and what it knows begins anew.
  expect(FakeSocket.last.sent[0]).toContain('AAPL@1');
  FakeSocket.last.say(update(2n, 19001n));
  expect(errors.at(-1)).toContain('a quote of a symbol that was not told');
});

test('a text on a binary socket is passed over', async () => {
  const socket = await overSocket();
  socket.onmessage?.({data: '{"type":"closing"'});
  expect(client.state.status).toBe('connected');
  expect(errors).toEqual([]);
});

test('a stream brings quotes, wherever it is cut', async () => {
  let body!: ReadableStreamDefaultController<Uint8Array>;
  let url = '';
  vi.stubGlobal('fetch', async (href: string) => {
    url = href;
    return new Response(new ReadableStream<Uint8Array>({
      start: (controller) => void (body = controller),
    }));
  });
  start(flatStreamTransport);
  await pass(60);
  expect(url).toBe('http://gateway/v1/stream?encoding=fb');
  const bytes = join(first(), update(2n, 19001n));
  for (let at = 0; at < bytes.length; at += 7) {
    body.enqueue(bytes.slice(at, at + 7));
    await pass();
  }
  expect(seen.at(-1)).toBe('190.01 live');
  expect(errors).toEqual([]);
  body.enqueue(Uint8Array.of(1, 0, 0, 0));
  await pass();
  expect(client.state).toMatchObject(
      {status: 'disconnected', reason: 'a frame of 5 bytes'});
  expect(seen.at(-1)).toBe('190.01 stale');
});

interface Poll {
  readonly url: string;
  readonly requests: readonly {id: number, at?: string, symbols: string[]}[];
  readonly answer: (response: Response) => void;
}

/** A gateway that is asked, and answers when the test says so. */
function fakePolls(): Poll[] {
  const polls: Poll[] = [];
  vi.stubGlobal('fetch', (url: string, init: RequestInit) =>
      new Promise((resolve, reject) => {
        const requests = JSON.parse(String(init.body)) as Poll['requests'];
        polls.push({url, requests, answer: resolve});
        init.signal?.addEventListener(
            'abort', () => reject(new DOMException('aborted', 'AbortError')));
      }));
  return polls;
}

async function answer(polls: Poll[], ...frames: Uint8Array[]): Promise<void> {
  polls.at(-1)?.answer(new Response(join(...frames).slice().buffer));
  await pass(100);
}

test('a poll brings quotes', async () => {
  const polls = fakePolls();
  start(flatPollTransport);
  await pass(60);
  expect(polls[0]?.url).toBe('http://gateway/v1/poll?encoding=fb');
  await answer(polls, first());
  expect(seen.at(-1)).toBe('189.95 live');
  expect(polls[1]?.requests).toMatchObject(
      [{id: 2, at: 'e1.x.0', symbols: ['AAPL@1']}]);
  await answer(polls, frame(3, [{text: '2'}, {text: 'e1.x.0'}]),
      update(2n, 19001n));
  expect(seen.at(-1)).toBe('190.01 live');
  expect(errors).toEqual([]);
});

test('the first poll asks for all: numbers are told to no other', async () => {
  vi.stubGlobal('WebSocket', FakeSocket);
  const polls = fakePolls();
  start(flatWebSocketTransport, flatPollTransport);
  FakeSocket.last.onopen?.();
  await pass(50);
  FakeSocket.last.say(first());
  FakeSocket.last.onclose?.({code: 1006, reason: ''});
  await pass(3000);
  FakeSocket.last.onclose?.({code: 1006, reason: ''});
  await pass();
  expect(polls[0]?.requests[0]?.at).toBeUndefined();
  // What changes before the answer does not change that.
  client.subscribe(['MSFT'], {fields: ['bid']}, () => undefined);
  await pass(60);
  expect(polls.length).toBe(2);
  expect(polls[1]?.requests.map(({at}) => at)).toEqual([undefined]);
  const {id} = polls[1]?.requests[0] as {id: number};
  await answer(
      polls, hello(), ack(`${id}`), update(7n, 20000n, 1), synced(`${id}`));
  expect(seen.at(-1)).toBe('200 live');
  expect(polls[2]?.requests[0]).toMatchObject({at: 'e1.x.0'});
  expect(errors).toEqual([]);
});

test('a poll that is refused says why', async () => {
  const polls = fakePolls();
  start(flatPollTransport);
  await pass(60);
  polls[0]?.answer(new Response('{"code":"not_supported"}', {status: 400}));
  await pass();
  expect(client.state.reason).toBe(
      'refused with status 400: {"code":"not_supported"}');
});

test('their order is that of the others', () => {
  expect(flatTransports.map(({name}) => name)).toEqual(
      ['websocket', 'sse', 'stream', 'poll']);
  vi.stubGlobal('fetch', undefined);
  expect(flatPollTransport.available()).toBe(false);
  client = connect({url: 'http://gateway/', transports: []});
});
