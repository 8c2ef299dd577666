import {expect, test} from 'vitest';

import {ServerClock} from '../src/clock';

const epochMs = 1_700_000_000_000;

/** A local clock that moves only when told. */
function manualClock() {
  const local = {mono: 0, wall: 5_000};
  const clock = new ServerClock(
      {monotonic: () => local.mono, wall: () => local.wall});
  const advance = (ms: number) => {
    local.mono += ms;
    local.wall += ms;
  };
  return {clock, local, advance};
}

test('knows no time before a hello, and nothing is fresh', () => {
  const {clock} = manualClock();
  expect(clock.nowMs).toBeUndefined();
  expect(clock.fresh).toBe(false);
});

test('is stale 2.5 heartbeats after the newest server time', () => {
  const {clock, advance} = manualClock();
  clock.restart(epochMs * 1000, 2000);
  expect(clock.thresholdMs).toBe(5000);
  advance(5000);
  expect(clock.fresh).toBe(true);
  expect(clock.nowMs).toBeCloseTo(epochMs + 5000, 3);
  advance(1);
  expect(clock.fresh).toBe(false);
  clock.observe((epochMs + 5001) * 1000);
  expect(clock.fresh).toBe(true);
});

test('a message that a network held back does not refresh', () => {
  const {clock, advance} = manualClock();
  clock.restart(epochMs * 1000, 2000);
  advance(6000);
  clock.observe((epochMs + 500) * 1000);
  expect(clock.fresh).toBe(false);
  // The backlog drains, up to a message that is new.
  clock.observe((epochMs + 5900) * 1000);
  expect(clock.fresh).toBe(true);
});

test('an older time never turns the newest one back', () => {
  const {clock, advance} = manualClock();
  clock.restart(epochMs * 1000, 2000);
  advance(1000);
  clock.observe((epochMs + 1000) * 1000);
  clock.observe((epochMs - 60_000) * 1000);
  expect(clock.silenceMs).toBeLessThan(1);
});

test('clocks that drift apart stay fresh', () => {
  const {clock, advance} = manualClock();
  clock.restart(epochMs * 1000, 2000);
  // The server's clock loses 100 ppm for two days, a heartbeat at a time.
  for (let i = 1; i <= 86_400; ++i) {
    advance(2000);
    clock.observe((epochMs + i * 2000 * (1 - 100e-6)) * 1000);
  }
  expect(clock.silenceMs).toBeLessThan(10);
});

test('a lost connection is stale at once, but the time goes on', () => {
  const {clock, advance} = manualClock();
  clock.restart(epochMs * 1000, 2000);
  clock.lose();
  expect(clock.fresh).toBe(false);
  advance(1000);
  expect(clock.nowMs).toBeCloseTo(epochMs + 1000, 3);
});

test('a new connection may be to a server with an earlier clock', () => {
  const {clock} = manualClock();
  clock.restart(epochMs * 1000, 2000);
  clock.restart((epochMs - 3_600_000) * 1000, 1000);
  expect(clock.fresh).toBe(true);
  expect(clock.thresholdMs).toBe(2500);
});

test('notices that the machine slept, once', () => {
  const {clock, local, advance} = manualClock();
  advance(60_000);
  expect(clock.slept()).toBe(false);
  local.wall += 60_000;
  expect(clock.slept()).toBe(true);
  expect(clock.slept()).toBe(false);
});
