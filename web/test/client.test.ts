import {afterEach, beforeEach, expect, test, vi} from 'vitest';

import {Client, connect} from '../src/client';
import type {Freshness} from '../src/quote';

import {FakeTransport} from './fake_transport';

let socket: FakeTransport;
let sse: FakeTransport;
let client: Client;

beforeEach(() => {
  vi.useFakeTimers();
  socket = new FakeTransport('websocket', 'both');
  sse = new FakeTransport('sse', 'query');
});

afterEach(() => {
  client.close();
  vi.useRealTimers();
});

function start(): Client {
  return client = connect({
    url: 'http://gateway/', transports: [socket, sse], random: () => 1,
  });
}

const nothing = () => undefined;
const bid = {fields: ['bid']};

/** A connected client with a live AAPL. */
function running(): Freshness[] {
  start();
  const seen: Freshness[] = [];
  client.subscribe(
      ['AAPL'], bid, ({quote}) => void seen.push(quote.freshness));
  socket.link.open();
  socket.link.hello();
  socket.link.snapshot(1, ['AAPL']);
  expect(seen.at(-1)).toBe('live');
  seen.length = 0;
  return seen;
}

test('subscribes as soon as the socket is open', () => {
  start();
  expect(client.state.status).toBe('connecting');
  client.subscribe(['AAPL'], bid, nothing);
  socket.link.open();
  expect(socket.link.requests).toEqual(
      [{type: 'subscribe', id: 1, symbols: ['AAPL'], fields: ['bid']}]);
  socket.link.hello();
  expect(client.state).toMatchObject(
      {status: 'connected', transport: 'websocket'});
});

test('gathers what widgets ask for within 50 ms', () => {
  running();
  const {requests} = socket.link;
  client.subscribe(['AAPL'], {fields: ['ask'], maxRate: 20}, nothing);
  const widget = client.subscribe(['MSFT'], bid, nothing);
  client.subscribe(['GONE'], bid, nothing).unsubscribe();
  vi.advanceTimersByTime(49);
  expect(requests.length).toBe(1);
  vi.advanceTimersByTime(1);
  expect(requests.slice(1)).toEqual([
    {type: 'subscribe', id: 2, symbols: ['AAPL@1'], at: 'e1.x.0',
     fields: ['ask', 'bid'], max_rate: 20},
    {type: 'subscribe', id: 3, symbols: ['MSFT'], fields: ['bid']},
  ]);
  widget.unsubscribe();
  vi.advanceTimersByTime(50);
  expect(requests.slice(3)).toEqual(
      [{type: 'unsubscribe', id: 4, symbols: ['MSFT']}]);
  expect(client.quote('MSFT')).toBeUndefined();
});

test('a widget that comes later is told what is held', async () => {
  running();
  const listener = vi.fn();
  client.subscribe(['AAPL'], bid, listener);
  await Promise.resolve();
  expect(listener).toHaveBeenCalledOnce();
  expect(listener.mock.calls[0]?.[0]).toMatchObject(
      {changed: ['bid'], snapshot: true});
});

test('a symbol that cannot be is refused before anything is sent', () => {
  running();
  expect(() => client.subscribe(['A,B'], bid, nothing)).toThrow(RangeError);
});

test('a lost connection is told at once, and resumed with the cursors', () => {
  const seen = running();
  socket.link.fail();
  expect(client.state.status).toBe('disconnected');
  expect(seen.at(-1)).toBe('stale');
  expect(client.quote('AAPL')?.get('bid')).toBe(1);
  vi.advanceTimersByTime(500);
  socket.link.open();
  expect(socket.link.requests).toMatchObject(
      [{symbols: ['AAPL@1'], at: 'e1.x.0', fields: ['bid']}]);
  socket.link.hello('e2');
  expect(seen.at(-1)).toBe('stale');
  socket.link.snapshot(2, ['AAPL'], 5, 'e2');
  expect(seen.at(-1)).toBe('live');
  expect(client.quote('AAPL')?.get('bid')).toBe(5);
});

test('silence is told, and then ends the connection', () => {
  const seen = running();
  socket.link.deaf = true;
  vi.advanceTimersByTime(4900);
  expect(seen).not.toContain('stale');
  vi.advanceTimersByTime(400);
  expect(seen.at(-1)).toBe('stale');
  expect(client.fresh).toBe(false);
  expect(client.state.status).toBe('connected');
  vi.advanceTimersByTime(5500);
  expect(client.state.status).toBe('disconnected');
});

test('heartbeats keep it alive, and a late one revives it', () => {
  const seen = running();
  for (let i = 0; i < 10; ++i) {
    vi.advanceTimersByTime(2000);
    socket.link.say({type: 'heartbeat', time: Date.now() * 1000});
  }
  expect(seen).not.toContain('stale');
  vi.advanceTimersByTime(6000);
  expect(seen.at(-1)).toBe('stale');
  socket.link.say({type: 'heartbeat', time: Date.now() * 1000});
  vi.advanceTimersByTime(250);
  expect(seen.at(-1)).toBe('live');
});

