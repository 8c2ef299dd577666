// What a page may say, and what it is told when it says something else: at the
// call, before anything is sent.

import {afterEach, beforeEach, expect, test, vi} from 'vitest';

import {type Client, type ClientError, connect} from '../src/client';

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

test('a topic among symbols and a symbol as a topic are told', () => {
  const errors: ClientError[] = [];
  client.onError((error) => errors.push(error));
  client.subscribe(['tape/MSFT', 'AAPL'], {}, nothing);
  client.topic('VOD.L', {}, nothing);
  client.topic('tape/AAPL', {}, nothing);
  client.topic('not/yet', {}, nothing);
  vi.advanceTimersByTime(100);
  const [prices, topics] = socket.link.requests;
  // Once, however often the gateway says so.
  for (let i = 0; i < 2; ++i) socket.link.say(
      {
        type: 'ack', id: prices?.id ?? 0, at: 'e1.x.0',
        symbols: {'tape/MSFT': {topic: true, feed: 'f'}, 'AAPL': {feed: 'f'}},
      },
      {
        type: 'ack', id: topics?.id ?? 0, at: 'e1.x.0',
        symbols: {
          'VOD.L': {feed: 'f'}, 'tape/AAPL': {topic: true, feed: 'f'},
          'not/yet': {unknown: true},
        },
      });
  expect(errors).toEqual([
    {code: 'is_a_topic', reason: 'ask by topic()', key: 'tape/MSFT'},
    {code: 'is_no_topic', reason: 'ask by subscribe()', key: 'VOD.L'},
  ]);
});

test('who asks for the same wrong name later is told as well', async () => {
  client.subscribe(['tape/MSFT'], {}, nothing);
  await Promise.resolve();
  vi.advanceTimersByTime(100);
  socket.link.say({
    type: 'ack', id: socket.link.requests[0]?.id ?? 0, at: 'e1.x.0',
    symbols: {'tape/MSFT': {topic: true, feed: 'f'}},
  });
  const told = vi.fn();
  client.onError(told);
  client.subscribe(['tape/MSFT'], {}, nothing);
  await Promise.resolve();
  expect(told.mock.calls.map(([{code}]) => code)).toEqual(['is_a_topic']);
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
