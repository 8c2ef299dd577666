// What a client learns of its network: which transport to take first, to leave,
// and to go back to.

import {setMaxListeners} from 'node:events';

import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';

import {type Client, connect} from '../src/client';
import type {Options} from '../src/options';

import {FakeTransport} from './fake_transport';

let socket: FakeTransport;
let sse: FakeTransport;
let poll: FakeTransport;
let client: Client;
let clients: Client[];
let stored: Map<string, string>;
let target: EventTarget;

const minute = 60_000;
const nothing = () => undefined;
const bid = {fields: ['bid']};

beforeEach(() => {
  vi.useFakeTimers();
  socket = new FakeTransport('websocket', 'both');
  sse = new FakeTransport('sse', 'query');
  poll = new FakeTransport('poll', 'poll');
  stored = new Map();
  clients = [];
  vi.stubGlobal('localStorage', {
    getItem: (key: string) => stored.get(key) ?? null,
    setItem: (key: string, value: string) => void stored.set(key, value),
  });
  vi.stubGlobal('document', new EventTarget());
  target = new EventTarget();
  setMaxListeners(0, target);
  vi.stubGlobal('addEventListener', target.addEventListener.bind(target));
  vi.stubGlobal('removeEventListener', target.removeEventListener.bind(target));
});

