import {expect, test} from 'vitest';

import {formatDuration, formatDurations} from '../demo/format';
import {percentile} from '../demo/latency';

test('a duration has two digits and a unit', () => {
  expect(formatDuration(0)).toBe('0.0 µs');
  expect(formatDuration(2.34)).toBe('2.3 µs');
  expect(formatDuration(9.94)).toBe('9.9 µs');
  expect(formatDuration(9.96)).toBe('10 µs');
  expect(formatDuration(999.4)).toBe('999 µs');
  expect(formatDuration(999.6)).toBe('1.0 ms');
  expect(formatDuration(45_300)).toBe('45 ms');
  expect(formatDuration(999_600)).toBe('1.0 s');
  expect(formatDuration(61e6)).toBe('61 s');
});

test('two durations share their unit, if they can', () => {
  expect(formatDurations(12.3, 224)).toBe('12/224 µs');
  expect(formatDurations(12.3, 84_000)).toBe('12 µs/84 ms');
});

test('a percentile is a value that occurred', () => {
  const values = [5, 1, 4, 2, 3];
  expect(percentile(values, 0.5)).toBe(3);
  expect(percentile(values, 0.99)).toBe(5);
  expect(percentile(values, 0)).toBe(1);
  expect(percentile([7], 0.5)).toBe(7);
  expect(percentile([], 0.5)).toBeUndefined();
  expect(values).toEqual([5, 1, 4, 2, 3]);
});
