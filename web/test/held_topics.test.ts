// What is held of topics, and when it is enough for a listener's history: of a
// tab, or of one that another tab has told.

import {afterEach, beforeEach, expect, test, vi} from 'vitest';

import {Asked} from '../src/asked';
import {Asker} from '../src/asker';
import {ServerClock} from '../src/clock';
import {Store} from '../src/store';
import {Topics} from '../src/topics';

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  vi.useRealTimers();
});

const kept = [101, 102, 103].map((seq) => ({seq, time: 1, data: `m${seq}`}));

const wants = (history: number) =>
    new Map([['chat', {fields: [], maxRate: undefined, history}]]);

/** One that has taken over what another tab held, of which it kept less. */
function adopted(history: number, depth: number): Topics {
  const topics = new Topics(new Set());
  topics.keep(wants(history));
  topics.adopt(new Map([['chat', {
    seq: 103, kept, depth, floor: 0, keeps: 0, run: 'e1',
  }]]));
  return topics;
}

test('a tab that keeps less than another one knows it', () => {
  expect(adopted(0, 20).last('chat', 0)).toEqual([]);
  expect(adopted(0, 20).last('chat', 3)).toBeUndefined();
  expect(adopted(20, 20).last('chat', 20)?.length).toBe(3);
});

test.each([
  ['chat@103', undefined], ['chat@0', 3], ['chat', 3],
])('who asked for %s was sent so much of before: %s', (name, count) => {
  const topics = adopted(5, 0);
  const asked = new Asked();
  asked.expect({id: 1, symbols: [name], history: 5});
  topics.synced(asked.speaksFor({type: 'synced', id: 1}), asked.begun);
  expect(topics.last('chat', 5)?.length).toBe(count);
});

test('an event stream knows what it asked for with a cursor', () => {
  const store = new Store(new ServerClock());
  store.keep(wants(5));
  store.topics.adopt(adopted(5, 5).copy(['chat']));
  const asked = new Asked();
  const query = new Asker(store).query('query', asked, wants(5), true);
  expect(query).toBe('id=1&symbols=chat@103&history=5');
  expect(asked.speaksFor({type: 'synced', id: 1})).toEqual(['chat']);
  expect(asked.begun).toEqual([0]);
});

test('who comes long after the last one has left begins anew', () => {
  const topics = adopted(5, 5);
  topics.keep(new Map());
  vi.advanceTimersByTime(9000);
  topics.keep(wants(5));
  expect(topics.last('chat', 5)?.length).toBe(3);
  topics.keep(new Map());
  expect(topics.last('chat', 5)).toBeUndefined();
  vi.advanceTimersByTime(11_000);
  topics.keep(wants(5));
  expect(topics.last('chat', 5)).toBeUndefined();
});
