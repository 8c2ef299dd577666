import {beforeEach, expect, test} from 'vitest';

import {Asked} from '../src/asked';
import {ServerClock} from '../src/clock';
import type {FeedState, ServerMessage, WireQuote} from '../src/protocol';
import type {Quote} from '../src/quote';
import {Store} from '../src/store';

const start = 1_700_000_000_000_000;
const live: FeedState = {status: 'live', source: 'simulated', delay_s: 0};
let localMs = 0;
let store: Store;
let asked: Asked;

beforeEach(() => {
  localMs = 0;
  const clock =
      new ServerClock({monotonic: () => localMs, wall: () => localMs});
  store = new Store(clock);
  asked = new Asked();
  store.track('AAPL');
});

const apply = (message: ServerMessage) =>
    store.apply(message, asked.speaksFor(message));
const aapl = () => store.quote('AAPL') as Quote;
const time = () => start + localMs * 1000;

function hello(epoch = 'e1', feed = live) {
  return apply({
    type: 'hello', version: 1, epoch, time: time(), heartbeat_ms: 2000,
    feeds: {synthetic: feed},
  });
}

function ack(at = 'e1.f.0', id = 1) {
  asked.expect({id, symbols: ['AAPL@3']});
  return apply({
    type: 'ack', id, at, max_rate: 10,
    symbols: {AAPL: {decimals: 2, feed: 'synthetic', name: 'Apple Inc.'}},
  });
}

function update(quote: WireQuote, epoch = 'e1') {
  return apply(
      {type: 'update', epoch, time: time(), quotes: {AAPL: quote}});
}

function subscribed() {
  hello();
  ack();
  update({v: 3, snapshot: true, n: 10, t: start, quiet: false, bid: 1, ask: 2});
}

test('a snapshot replaces, an update merges', () => {
  subscribed();
  expect(update({v: 4, n: 15, t: start + 5, bid: 1.5})).toMatchObject([
    {changed: ['bid'], snapshot: false, folded: 5},
  ]);
  expect(Object.fromEntries(aapl().fields)).toEqual({bid: 1.5, ask: 2});
  const [change] = update({v: 9, snapshot: true, n: 40, bid: 1.5, last: 3});
  expect(change).toMatchObject({snapshot: true, folded: 0});
  // The field that the snapshot does not name has changed as well.
  expect(change?.changed).toEqual(['last', 'ask']);
  expect(Object.fromEntries(aapl().fields)).toEqual({bid: 1.5, last: 3});
  expect(aapl().receivedUs).toBeUndefined();
});

test('null is a value: empty', () => {
  subscribed();
  expect(update({v: 4, ask: null})[0]?.changed).toEqual(['ask']);
  expect(aapl().get('ask')).toBeNull();
  expect(aapl().get('volume')).toBeUndefined();
});

test('the cursor is what was applied, under the token it came under', () => {
  hello();
  ack('e1.f.0');
  expect(store.cursorOf('AAPL')).toBeUndefined();
  update({v: 3, snapshot: true, bid: 1});
  expect(store.cursorOf('AAPL')).toEqual({version: 3, at: 'e1.f.0'});
  // Other fields were asked for: until the snapshot comes, we hold the old.
  ack('e1.g.0');
  expect(store.cursorOf('AAPL')).toEqual({version: 3, at: 'e1.f.0'});
  update({v: 3, snapshot: true, last: 1});
  expect(store.cursorOf('AAPL')).toEqual({version: 3, at: 'e1.g.0'});
});

test('the token follows the epoch of the updates', () => {
  subscribed();
  update({v: 1, snapshot: true, bid: 4}, 'e2');
  expect(store.cursorOf('AAPL')).toEqual({version: 1, at: 'e2.f.0'});
});

