// Which transport a client takes, and when it takes another one.

import {afterEach, beforeEach, expect, test, vi} from 'vitest';

import {type Client, connect} from '../src/client';

import {FakeTransport} from './fake_transport';

let socket: FakeTransport;
let sse: FakeTransport;
let stream: FakeTransport;
let poll: FakeTransport;
let client: Client;

beforeEach(() => {
  vi.useFakeTimers();
  socket = new FakeTransport('websocket', 'both');
  sse = new FakeTransport('sse', 'query');
  stream = new FakeTransport('stream', 'body');
  poll = new FakeTransport('poll', 'poll');
});

afterEach(() => {
  client.close();
  vi.useRealTimers();
});

/** Most tests need only the first two. */
function start(transports = [socket, sse]): void {
  client = connect({
    url: 'http://gateway/', transports, random: () => 1,
  });
}

const nothing = () => undefined;
const bid = {fields: ['bid']};

test('falls back when the socket is refused', () => {
  start();
  client.subscribe(['AAPL'], bid, nothing);
  socket.link.fail();
  expect(sse.link.query.get('symbols')).toBe('AAPL');
  expect(sse.link.query.get('fields')).toBe('bid');
  sse.link.open();
  sse.link.hello();
  expect(client.state).toMatchObject({status: 'connected', transport: 'sse'});
});

test('a socket that stays silent is joined after a second', () => {
  start();
  client.subscribe(['AAPL'], bid, nothing);
  socket.link.open();
  vi.advanceTimersByTime(999);
  expect(sse.links.length).toBe(0);
  vi.advanceTimersByTime(1);
  expect(sse.links.length).toBe(1);
  expect(socket.link.closed).toBe(false);
  sse.link.hello();
  expect(client.state).toMatchObject({status: 'connected', transport: 'sse'});
  expect(socket.link.closed).toBe(false);
  vi.advanceTimersByTime(7000);
  expect(socket.link.closed).toBe(true);
  expect(client.state).toMatchObject({status: 'connected', transport: 'sse'});
});

test('one that worked gets more time: its gateway may be busy', () => {
  start();
  client.subscribe(['AAPL'], bid, nothing);
  socket.link.open();
  socket.link.hello();
  socket.link.fail();
  vi.advanceTimersByTime(500);
  expect(socket.links.length).toBe(2);
  vi.advanceTimersByTime(3999);
  expect(sse.links.length).toBe(0);
  vi.advanceTimersByTime(1);
  expect(sse.links.length).toBe(1);
});

test('one that is only slow takes over, and nothing goes back', () => {
  start();
  const seen: unknown[] = [];
  client.subscribe(['AAPL'], bid, ({quote}) => void seen.push(
      `${quote.get('bid')} ${quote.freshness}`));
  socket.link.open();
  vi.advanceTimersByTime(1000);
  sse.link.hello();
  sse.link.snapshot(2, ['AAPL'], 5);
  seen.length = 0;
  // It was sent before what came over the stream.
  socket.link.hello();
  socket.link.snapshot(1, ['AAPL'], 4);
  expect(sse.link.closed).toBe(true);
  expect(client.state).toMatchObject(
      {status: 'connected', transport: 'websocket', reason: ''});
  socket.link.say({
    type: 'update', epoch: 'e1', time: Date.now() * 1000,
    quotes: {AAPL: {v: 6, n: 6, bid: 6}},
  });
  expect(new Set(seen)).toEqual(new Set(['5 live', '6 live']));
  expect(sse.links.length).toBe(1);
});

test('of several that answer late only the better ones go on', () => {
  start([socket, sse, stream, poll]);
  client.subscribe(['AAPL'], bid, nothing);
  vi.advanceTimersByTime(3000);
  stream.link.hello();
  expect([socket, sse, stream, poll].map(({link}) => link.closed))
      .toEqual([false, false, false, true]);
  expect(client.state.transport).toBe('stream');
  sse.link.hello();
  expect([socket, sse, stream, poll].map(({link}) => link.closed))
      .toEqual([false, false, true, true]);
});

test('takes the stream where there are no sockets', () => {
  socket.present = false;
  start();
  expect(sse.links.length).toBe(0);
  client.subscribe(['AAPL'], bid, nothing);
  vi.advanceTimersByTime(50);
  expect(sse.links.length).toBe(1);
});

test('where only the stream ever worked, it is tried first', () => {
  start();
  client.subscribe(['AAPL'], bid, nothing);
  socket.link.fail();
  sse.link.hello();
  sse.link.fail();
  vi.advanceTimersByTime(500);
  expect(sse.links.length).toBe(2);
  expect(socket.links.length).toBe(1);
});

test('waits longer and longer, and begins with the socket each time', () => {
  start();
  client.subscribe(['AAPL'], bid, nothing);
  for (const waitMs of [500, 1000, 2000]) {
    const attempts = socket.links.length;
    socket.link.fail();
    sse.link.fail({reason: 'unreachable'});
    expect(client.state).toMatchObject(
        {status: 'disconnected', reason: 'unreachable', transport: 'none'});
    vi.advanceTimersByTime(waitMs - 1);
    expect(socket.links.length).toBe(attempts);
    vi.advanceTimersByTime(1);
    expect(socket.links.length).toBe(attempts + 1);
  }
});