afterEach(() => {
  for (const each of clients) each.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function start(options: Options = {}): Client {
  client = connect({
    url: 'http://gateway/', transports: [socket, sse, poll], random: () => 1,
    ...options,
  });
  clients.push(client);
  client.subscribe(['AAPL'], bid, nothing);
  return client;
}

/** Connected by the transport that only comes second. */
function fallenBack(): void {
  start();
  socket.link.fail({reason: 'refused'});
  sse.link.hello();
  sse.link.snapshot(1, ['AAPL']);
  expect(client.state).toMatchObject(
      {transport: 'sse', reason: 'websocket: refused'});
}

/** Heartbeats until `ms` have passed, so that it is not taken for dead. */
function beat(link: FakeTransport, ms: number): void {
  for (let passed = 0; passed < ms; passed += 2000) {
    vi.advanceTimersByTime(2000);
    link.link.say({type: 'heartbeat', time: Date.now() * 1000});
  }
}

/** Three heartbeats at a time, `count` times. */
function bursts(link: FakeTransport, count: number): void {
  for (let i = 0; i < count; ++i) {
    const began = Date.now();
    vi.advanceTimersByTime(4000);
    for (const ms of [0, 2000, 4000]) {
      link.link.say({type: 'heartbeat', time: (began + ms) * 1000});
    }
  }
}

const journal = () => client.journal.map(({what}) => what);

describe('memory', () => {
  test('what worked comes first on the next page, for a day', () => {
    fallenBack();
    client.close();
    vi.advanceTimersByTime(23 * 60 * minute);
    start();
    vi.advanceTimersByTime(50);
    expect(socket.links.length).toBe(1);
    expect(sse.links.length).toBe(2);
    sse.link.hello();
    expect(client.state.reason).toBe('it worked last time');
    client.close();
    vi.advanceTimersByTime(24 * 60 * minute);
    start();
    expect(socket.links.length).toBe(2);
  });

  test('it is of one server, whatever page of it', () => {
    fallenBack();
    start({url: 'http://other/'});
    expect(socket.links.length).toBe(2);
    start({url: 'http://gateway/page.html?x=1'});
    vi.advanceTimersByTime(50);
    expect(socket.links.length).toBe(2);
    expect(sse.links.length).toBe(2);
  });

  test('another network forgets it', () => {
    fallenBack();
    const connection = new EventTarget();
    vi.stubGlobal('navigator', {connection});
    start({url: 'http://other/'});
    connection.dispatchEvent(new Event('change'));
    start();
    expect(socket.links.length).toBe(3);
  });

  test('what is stored may be anything, or forbidden', () => {
    for (const text of ['{', '7', 'null', '{"http://gateway/":3}',
                        '{"http://gateway/":{"transport":"gone","at":1}}']) {
      stored.set('streamhub.transports', text);
      const {length} = socket.links;
      start();
      expect(socket.links.length).toBe(length + 1);
    }
    vi.stubGlobal('localStorage', {
      getItem: () => {
        throw new Error('forbidden');
      },
    });
    fallenBack();
    expect(client.state.transport).toBe('sse');
  });
});

describe('moving up', () => {
  test('tries the better one after a minute, and less and less often', () => {
    fallenBack();
    for (const wait of [1, 2, 4]) {
      const {length} = socket.links;
      beat(sse, wait * minute - 4000);
      expect(socket.links.length).toBe(length);
      beat(sse, 4000);
      expect(socket.links.length).toBe(length + 1);
      socket.link.fail({reason: 'refused'});
      expect(client.state.transport).toBe('sse');
    }
    expect(sse.links.length).toBe(1);
  });

  test('no update is lost or told twice on the way', () => {
    start();
    const seen: unknown[] = [];
    client.subscribe(['AAPL'], bid, ({quote, changed}) => {
      if (changed.length > 0) seen.push(quote.get('bid'));
      if (seen.length > 0 && quote.freshness !== 'live') seen.push('stale');
    });
    socket.link.fail();
    sse.link.hello();
    sse.link.snapshot(1, ['AAPL'], 1);
    beat(sse, minute);
    const update = (v: number) => ({
      type: 'update', epoch: 'e1', time: Date.now() * 1000,
      quotes: {AAPL: {v, n: v, bid: v}},
    } as const);
    socket.link.open();
    expect(socket.link.requests).toMatchObject([{symbols: ['AAPL@1']}]);
    sse.link.say(update(2));
    sse.link.say(update(3));
    socket.link.hello();
    const id = socket.link.requests[0]?.id ?? 0;
    socket.link.say(
        {type: 'ack', id, at: 'e1.x.0', symbols: {AAPL: {feed: 'f'}}},
        update(2), {type: 'synced', id}, update(4));
    expect(seen).toEqual([1, 2, 3, 4]);
    expect(sse.link.closed).toBe(true);
    expect(client.state).toMatchObject({transport: 'websocket', reason: ''});
    expect(journal().at(-1)).toBe('moved up');
  });

  test('is not put off by what else is asked for', () => {
    fallenBack();
    for (let i = 0; i < 29; ++i) {
      beat(sse, 2000);
      client.subscribe([`S${i}`], bid, nothing);
      vi.advanceTimersByTime(50);
      sse.link.hello();
    }
    expect(socket.links.length).toBe(1);
    beat(sse, 2000);
    expect(socket.links.length).toBe(2);
  });

  test('at once where the network is another one', () => {
    fallenBack();
    target.dispatchEvent(new Event('online'));
    expect(socket.links.length).toBe(2);
    socket.link.open();
    socket.link.hello();
    expect(client.state.transport).toBe('websocket');
  });
});

describe('what is on the way', () => {
  test('three bursts of heartbeats: another transport, without a gap', () => {
    start();
    socket.link.open();
    socket.link.hello();
    socket.link.snapshot(1, ['AAPL']);
    socket.link.deaf = true;
    bursts(socket, 2);
    expect(sse.links.length).toBe(0);
    bursts(socket, 1);
    expect(sse.links.length).toBe(1);
    expect(socket.link.closed).toBe(false);
    expect(sse.link.query.get('symbols')).toBe('AAPL@1');
    sse.link.hello();
    expect(socket.link.closed).toBe(true);
    expect(client.state).toMatchObject({
      status: 'connected', transport: 'sse',
      reason: 'websocket: something on the way holds it back',
    });
    expect(journal()).toContain('spoilt');
    expect(journal().at(-1)).toBe('fell back');
    // And it comes first no more.
    sse.link.fail();
    vi.advanceTimersByTime(600);
    expect(socket.links.length).toBe(1);
  });

  test('a single burst is a hiccup', () => {
    start();
    socket.link.open();
    socket.link.hello();
    for (let i = 0; i < 5; ++i) {
      bursts(socket, 2);
      beat(socket, 2000);
    }
    expect(sse.links.length).toBe(0);
  });

  test('bursts where there is nothing else are borne', () => {
    start({transports: [sse]});
    vi.advanceTimersByTime(50);
    sse.link.hello();
    bursts(sse, 6);
    expect(sse.links.length).toBe(1);
    expect(client.state.status).toBe('connected');
  });

  test('what is cut twice within 90 s is left', () => {
    start();
    for (let i = 1; i <= 2; ++i) {
      socket.link.open();
      socket.link.hello();
      beat(socket, 30_000);
      socket.link.fail({reason: 'closed with code 1006'});
      vi.advanceTimersByTime(1100);
    }
    expect(socket.links.length).toBe(2);
    expect(sse.links.length).toBe(1);
    expect(client.journal.find(({what}) => what === 'spoilt'))
        .toMatchObject({transport: 'websocket', why: 'cut over and over'});
    sse.link.hello();
    expect(client.state.reason).toBe('websocket: cut over and over');
  });

  test('what lasted is not', () => {
    start();
    for (let i = 1; i <= 4; ++i) {
      expect(socket.links.length).toBe(i);
      socket.link.open();
      socket.link.hello();
      beat(socket, i % 2 ? 30_000 : 92_000);
      socket.link.fail();
      vi.advanceTimersByTime(1100);
    }
    expect(sse.links.length).toBe(0);
  });
});

describe('a gateway that does not hear us', () => {
  beforeEach(() => {
    start();
    socket.link.open();
    socket.link.hello();
  });

  test('is asked every ten seconds', () => {
    beat(socket, 30_000);
    expect(socket.link.pings).toBe(3);
    expect(client.state.status).toBe('connected');
  });

  test('is left when no answer comes, whatever it says', () => {
    socket.link.deaf = true;
    beat(socket, 14_000);
    expect(client.state.status).toBe('connected');
    beat(socket, 2000);
    expect(client.state).toMatchObject(
        {status: 'disconnected', reason: 'the gateway does not hear us'});
  });

  test('is asked at once when the network was gone', () => {
    socket.link.deaf = true;
    target.dispatchEvent(new Event('offline'));
    expect(socket.link.pings).toBe(1);
    expect(client.state.status).toBe('connected');
    beat(socket, 4000);
    vi.advanceTimersByTime(1100);
    expect(client.state.status).toBe('disconnected');
    // No waiting when it is there again.
    const {length} = socket.links;
    target.dispatchEvent(new Event('online'));
    expect(socket.links.length).toBe(length + 1);
  });
});

test('a worn link is replaced by a new one, without a gap', () => {
  start({transports: [sse]});
  vi.advanceTimersByTime(50);
  sse.link.hello();
  sse.link.snapshot(1, ['AAPL']);
  const old = sse.link;
  old.wear();
  expect(sse.links.length).toBe(2);
  expect(sse.link.query.get('symbols')).toBe('AAPL@1');
  expect(old.closed).toBe(false);
  sse.link.hello();
  expect(old.closed).toBe(true);
  expect(client.quote('AAPL')?.freshness).toBe('live');
});

test('a worn link that cannot be replaced is tried again', () => {
  start({transports: [sse]});
  vi.advanceTimersByTime(50);
  sse.link.hello();
  const old = sse.link;
  old.wear();
  sse.link.fail({reason: 'refused'});
  expect(old.closed).toBe(false);
  vi.advanceTimersByTime(500);
  expect(sse.links.length).toBe(3);
  sse.link.hello();
  expect(old.closed).toBe(true);
});

test('a logger is told, and may fail', () => {
  const logger = vi.fn(() => {
    throw new Error('full');
  });
  start({logger});
  socket.link.fail({reason: 'refused'});
  sse.link.hello();
  expect(logger.mock.calls.flat()).toMatchObject([
    {what: 'trying', server: 'http://gateway/', transport: 'websocket'},
    {what: 'passed over', transport: 'websocket', why: 'refused'},
    {what: 'trying', transport: 'sse'},
    {what: 'connected', transport: 'sse', why: 'websocket: refused'},
  ]);
  expect(client.state.status).toBe('connected');
});