test('what polls add to a token is for polls only', () => {
  hello();
  ack('e1.f.0.fe.1700');
  expect(store.beliefOf('AAPL')).toEqual({version: 0, at: 'e1.f.0.fe.1700'});
  update({v: 3, snapshot: true, bid: 1, quiet: true});
  expect(store.cursorOf('AAPL')).toEqual({version: 3, at: 'e1.f.0'});
  expect(store.beliefOf('AAPL')).toEqual(
      {version: 3, at: 'e1.f.0.fe.1700', quiet: true});
  // The next connection is no poll: it confirms all the same.
  store.disconnect();
  hello();
  ack('e1.f.0', 2);
  apply({type: 'synced', id: 2});
  expect(aapl().freshness).toBe('quiet');
});

/** The answer to a poll that names nothing new. */
function polled(at: string) {
  asked.expectPoll([{type: 'subscribe', id: 9, symbols: ['AAPL@3'], at}]);
  return apply({type: 'ack', id: 9, at, max_rate: 4, symbols: {}});
}

test('a poll without a word vouches for what was believed', () => {
  subscribed();
  store.disconnect();
  store.connect();
  polled('e1.f.0.fe.1800');
  apply({type: 'heartbeat', time: time()});
  expect(aapl().freshness).toBe('live');
  expect(aapl().maxRate).toBe(4);
  expect(store.beliefOf('AAPL')?.at).toBe('e1.f.0.fe.1800');
});

test('an ack in parts vouches with its last part', () => {
  store.track('MSFT');
  subscribed();
  store.disconnect();
  store.connect();
  const at = 'e1.f.0.fe.1800';
  asked.expectPoll(
      [{type: 'subscribe', id: 9, symbols: ['AAPL@3', 'MSFT'], at}]);
  const part = {type: 'ack', id: 9, at} as const;
  apply({...part, symbols: {MSFT: {feed: 'synthetic'}}, more: true});
  apply({type: 'heartbeat', time: time()});
  expect(aapl().freshness).toBe('stale');
  apply({...part, symbols: {}});
  expect(aapl().freshness).toBe('live');
  expect(store.quote('MSFT')?.freshness).toBe('stale');
});

test('but not for what is of another run, or for other fields', () => {
  for (const at of ['e2.f.0.fe.1800', 'e1.g.0.fe.1800']) {
    subscribed();
    store.disconnect();
    store.connect();
    polled(at);
    apply({type: 'heartbeat', time: time()});
    expect(aapl().freshness).toBe('stale');
  }
});

test('the cursor survives the connection', () => {
  subscribed();
  store.disconnect();
  expect(store.cursorOf('AAPL')).toEqual({version: 3, at: 'e1.f.0'});
});

test('is live only when everything is in order', () => {
  expect(aapl().freshness).toBe('stale');
  hello();
  ack();
  expect(aapl().freshness).toBe('stale');
  update({v: 3, snapshot: true, bid: 1});
  expect(aapl().freshness).toBe('live');
});

test('a lost connection makes everything stale at once, and says so', () => {
  subscribed();
  expect(store.disconnect().map(({quote}) => quote.symbol)).toEqual(['AAPL']);
  expect(aapl().freshness).toBe('stale');
});

test('after a reconnect it is stale until the server vouches for it', () => {
  subscribed();
  store.disconnect();
  hello();
  expect(aapl().freshness).toBe('stale');
  ack();
  expect(aapl().freshness).toBe('stale');
  // Nothing changed since our cursor: no update comes, only `synced`.
  apply({type: 'synced', id: 1});
  expect(aapl().freshness).toBe('live');
  expect(aapl().get('bid')).toBe(1);
});

test('synced vouches for nothing that is held under another token', () => {
  subscribed();
  store.disconnect();
  hello('e2');
  ack('e2.f.0');
  apply({type: 'synced', id: 1});
  expect(aapl().freshness).toBe('stale');
  update({v: 1, snapshot: true, bid: 7}, 'e2');
  expect(aapl().freshness).toBe('live');
  expect(Object.fromEntries(aapl().fields)).toEqual({bid: 7});
});

