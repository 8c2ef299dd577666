import {expect, test} from 'vitest';

import {columnsFor, fieldsFor} from '../demo/columns';
import {dash, formatAge, formatValue} from '../demo/format';

test('a price has the decimals of its symbol, empty is a dash', () => {
  expect(formatValue('price', 189.9, {decimals: 2})).toBe('189.90');
  expect(formatValue('price', 1.085, {decimals: 5})).toBe('1.08500');
  expect(formatValue('price', 0, {decimals: 2})).toBe('0.00');
  expect(formatValue('price', null, {decimals: 2})).toBe(dash);
  expect(formatValue('quantity', undefined, {})).toBe(dash);
});

test('a change has a sign, unless there is none', () => {
  expect(formatValue('change', 1.5, {decimals: 2})).toBe('+1.50');
  expect(formatValue('change', -1.5, {decimals: 2})).toBe('−1.50');
  expect(formatValue('percent', -0.001, {})).toBe('0.00 %');
});

test('an age is never wider than its column', () => {
  for (const ms of [0, 9_999, 99_499, 5_999_000, 3.5e8, 1e10]) {
    expect(formatAge(ms).length).toBeLessThanOrEqual(6);
  }
  expect(formatAge(9_999)).toBe('10 s');
});

test('asks for what the columns need', () => {
  const fields = fieldsFor(columnsFor(undefined));
  expect(fields).toContain('prev_close');
  expect(fields).toContain('trading');
  expect(fields).not.toContain('percent');
  expect(fieldsFor(columnsFor(['bid', 'trading']))).toEqual(['bid', 'trading']);
});

test("a day's volume is not cut off", () => {
  const [volume] = columnsFor(['volume']);
  const padding = 2;  // 16 pixels, in numerals
  const lengths = [
    formatValue('quantity', 98765432109, {quantity_decimals: 0}),
    formatValue('quantity', 9876.12345678, {quantity_decimals: 8}),
  ].map((text) => text.replace(/[,.]/g, '').length + 1);  // commas are narrow
  expect(volume?.width).toBeGreaterThanOrEqual(Math.max(...lengths) + padding);
});
