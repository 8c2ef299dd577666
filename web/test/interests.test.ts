import {expect, test} from 'vitest';

import {
  Interests, mergeWants, uniform, type Want, wantKey,
} from '../src/interests';

const want = (fields?: string[], maxRate?: Want['maxRate']): Want =>
    ({fields, maxRate});

test('merges to the union of the fields and the highest rate', () => {
  expect(mergeWants([want(['bid', 'ask'], 2), want(['last', 'bid'], 5)]))
      .toEqual({fields: ['ask', 'bid', 'last'], maxRate: 5});
});

test('all fields swallow some', () => {
  expect(mergeWants([want(['bid']), want()]).fields).toBeUndefined();
});

test('no rate counts as the default of 10', () => {
  const merged = (...rates: Want['maxRate'][]) =>
      mergeWants(rates.map((rate) => want([], rate))).maxRate;
  expect(merged(undefined, 4)).toBeUndefined();
  expect(merged(undefined, 20)).toBe(20);
  expect(merged(20, 'unlimited', undefined)).toBe('unlimited');
});

test('the order of the fields makes no other subscription', () => {
  const one = wantKey(mergeWants([want(['bid']), want(['ask'])]));
  const other = wantKey(mergeWants([want(['ask', 'bid'])]));
  expect(one).toBe(other);
  expect(one).not.toBe(wantKey(want()));
});

test('a symbol ends with its last widget', () => {
  const interests = new Interests<Want>();
  const table = want(['bid']);
  const book = want(['bid2']);
  interests.add('AAPL', table);
  interests.add('AAPL', book);
  expect(interests.perSymbol().get('AAPL')?.fields).toEqual(['bid', 'bid2']);
  interests.remove('AAPL', book);
  expect(interests.perSymbol().get('AAPL')?.fields).toEqual(['bid']);
  interests.remove('AAPL', table);
  expect(interests.has('AAPL')).toBe(false);
  expect(interests.perSymbol().size).toBe(0);
});

test('a one-way stream asks the same for every symbol', () => {
  const interests = new Interests<Want>();
  interests.add('AAPL', want(['bid'], 1));
  interests.add('MSFT', want(['last'], 4));
  const {fields, maxRate} = uniform(interests.perSymbol()).get('AAPL') as Want;
  expect(fields).toEqual(['bid', 'last']);
  expect(maxRate).toBe(4);
  expect(interests.perSymbol().get('AAPL')?.fields).toEqual(['bid']);
});
