import {expect, test} from 'vitest';

import {Backoff} from '../src/backoff';

const limits = {firstMs: 500, maxMs: 4000, stableMs: 10_000};

test('doubles up to its limit', () => {
  const backoff = new Backoff(limits, () => 1);
  const waits = Array.from({length: 6}, () => backoff.nextMs());
  expect(waits).toEqual([500, 1000, 2000, 4000, 4000, 4000]);
});

test('half of every wait is random', () => {
  expect(new Backoff(limits, () => 0).nextMs()).toBe(250);
  expect(new Backoff(limits, () => 0.5).nextMs()).toBe(375);
});

test('starts anew only after a connection that lasted', () => {
  const backoff = new Backoff(limits, () => 1);
  backoff.nextMs();
  backoff.nextMs();
  backoff.ended(9_999);
  expect(backoff.nextMs()).toBe(2000);
  backoff.ended(10_000);
  expect(backoff.nextMs()).toBe(500);
});