test('a stream that cannot ask for so much says so', () => {
  socket.present = false;
  start();
  const errors = vi.fn();
  client.onError(errors);
  const symbols = Array.from({length: 1001}, (_, i) => `S${i}`);
  client.subscribe(symbols, bid, nothing);
  vi.advanceTimersByTime(50);
  expect(errors).toHaveBeenCalledOnce();
  expect(client.state.reason).toContain('1001 symbols');
});

test('falls back through all, by refusal and by silence', () => {
  start([socket, sse, stream, poll]);
  client.subscribe(['AAPL'], bid, nothing);
  socket.link.fail();
  sse.link.open();
  vi.advanceTimersByTime(999);
  expect(stream.links.length).toBe(0);
  vi.advanceTimersByTime(1);
  expect(stream.link.asked).toMatchObject(
      [{type: 'subscribe', symbols: ['AAPL'], fields: ['bid']}]);
  stream.link.fail({reason: 'refused with status 403'});
  expect(poll.link.asked).toMatchObject([{symbols: ['AAPL']}]);
  poll.link.hello();
  expect(client.state).toMatchObject({
    status: 'connected', transport: 'poll',
    reason: 'websocket: gone; stream: refused with status 403; ' +
        'sse: no answer yet',
  });
  vi.advanceTimersByTime(7000);
  expect(sse.link.closed).toBe(true);
  // It is what works here: it comes first from now on.
  poll.link.fail();
  vi.advanceTimersByTime(500);
  expect(poll.links.length).toBe(2);
  poll.link.fail();
  expect(socket.links.length).toBe(2);
});

test('the slow one fails last: then there is a pause', () => {
  start();
  client.subscribe(['AAPL'], bid, nothing);
  vi.advanceTimersByTime(1000);
  sse.link.fail({reason: 'refused'});
  expect(client.state.status).toBe('connecting');
  socket.link.fail({reason: 'reset'});
  expect(client.state).toMatchObject(
      {status: 'disconnected', reason: 'reset'});
  vi.advanceTimersByTime(500);
  expect(socket.links.length).toBe(2);
});

test('passes over what the browser lacks', () => {
  socket.present = sse.present = stream.present = false;
  start([socket, sse, stream, poll]);
  client.subscribe(['AAPL'], bid, nothing);
  vi.advanceTimersByTime(50);
  poll.link.hello();
  expect(client.state.transport).toBe('poll');
});

test('passes over what a policy forbids', () => {
  socket.open = () => {
    throw new Error('refused by the policy of this page');
  };
  start();
  client.subscribe(['AAPL'], bid, nothing);
  vi.advanceTimersByTime(50);
  sse.link.hello();
  expect(client.state.transport).toBe('sse');
});

test('the next transport goes on with what the last one brought', () => {
  start([socket, sse, stream]);
  client.subscribe(['AAPL'], bid, nothing);
  client.subscribe(['MSFT'], {fields: ['last'], maxRate: 2}, nothing);
  socket.link.open();
  socket.link.hello();
  socket.link.snapshot(1, ['AAPL'], 4);
  socket.link.fail();
  vi.advanceTimersByTime(500);
  socket.link.fail();
  sse.link.fail();
  // A body says it per symbol.
  expect(stream.link.asked).toMatchObject([
    {symbols: ['AAPL@4'], at: 'e1.x.0', fields: ['bid']},
    {symbols: ['MSFT'], fields: ['last'], max_rate: 2},
  ]);
});

test('what is too much for one transport goes to the next', () => {
  start([sse, stream]);
  const errors = vi.fn();
  client.onError(errors);
  client.subscribe(['AAPL'], bid, nothing);
  vi.advanceTimersByTime(50);
  sse.link.hello();
  sse.link.snapshot(1, ['AAPL']);
  const symbols = Array.from({length: 1001}, (_, i) => `S${i}`);
  client.subscribe(symbols, bid, nothing);
  vi.advanceTimersByTime(50);
  expect(sse.links.length).toBe(1);
  expect(sse.link.closed).toBe(false);
  const asked = stream.link.asked;
  expect(asked.flatMap((each) => each.symbols).length).toBe(1002);
  stream.link.hello();
  expect(sse.link.closed).toBe(true);
  expect(client.state).toMatchObject(
      {status: 'connected', transport: 'stream'});
  expect(errors).not.toHaveBeenCalled();
});

test('more kinds of requests than a body may have become one', () => {
  start([stream]);
  for (let i = 1; i <= 65; ++i) {
    client.subscribe([`S${i}`], {fields: ['bid'], maxRate: i}, nothing);
  }
  vi.advanceTimersByTime(50);
  expect(stream.link.asked).toMatchObject([{fields: ['bid'], max_rate: 65}]);
});

test('takes transports by name', () => {
  const opened: string[] = [];
  class Source {
    constructor(url: string) {
      opened.push(url);
    }
    close(): void {}
  }
  vi.stubGlobal('EventSource', Source);
  try {
    client = connect({url: 'http://gateway/', transports: ['sse']});
    client.subscribe(['AAPL'], bid, nothing);
    vi.advanceTimersByTime(100);
    expect(opened[0]).toMatch(/^http:\/\/gateway\/v1\/sse\?/);
  } finally {
    vi.unstubAllGlobals();
  }
});

test('says which transports there are where the name is wrong', () => {
  start();
  expect(() => connect({
    url: 'http://gateway/',
    transports: ['http' as 'poll'],
  })).toThrow('no transport http; there are websocket, sse, stream, poll');
});
