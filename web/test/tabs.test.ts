// Several tabs of a browser over one connection.

import {afterEach, beforeEach, expect, test, vi} from 'vitest';

import {type Client, connect} from '../src/client';
import type {Options} from '../src/options';

import {FakeBrowser, type Tab} from './fake_browser';
import {FakeTransport} from './fake_transport';

interface Page {
  readonly tab: Tab;
  readonly client: Client;
  readonly socket: FakeTransport;
  /** What a listener of AAPL saw. */
  readonly seen: string[];
}

let browser: FakeBrowser;
let pages: Page[];
const bid = {fields: ['bid']};

beforeEach(() => {
  vi.useFakeTimers();
  browser = new FakeBrowser();
  pages = [];
});

afterEach(() => {
  for (const {client} of pages) client.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

/** A tab that wants AAPL, and others. */
function open(
    others: readonly string[] = [], options: Options = {},
    socket = new FakeTransport('websocket', 'both')): Page {
  const seen: string[] = [];
  const [tab, client] = browser.tab(() => connect({
    url: 'http://gateway/', transports: [socket], random: () => 1, ...options,
  }));
  client.subscribe(['AAPL', ...others], bid, ({quote}) => {
    const {symbol, freshness} = quote;
    if (symbol === 'AAPL') seen.push(`${quote.get('bid')} ${freshness}`);
  });
  const page = {tab, client, socket, seen};
  pages.push(page);
  return page;
}

/** Its connection stands, and it was told about what it asked for. */
async function greet({socket}: Page, v = 1): Promise<void> {
  socket.link.open();
  socket.link.hello();
  answer(socket, v);
  await pass();
}

function answer(socket: FakeTransport, v: number): void {
  const {link} = socket;
  for (const {id, symbols} of link.requests.splice(0)) {
    link.snapshot(id, symbols.map((name) => name.replace(/@.*/, '')), v);
  }
}

const update = (v: number, symbol = 'AAPL') => ({
  type: 'update', epoch: 'e1', time: Date.now() * 1000,
  quotes: {[symbol]: {v, n: v, bid: v}},
} as const);

/** Two tabs; the first has the connection. */
async function two(): Promise<[Page, Page]> {
  const one = open();
  await pass(10);
  await greet(one);
  const other = open();
  await pass(100);
  return [one, other];
}

test('two tabs have one connection, and one truth', async () => {
  const [one, other] = await two();
  expect(other.socket.links.length).toBe(0);
  expect(one.client.state).toMatchObject({tab: 'own', transport: 'websocket'});
  expect(other.client.state).toMatchObject(
      {status: 'connected', tab: 'other', transport: 'websocket'});
  expect(other.client.epoch).toBe('e1');
  expect(other.client.feeds.get('f')?.status).toBe('live');
  // It was held already: nobody asked again.
  expect(one.socket.link.requests).toEqual([]);
  expect(other.seen.at(-1)).toBe('1 live');
  one.socket.link.say(update(2));
  await pass();
  expect(one.seen.at(-1)).toBe('2 live');
  expect(other.seen.at(-1)).toBe('2 live');
  expect(other.client.quote('AAPL')?.ticks).toBe(2);
});

test('what they want is merged, and asked for once', async () => {
  const [one, other] = await two();
  const seen: unknown[] = [];
  const widget = other.client.subscribe(
      ['MSFT', 'AAPL'], {fields: ['ask'], maxRate: 20},
      ({quote}) => void seen.push(`${quote.symbol} ${quote.freshness}`));
  await pass(50);
  expect(one.socket.link.requests).toMatchObject([
    {symbols: ['AAPL@1'], fields: ['ask', 'bid'], max_rate: 20},
    {symbols: ['MSFT'], fields: ['ask'], max_rate: 20},
  ]);
  answer(one.socket, 7);
  await pass();
  expect(seen.at(-1)).toBe('MSFT live');
  expect(one.client.quote('AAPL')?.version).toBe(7);
  expect(other.client.quote('AAPL')?.version).toBe(7);
  widget.unsubscribe();
  await pass(50);
  expect(one.socket.link.requests).toMatchObject([
    {type: 'unsubscribe', symbols: ['MSFT']},
    {symbols: ['AAPL@7'], fields: ['bid']},
  ]);
});

test('the leader is gone: the next goes on from what it holds', async () => {
  const [one, other] = await two();
  one.socket.link.say(update(5));
  await pass();
  other.seen.length = 0;
  browser.crash(one.tab);
  await pass(10);
  // No price looks live meanwhile.
  expect(new Set(other.seen)).toEqual(new Set(['5 stale']));
  expect(other.client.state.status).not.toBe('connected');
  other.socket.link.open();
  expect(other.socket.link.requests).toMatchObject(
      [{symbols: ['AAPL@5'], at: 'e1.x.0'}]);
  const id = other.socket.link.requests[0]?.id ?? 0;
  other.socket.link.hello();
  other.socket.link.say(
      {type: 'ack', id, at: 'e1.x.0', symbols: {AAPL: {feed: 'f'}}},
      update(6), {type: 'synced', id});
  expect(other.client.quote('AAPL')?.get('bid')).toBe(6);
  expect(other.client.quote('AAPL')?.freshness).toBe('live');
  expect(other.client.state).toMatchObject({status: 'connected', tab: 'own'});
});

test('a leader that leaves lets the others go on', async () => {
  const [one, other] = await two();
  const third = open();
  await pass(100);
  one.client.close();
  await pass(10);
  expect(one.socket.link.closed).toBe(true);
  await greet(other, 3);
  expect(third.socket.links.length).toBe(0);
  expect(third.client.quote('AAPL')).toMatchObject(
      {version: 3, freshness: 'live'});
});

test('what a tab wanted that is gone is wanted no more', async () => {
  const one = open();
  await pass(10);
  await greet(one);
  const other = open(['MSFT']);
  await pass(100);
  answer(one.socket, 1);
  browser.crash(other.tab);
  await pass(10);
  expect(one.socket.link.requests).toMatchObject(
      [{type: 'unsubscribe', symbols: ['MSFT']}]);
});

test('a connection is lost for all, and back for all', async () => {
  const [one, other] = await two();
  one.socket.link.fail({reason: 'gone'});
  await pass();
  expect(other.seen.at(-1)).toBe('1 stale');
  expect(other.client.state).toMatchObject(
      {status: 'disconnected', reason: 'gone', tab: 'other'});
  await pass(500);
  await greet(one, 4);
  expect(other.seen.at(-1)).toBe('4 live');
  expect(other.client.state.status).toBe('connected');
  expect(other.socket.links.length).toBe(0);
});

test('a tab that comes before there is a connection', async () => {
  const one = open();
  const other = open();
  await pass(100);
  expect(other.client.state.status).toBe('connecting');
  await greet(one);
  expect(other.seen.at(-1)).toBe('1 live');
  expect(other.client.state.status).toBe('connected');
});

test('who joins before the server vouched again is told then', async () => {
  const [one] = await two();
  one.socket.link.fail();
  await pass(500);
  one.socket.link.open();
  one.socket.link.hello();
  const third = open();
  await pass(100);
  // The values are there, but nobody may take them for live.
  expect(third.client.quote('AAPL')?.get('bid')).toBe(1);
  expect(third.client.quote('AAPL')?.freshness).toBe('stale');
  const id = one.socket.link.requests[0]?.id ?? 0;
  one.socket.link.say(
      {type: 'ack', id, at: 'e1.x.0', symbols: {AAPL: {feed: 'f'}}},
      {type: 'synced', id});
  await pass();
  expect(third.client.quote('AAPL')?.freshness).toBe('live');
});

test('a leader that does nothing loses the lead', async () => {
  const [one, other] = await two();
  // As frozen: what it says does not get out.
  for (const channel of one.tab.channels) channel.closed = true;
  await pass(5300);
  expect(other.seen.at(-1)).toBe('1 stale');
  await pass(5000);
  expect(other.client.journal.map(({what}) => what)).toContain('takes over');
  await greet(other, 9);
  expect(other.seen.at(-1)).toBe('9 live');
  // When it thaws it follows.
  expect(one.socket.link.closed).toBe(true);
  for (const channel of one.tab.channels) channel.closed = false;
  other.client.subscribe(['MSFT'], bid, () => undefined);
  await pass(3000);
  expect(one.client.journal.at(-1)?.what).toBe('follows');
});

test('but not where nobody sees the others', async () => {
  const [one, other] = await two();
  browser.hide();
  for (const channel of one.tab.channels) channel.closed = true;
  await pass(60_000);
  expect(other.socket.links.length).toBe(0);
});

test('a leader that waits for the gateway is alive', async () => {
  const [one, other] = await two();
  one.socket.link.say({
    type: 'closing', code: 4001, reason: 'stopping', retry: true,
    after_ms: 60_000,
  });
  await pass(59_000);
  expect(other.client.journal.map(({what}) => what)).not.toContain(
      'takes over');
  await pass(2000);
  await greet(one, 2);
  expect(other.seen.at(-1)).toBe('2 live');
});

test('a mistake is told to the tab that made it', async () => {
  const [one, other] = await two();
  const errors: [string[], string[]] = [[], []];
  one.client.onError(({code}) => void errors[0].push(code));
  other.client.onError(({code}) => void errors[1].push(code));
  other.client.subscribe(['MSFT'], {fields: ['bidd']}, () => undefined);
  await pass(50);
  const {id} = one.socket.link.requests[0] ?? {};
  one.socket.link.say(
      {type: 'error', id: id ?? 0, code: 'unknown_field', reason: 'no'});
  await pass();
  expect(errors).toEqual([[], ['unknown_field']]);
});

test('tabs of other servers or transports have their own', async () => {
  const one = open();
  const two = open([], {url: 'http://other/'});
  const three = open([], {}, new FakeTransport('other', 'both'));
  const four = open([], {shareTabs: false});
  const five = open([], {url: 'http://gateway/page.html?x=2'});
  await pass(100);
  expect([one, two, three, four, five].map(
      ({socket}) => socket.links.length)).toEqual([1, 1, 1, 1, 0]);
});

test('where locks are forbidden every tab has its own', async () => {
  vi.stubGlobal('navigator', {
    locks: {
      request: () =>
          Promise.reject(new DOMException('opaque', 'SecurityError')),
    },
  });
  const one = open();
  const other = open();
  await pass(10);
  expect([one, other].map(({socket}) => socket.links.length)).toEqual([1, 1]);
});
