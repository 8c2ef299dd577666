import {afterEach, beforeEach, expect, test, vi} from 'vitest';

import {Client, connect} from '../src/client';
import {ServerClock} from '../src/clock';
import {Echo} from '../src/echo';

import {FakeTransport} from './fake_transport';

const epochMs = 1_700_000_000_000;
/** As often as a client looks. */
const lookMs = 250;

interface Ping {
  readonly type: string;
  readonly time: number;
  readonly held_us: number;
}

/** Looks for so long, and returns when it was told to send what. */
function looked(forMs: number, random = 0.5, start = 0) {
  let mono = start;
  const clock = new ServerClock({monotonic: () => mono, wall: () => mono});
  clock.restart(epochMs * 1000, 2000);
  const echo = new Echo(clock, () => random);
  const sent: {at: number, ping: Ping}[] = [];
  for (; mono <= start + forMs; mono += lookMs) {
    const text = echo.ping(mono - start);
    if (text !== undefined) {
      sent.push({at: mono - start, ping: JSON.parse(text) as Ping});
    }
  }
  return sent;
}

test('the first comes soon, the others now and then', () => {
  expect(looked(100_000).map(({at}) => at))
      .toEqual([2000, 32_000, 62_000, 92_000]);
  expect(looked(40_000, 0).map(({at}) => at)).toEqual([2000, 17_000, 32_000]);
  expect(looked(60_000, 1).map(({at}) => at)).toEqual([2000, 47_000]);
});

test('says the newest server time and for how long it is here', () => {
  expect(looked(2000, 0.5, 77_000)[0]?.ping).toEqual(
      {type: 'ping', time: epochMs * 1000, held_us: 2_000_000});
});

test('nothing is said before a hello', () => {
  const clock = new ServerClock();
  expect(new Echo(clock).ping(1e6)).toBeUndefined();
});

test('a new connection is heard of soon, too', () => {
  const clock = new ServerClock();
  clock.restart(epochMs * 1000, 2000);
  const echo = new Echo(clock, () => 1);
  expect(echo.ping(2000)).toBeDefined();
  expect(echo.ping(30_000)).toBeUndefined();
  expect(echo.ping(0)).toBeUndefined();
  expect(echo.ping(2000)).toBeDefined();
});

test('no microsecond is lost', () => {
  const clock = new ServerClock();
  for (let i = 1; i < 1000; ++i) {
    const timeUs = epochMs * 1000 + i * 12_345_677;
    clock.restart(timeUs, 2000);
    expect(clock.newest?.timeUs).toBe(timeUs);
  }
});

test('an older time than the newest does not count', () => {
  let mono = 0;
  const clock = new ServerClock({monotonic: () => mono, wall: () => mono});
  clock.restart(epochMs * 1000, 2000);
  mono = 40;
  clock.observe((epochMs - 5) * 1000);
  clock.observe(epochMs * 1000);
  mono = 100;
  expect(clock.newest).toEqual({timeUs: epochMs * 1000, heldUs: 100_000});
  clock.observe((epochMs + 1) * 1000);
  mono = 101;
  expect(clock.newest)
      .toEqual({timeUs: (epochMs + 1) * 1000, heldUs: 1000});
  clock.lose();
  expect(clock.newest).toBeUndefined();
});

let client: Client;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  client?.close();
  vi.useRealTimers();
});

const nothing = () => undefined;

test('a client says it over a two-way transport', () => {
  const socket = new FakeTransport('websocket', 'both', 1500);
  client = connect(
      {url: 'http://gateway/', transports: [socket], random: () => 0.5});
  client.subscribe(['AAPL'], {fields: ['bid']}, nothing);
  socket.link.open();
  socket.link.hello();
  const helloUs = Date.now() * 1000;
  vi.advanceTimersByTime(1900);
  const pings = () => (socket.link.requests as unknown as Ping[])
      .filter(({type}) => type === 'ping');
  expect(pings()).toEqual([]);
  vi.advanceTimersByTime(400);
  expect(pings().length).toBe(1);
  expect(pings()[0]?.time).toBe(helloUs);
  expect(pings()[0]?.held_us).toBeGreaterThanOrEqual(2_000_000);
  expect(pings()[0]?.held_us).toBeLessThanOrEqual(2_300_000);
});

test('over a one-way transport nobody could hear it', () => {
  const sse = new FakeTransport('sse', 'query', 8000);
  client = connect({url: 'http://gateway/', transports: [sse]});
  client.subscribe(['AAPL'], {fields: ['bid']}, nothing);
  vi.advanceTimersByTime(50);
  sse.link.open();
  sse.link.hello();
  vi.advanceTimersByTime(4000);
  expect(client.state.status).toBe('connected');
  expect(sse.links.length).toBe(1);
  expect(sse.link.requests).toEqual([]);
});