test('never merges into what it does not hold', () => {
  hello();
  ack();
  update({v: 8, bid: 5});
  expect(aapl().version).toBe(0);
  expect(aapl().fields.size).toBe(0);
  expect(aapl().freshness).toBe('stale');
});

test('a merge from another epoch is no price', () => {
  subscribed();
  expect(update({v: 4, bid: 5}, 'e2')[0]?.changed).toEqual([]);
  expect(aapl().freshness).toBe('stale');
  expect(aapl().get('bid')).toBe(1);
  expect(store.cursorOf('AAPL')).toBeUndefined();
  expect(store.torn).toEqual(new Set(['AAPL']));
  update({v: 1, snapshot: true, bid: 7}, 'e2');
  expect(aapl()).toMatchObject({version: 1, freshness: 'live'});
  expect(Object.fromEntries(aapl().fields)).toEqual({bid: 7});
});

test.each([
  ['an update', () => update({v: 7, bid: 7})],
  ['in sync', () => apply({type: 'synced', id: 3})],
])('%s is nothing if other fields came meanwhile', (_name, say) => {
  subscribed();
  // Asked for at version 3: other fields, and then the first ones again.
  ack('e1.g.0', 2);
  update({v: 5, snapshot: true, ask: 5, last: 5});
  ack('e1.f.0', 3);
  say();
  expect(aapl()).toMatchObject({version: 5, freshness: 'stale'});
  expect(Object.fromEntries(aapl().fields)).toEqual({ask: 5, last: 5});
  expect(store.torn).toEqual(new Set(['AAPL']));
  expect(store.cursorOf('AAPL')).toBeUndefined();
  ack('e1.f.0', 4);
  update({v: 7, snapshot: true, bid: 7, ask: 5});
  expect(aapl()).toMatchObject({version: 7, freshness: 'live'});
  expect(Object.fromEntries(aapl().fields)).toEqual({bid: 7, ask: 5});
});

test('silence makes everything stale, without any message', () => {
  subscribed();
  localMs += 5000;
  expect(aapl().freshness).toBe('live');
  localMs += 1;
  expect(aapl().freshness).toBe('stale');
  apply({type: 'heartbeat', time: time()});
  expect(aapl().freshness).toBe('live');
});

test.each([
  ['stale', 'stale'], ['down', 'down'], ['ended', 'ended'],
  ['something new', 'stale'],
])('a feed that is %s makes its symbols %s', (status, freshness) => {
  subscribed();
  const changes = apply({
    type: 'feed', feeds: {synthetic: {...live, status}}, time: time(),
  });
  expect(changes).toMatchObject([{changed: [], quote: {symbol: 'AAPL'}}]);
  expect(aapl().freshness).toBe(freshness);
  store.disconnect();
  expect(aapl().freshness).toBe('stale');
});

test('another feed is none of its business', () => {
  subscribed();
  const changes = apply({type: 'feed', feeds: {itch: live}});
  expect(changes).toEqual([]);
});

test('quiet comes and goes with updates, and a feed overrules it', () => {
  subscribed();
  update({v: 3, quiet: true});
  expect(aapl().freshness).toBe('quiet');
  hello('e1', {...live, status: 'stale'});
  expect(aapl().freshness).toBe('stale');
  hello();
  update({v: 4, n: 11, bid: 1.1, quiet: false});
  expect(aapl().freshness).toBe('live');
});

