import {expect, test} from 'vitest';

import type {Want} from '../src/interests';
import {symbolFault} from '../src/protocol';
import {
  requestBody, streamQuery, subscribeRequests, symbolOf, unsubscribeRequests,
} from '../src/requests';

const bid: Want = {fields: ['bid'], maxRate: undefined};
const last: Want = {fields: ['last'], maxRate: 2};
const nothing = () => undefined;

function ids() {
  let id = 0;
  return () => ++id;
}

test('a request has one field list, rate and token', () => {
  const cursors = new Map([
    ['AAPL', {version: 7, at: 'e.1.0'}], ['MSFT', {version: 9, at: 'e.1.0'}],
    ['ESH4', {version: 3, at: 'e.2.0'}],
  ]);
  const wants = new Map(
      [['AAPL', bid], ['NEW', bid], ['MSFT', bid], ['ESH4', bid], ['X', last]]);
  const requests =
      subscribeRequests(wants, (symbol) => cursors.get(symbol), ids());
  expect(requests).toEqual([
    {type: 'subscribe', id: 1, symbols: ['AAPL@7', 'NEW', 'MSFT@9'],
     at: 'e.1.0', fields: ['bid']},
    {type: 'subscribe', id: 2, symbols: ['ESH4@3'], at: 'e.2.0',
     fields: ['bid']},
    {type: 'subscribe', id: 3, symbols: ['X'], fields: ['last'], max_rate: 2},
  ]);
});

test('long lists are cut, and no symbol is lost', () => {
  const symbols = Array.from({length: 601}, (_, i) => `S${i}`);
  const wants = new Map(symbols.map((symbol) => [symbol, bid]));
  const requests = subscribeRequests(wants, nothing, ids());
  expect(requests.map(({symbols}) => symbols.length)).toEqual([250, 250, 101]);
  expect(requests.flatMap(({symbols}) => symbols)).toEqual(symbols);
  const ends = unsubscribeRequests(symbols, ids());
  expect(ends.flatMap(({symbols}) => symbols)).toEqual(symbols);
});

test('a stream says it all in its query', () => {
  const wants = new Map([['EUR/USD', last], ['A&B', last], ['C', last]]);
  const cursors = new Map([
    ['EUR/USD', {version: 7, at: 'e.1.0'}], ['C', {version: 9, at: 'e.2.0'}],
  ]);
  const query = streamQuery(wants, (symbol) => cursors.get(symbol), 5);
  // C is held under another token: it starts afresh.
  expect(query).toBe('id=5&symbols=EUR%2FUSD@7,A%26B,C&at=e.1.0' +
                     '&fields=last&max_rate=2');
});

test('a stream that would ask too much fails clearly', () => {
  const wants = (count: number, length: number) => new Map(Array.from(
      {length: count}, (_, i) => [`${i}`.padStart(length, 'S'), bid]));
  expect(() => streamQuery(wants(1001, 4), nothing, 1)).toThrow(/1001 symbols/);
  expect(() => streamQuery(wants(500, 60), nothing, 1)).toThrow(/bytes/);
  expect(streamQuery(wants(300, 60), nothing, 1).length).toBeLessThan(24_576);
});

test('a poll says its beliefs, under a token of their kind', () => {
  const cursors = new Map([
    ['A', {version: 7, at: 'e.1.0.f.17', quiet: true}],
    ['B', {version: 0, at: 'e.1.0.f.18'}],
    ['C', {version: 3, at: 'e.1.9.f.18'}],
  ]);
  const wants = new Map([['NEW', bid], ['A', bid], ['B', bid], ['C', bid]]);
  expect(subscribeRequests(wants, (symbol) => cursors.get(symbol), ids()))
      .toMatchObject([
        {symbols: ['NEW', 'A@7q', 'B@0'], at: 'e.1.0.f.17'},
        {symbols: ['C@3'], at: 'e.1.9.f.18'},
      ]);
  expect(['A@7q', 'A@0', 'A'].map(symbolOf)).toEqual(['A', 'A', 'A']);
});

test('a body that would be too long fails clearly', () => {
  const symbols = Array.from({length: 900}, (_, i) => `${i}`.padStart(64, 'ö'));
  const request = {type: 'subscribe', id: 1, symbols} as const;
  expect(() => requestBody([request])).toThrow(/bytes/);
});

test('names that cannot be symbols are refused', () => {
  for (const good of ['AAPL', 'EUR/USD', 'Größe', 'x'.repeat(64)]) {
    expect(symbolFault(good)).toBeUndefined();
  }
  const long = ['x'.repeat(65), 'ö'.repeat(33)];
  for (const bad of ['', 'A,B', 'A@1', 'A\n', ...long]) {
    expect(symbolFault(bad)).toBeDefined();
  }
});