test('comes back as the server advises', () => {
  running();
  const closing = {type: 'closing', code: 4001, reason: 'stopping'} as const;
  socket.link.say({...closing, retry: true, after_ms: 3000});
  expect(client.state).toMatchObject(
      {status: 'disconnected', reason: 'stopping'});
  expect(client.quote('AAPL')?.freshness).toBe('stale');
  vi.advanceTimersByTime(3000);
  expect(socket.links.length).toBe(1);
  vi.advanceTimersByTime(500);
  expect(socket.links.length).toBe(2);
});

test('does not come back where that is pointless', () => {
  running();
  socket.link.fail({reason: 'limits exceeded', code: 4005});
  vi.advanceTimersByTime(60_000);
  expect(socket.links.length).toBe(1);
  expect(client.state).toEqual(
      {status: 'disconnected', transport: 'none', reason: 'limits exceeded'});
});

test('a stream is replaced without a moment of silence', () => {
  socket.present = false;
  start();
  const seen: Freshness[] = [];
  client.subscribe(
      ['AAPL'], bid, ({quote}) => void seen.push(quote.freshness));
  vi.advanceTimersByTime(50);
  const before = sse.link;
  before.hello();
  before.snapshot(1, ['AAPL']);
  client.subscribe(['MSFT'], bid, nothing);
  vi.advanceTimersByTime(50);
  const after = sse.link;
  expect(after).not.toBe(before);
  expect(after.query.get('symbols')).toBe('AAPL@1,MSFT');
  expect(after.query.get('at')).toBe('e1.x.0');
  expect(before.closed).toBe(false);
  seen.length = 0;
  before.say({
    type: 'update', epoch: 'e1', time: Date.now() * 1000,
    quotes: {AAPL: {v: 2, bid: 2}},
  });
  after.hello();
  expect(before.closed).toBe(true);
  after.snapshot(2, ['AAPL', 'MSFT'], 3);
  expect(seen).not.toContain('stale');
  expect(client.quote('MSFT')?.freshness).toBe('live');
  expect(client.state.status).toBe('connected');
});

test('a symbol that was the last one and comes back starts afresh', () => {
  socket.present = false;
  start();
  const widget = client.subscribe(['AAPL'], bid, nothing);
  vi.advanceTimersByTime(50);
  sse.link.hello();
  sse.link.snapshot(1, ['AAPL']);
  widget.unsubscribe();
  vi.advanceTimersByTime(50);
  expect(sse.link.closed).toBe(true);
  expect(client.state.status).toBe('connecting');
  client.subscribe(['AAPL'], bid, nothing);
  vi.advanceTimersByTime(50);
  expect(sse.links.length).toBe(2);
  expect(sse.link.query.get('symbols')).toBe('AAPL');
  sse.link.hello();
  sse.link.snapshot(2, ['AAPL'], 7);
  expect(client.quote('AAPL')?.freshness).toBe('live');
});

test('tells feeds and errors', () => {
  running();
  const feeds = vi.fn();
  const errors = vi.fn();
  client.onFeed(feeds);
  client.onError(errors);
  socket.link.say({
    type: 'feed', feeds: {f: {status: 'down', source: 'simulated'}},
  });
  expect(feeds).toHaveBeenCalledTimes(2);
  expect(client.quote('AAPL')?.freshness).toBe('down');
  socket.link.say(
      {type: 'error', id: 1, code: 'bad_rate', reason: 'no', key: 'x'});
  expect(errors.mock.calls[0]?.[0]).toMatchObject({code: 'bad_rate', key: 'x'});
});

test('a closed client asks for nothing more', () => {
  running();
  client.close();
  expect(socket.link.closed).toBe(true);
  client.subscribe(['MSFT'], bid, nothing);
  vi.advanceTimersByTime(60_000);
  expect(socket.links.length).toBe(1);
});

test('a message that is none is a lost connection', () => {
  const seen = running();
  const errors: string[] = [];
  client.onError(({code, reason}) => void errors.push(`${code}: ${reason}`));
  const {link} = socket;
  link.sayText('{"type":"upd');
  expect(errors).toEqual(['bad_json: not a message: {"type":"upd']);
  expect(seen).toEqual(['stale']);
  expect(link.closed).toBe(true);
  expect(client.state).toMatchObject(
      {status: 'disconnected', reason: 'not a message: {"type":"upd'});
  vi.advanceTimersByTime(2000);
  expect(socket.links.length).toBe(2);
});

test('what greets with no message is passed over', () => {
  start();
  client.subscribe(['AAPL'], bid, nothing);
  socket.link.open();
  socket.link.sayText('<html>');
  vi.advanceTimersByTime(100);
  sse.link.hello();
  expect(client.state.transport).toBe('sse');
});
