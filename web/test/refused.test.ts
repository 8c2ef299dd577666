// What a gateway refuses as a whole is told once, left out, and no harm to the
// rest.

import {afterEach, beforeEach, expect, test, vi} from 'vitest';

import {type Client, type ClientError, connect} from '../src/client';

import {FakeTransport} from './fake_transport';

let sse: FakeTransport;
let client: Client;
let errors: ClientError[];
const nothing = () => undefined;

beforeEach(() => {
  vi.useFakeTimers();
  errors = [];
});

afterEach(() => {
  client.close();
  vi.useRealTimers();
});

function start(transports = [sse = new FakeTransport('sse', 'query')]): void {
  client = connect({url: 'http://gateway/', transports, random: () => 1});
  client.onError((error) => errors.push(error));
}

function refuse(transport: FakeTransport, error: object): void {
  transport.link.fail({
    reason: `refused with status 400: ${
        JSON.stringify({type: 'error', ...error})}`,
  });
}

const unknown = (id: number) => ({
  id, code: 'unknown_field', reason: 'no field has this name', key: 'nope',
});
const idOf = ({link}: FakeTransport) => Number(link.query.get('id'));
const symbolsOf = ({link}: FakeTransport) => link.query.get('symbols');

test('a field that nobody knows is left out of a GET, the rest comes', () => {
  start();
  client.subscribe(['AAPL'], {fields: ['bid']}, nothing);
  client.subscribe(['MSFT'], {fields: ['nope', 'ask']}, nothing);
  vi.advanceTimersByTime(100);
  expect(symbolsOf(sse)).toBe('AAPL,MSFT');
  const id = idOf(sse);
  refuse(sse, unknown(id));
  expect(errors).toEqual([{type: 'error', ...unknown(id)}]);
  // At once, and by the same way.
  expect(sse.links.length).toBe(2);
  expect(symbolsOf(sse)).toBe('AAPL');
  expect(sse.link.query.get('fields')).toBe('bid');
  sse.link.open();
  sse.link.hello();
  sse.link.snapshot(idOf(sse), ['AAPL']);
  expect(client.quote('AAPL')?.freshness).toBe('live');
  expect(client.quote('MSFT')?.freshness).toBe('stale');
  vi.advanceTimersByTime(4000);
  expect(sse.links.length).toBe(2);
  // Nor after the connection was lost.
  sse.link.fail();
  vi.advanceTimersByTime(1000);
  expect(sse.links.length).toBe(3);
  expect(symbolsOf(sse)).toBe('AAPL@1');
  expect(errors.length).toBe(1);
});

test('what is refused later leaves the live stream as it is', () => {
  start();
  client.subscribe(['AAPL'], {fields: ['bid']}, nothing);
  vi.advanceTimersByTime(100);
  sse.link.open();
  sse.link.hello();
  sse.link.snapshot(idOf(sse), ['AAPL']);
  const live = sse.link;
  const faulty = client.subscribe(['MSFT'], {fields: ['nope']}, nothing);
  vi.advanceTimersByTime(100);
  expect(symbolsOf(sse)).toBe('AAPL@1,MSFT');
  refuse(sse, unknown(idOf(sse)));
  expect(errors.map(({code}) => code)).toEqual(['unknown_field']);
  expect(live.closed).toBe(false);
  expect(symbolsOf(sse)).toBe('AAPL@1');
  expect(client.quote('AAPL')?.freshness).toBe('live');
  sse.link.hello();
  // Wanted otherwise, it is asked for again; and told again if need be.
  faulty.unsubscribe();
  client.subscribe(['MSFT'], {fields: ['ask']}, nothing);
  vi.advanceTimersByTime(100);
  expect(symbolsOf(sse)).toMatch(/^AAPL.*,MSFT$/);
  expect(errors.length).toBe(1);
});

test('where nothing is left to ask for, the client rests', () => {
  start();
  client.subscribe(['AAPL', 'MSFT'], {fields: ['nope']}, nothing);
  vi.advanceTimersByTime(100);
  refuse(sse, unknown(idOf(sse)));
  expect(client.state).toMatchObject(
      {status: 'connecting', reason: 'nothing is subscribed'});
  vi.advanceTimersByTime(60_000);
  expect(sse.links.length).toBe(1);
  expect(errors.length).toBe(1);
  client.subscribe(['VOD.L'], {fields: ['bid']}, nothing);
  vi.advanceTimersByTime(100);
  expect(symbolsOf(sse)).toBe('VOD.L');
});

test('a stream whose requests are all refused goes on with other ones', () => {
  const stream = new FakeTransport('stream', 'body');
  start([stream]);
  client.subscribe(['MSFT'], {fields: ['nope']}, nothing);
  vi.advanceTimersByTime(100);
  refuse(stream, unknown(stream.link.asked[0]?.id ?? 0));
  expect(errors.map(({key}) => key)).toEqual(['nope']);
  client.subscribe(['AAPL'], {fields: ['bid']}, nothing);
  vi.advanceTimersByTime(100);
  expect(stream.links.length).toBe(2);
  expect(stream.link.asked.map(({symbols}) => symbols)).toEqual([['AAPL']]);
});

test('an error that nothing is to blame for is a failed attempt', () => {
  const poll = new FakeTransport('poll', 'poll');
  start([sse = new FakeTransport('sse', 'query'), poll]);
  client.subscribe(['AAPL'], {fields: ['bid']}, nothing);
  vi.advanceTimersByTime(100);
  refuse(sse, {id: idOf(sse), code: 'too_many_subscriptions', reason: 'many'});
  expect(sse.links.length).toBe(1);
  expect(poll.links.length).toBe(1);
  expect(errors).toEqual([]);
});

test('what no gateway says is a failed attempt', () => {
  start();
  client.subscribe(['AAPL'], {fields: ['bid']}, nothing);
  vi.advanceTimersByTime(100);
  sse.link.fail({reason: 'refused with status 400: <html>'});
  expect(client.state.status).toBe('disconnected');
  expect(errors).toEqual([]);
});
