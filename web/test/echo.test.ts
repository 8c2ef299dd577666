// The newest server time that a client holds, and what it tells of it.

import {afterEach, beforeEach, expect, test, vi} from 'vitest';

import {Client, connect} from '../src/client';
import {ServerClock} from '../src/clock';

import {FakeTransport} from './fake_transport';

const epochMs = 1_700_000_000_000;

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

test('what another tab held goes on', () => {
  let mono = 0;
  const clock = new ServerClock({monotonic: () => mono, wall: () => mono});
  clock.restart(epochMs * 1000, 2000);
  mono = 70;
  const other = new ServerClock({monotonic: () => 5000, wall: () => 5000});
  other.adopt(clock.copy());
  expect(other.newest).toEqual({timeUs: epochMs * 1000, heldUs: 70_000});
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

test('a ping says the newest server time and for how long it is here', () => {
  const socket = new FakeTransport('websocket', 'both');
  client = connect({url: 'http://gateway/', transports: [socket]});
  client.subscribe(['AAPL'], {fields: ['bid']}, nothing);
  socket.link.open();
  socket.link.hello();
  const helloUs = Date.now() * 1000;
  for (let i = 0; i < 6; ++i) {
    vi.advanceTimersByTime(1900);
    socket.link.say({type: 'heartbeat', time: helloUs + (i + 1) * 1_900_000});
  }
  expect(socket.link.pings).toBe(1);
  expect(socket.link.lastPing?.time).toBe(helloUs + 5 * 1_900_000);
  expect(socket.link.lastPing?.held_us).toBe(500_000);
});