test('what is withdrawn is blank and says so, until it comes back', () => {
  subscribed();
  update({v: 3, quiet: true, bid: 7});
  const changes = update({
    v: 9, snapshot: true, n: 12, t: start, withdrawn: true, bid: null,
    ask: null,
  });
  expect([...changes[0]!.changed].sort()).toEqual(['ask', 'bid']);
  expect(aapl().freshness).toBe('withdrawn');
  expect(Object.fromEntries(aapl().fields)).toEqual({bid: null, ask: null});
  // Whatever its feed does; but without a connection nothing is known.
  hello('e1', {...live, status: 'down'});
  expect(aapl().freshness).toBe('withdrawn');
  store.disconnect();
  expect(aapl().freshness).toBe('stale');
  hello();
  update({v: 9, snapshot: true, n: 12, t: start, quiet: false, bid: 8, ask: 9});
  expect(aapl().freshness).toBe('live');
  expect(Object.fromEntries(aapl().fields)).toEqual({bid: 8, ask: 9});
});

test('tells trading, source and age', () => {
  hello('e1', {status: 'live', source: 'delayed', delay_s: 900});
  ack();
  expect(aapl().trading).toBe('unknown');
  update({v: 3, snapshot: true, t: start, trading: 'halted'});
  localMs += 1234;
  expect(aapl().trading).toBe('halted');
  expect(aapl().source).toEqual({kind: 'delayed', delayS: 900});
  expect(aapl().ageMs).toBeCloseTo(1234, 1);
  expect(aapl().maxRate).toBe(10);
});

test('an unknown symbol starts by itself', () => {
  hello();
  asked.expect({id: 1, symbols: ['AAPL']});
  apply({
    type: 'ack', id: 1, at: 'e1.f.0', symbols: {AAPL: {unknown: true}},
  });
  apply({type: 'synced', id: 1});
  expect(aapl().freshness).toBe('stale');
  expect(aapl().description.unknown).toBe(true);
  ack();
  update({v: 1, snapshot: true, bid: 2});
  expect(aapl().freshness).toBe('live');
  expect(aapl().description.unknown).toBeUndefined();
});

test('ignores what it does not know', () => {
  subscribed();
  apply({type: 'fireworks', time: time()} as never);
  update({v: 4, bid: 1.5, nested: true});
  expect(aapl().fields.has('nested')).toBe(false);
  expect(aapl().version).toBe(4);
});

test('what another connection brought before is not undone', () => {
  hello();
  ack();
  update({v: 9, snapshot: true, n: 90, bid: 9});
  // The next connection asked for more, and is a little behind.
  ack('e1.g.0', 2);
  update({v: 6, snapshot: true, n: 60, bid: 6, ask: 6});
  expect(Object.fromEntries(aapl().fields)).toEqual({bid: 9, ask: 6});
  expect(aapl()).toMatchObject({version: 9, ticks: 90, freshness: 'live'});
  // It goes on from where it is, and so would the one after it.
  expect(store.cursorOf('AAPL')).toEqual({version: 6, at: 'e1.g.0'});
  expect(update({v: 8, n: 80, bid: 8, ask: 8})[0]).toMatchObject(
      {changed: ['ask'], folded: 0});
  expect(update({v: 10, n: 100, bid: 10})[0]).toMatchObject(
      {changed: ['bid'], folded: 10});
  expect(Object.fromEntries(aapl().fields)).toEqual({bid: 10, ask: 8});
  expect(store.cursorOf('AAPL')).toEqual({version: 10, at: 'e1.g.0'});
});

test('nor is a field that was not there for a while', () => {
  hello();
  ack();
  update({v: 9, snapshot: true, bid: 9, ask: 8});
  // The next connection had asked for less first, and is behind.
  ack('e1.g.0', 2);
  update({v: 2, snapshot: true, bid: 2});
  expect(Object.fromEntries(aapl().fields)).toEqual({bid: 9});
  ack('e1.f.0', 3);
  update({v: 7, snapshot: true, bid: 7, ask: 7});
  expect(Object.fromEntries(aapl().fields)).toEqual({bid: 9, ask: 8});
  update({v: 10, bid: 10, ask: null});
  expect(Object.fromEntries(aapl().fields)).toEqual({bid: 10, ask: null});
});
