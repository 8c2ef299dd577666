// What a page may say, and what it is told when it says something else: at the
// call, before anything is sent.

import {afterEach, beforeEach, expect, test, vi} from 'vitest';

import {type Client, connect} from '../src/client';

import {FakeTransport} from './fake_transport';

let socket: FakeTransport;
let client: Client;
const nothing = () => undefined;

beforeEach(() => {
  vi.useFakeTimers();
  socket = new FakeTransport('websocket', 'both');
  client = connect({url: 'http://gateway/', transports: [socket]});
  socket.link.open();
  socket.link.hello();
});

afterEach(() => {
  client.close();
  vi.useRealTimers();
});

function requests(): readonly unknown[] {
  vi.advanceTimersByTime(100);
  return socket.link.requests.map(
      ({symbols, fields, history}) => ({symbols, fields, history}));
}

test('one symbol is a list of one, and options may be left out', () => {
  client.subscribe('AAPL', nothing);
  client.subscribe(['MSFT'], nothing);
  client.topic('chat/desk', nothing);
  expect(requests()).toEqual([
    {symbols: ['AAPL', 'MSFT']}, {symbols: ['chat/desk'], history: 0},
  ]);
});

// As plain JavaScript says it.
type Loose = Record<'subscribe'|'topic', (...all: unknown[]) => unknown>;

test.each<[keyof Loose, unknown[]]>([
  ['subscribe', ['AAPL']],
  ['subscribe', [['AAPL'], {fields: ['bid']}]],
  ['subscribe', [['AAPL'], {}, 'listener']],
  ['subscribe', [['AAPL', ['MSFT']], nothing]],
  ['subscribe', [[undefined], nothing]],
  ['subscribe', [7, nothing]],
  ['subscribe', [undefined, nothing]],
  ['subscribe', [['AAPL'], {fields: 'bid'}, nothing]],
  ['subscribe', [['AAPL'], {fields: [7]}, nothing]],
  ['topic', [['chat/desk'], {}, nothing]],
  ['topic', [7, nothing]],
  ['topic', ['chat/desk']],
  ['topic', ['chat/desk', {history: 3}]],
])('%s%j throws a TypeError, and the client goes on', (name, all) => {
  expect(() => (client as unknown as Loose)[name](...all)).toThrow(TypeError);
  client.subscribe(['VOD.L'], {fields: ['bid']}, nothing);
  expect(requests()).toEqual([{symbols: ['VOD.L'], fields: ['bid']}]);
});

test('publish() without a token rejects as onError tells it', async () => {
  client.close();
  client = connect({
    url: 'http://gateway/', transports: ['poll'],
    token: () => Promise.reject(new Error('signed out')),
  });
  await expect(client.publish('chat/desk', 1)).rejects.toMatchObject(
      {code: 'no_token', reason: 'no token: signed out'});
});
