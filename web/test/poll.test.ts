// A client that polls, by fetch and by XMLHttpRequest.

import {afterEach, beforeEach, describe, expect, test, vi} from 'vitest';

import {type Client, connect} from '../src/client';
import {pollTransport} from '../src/transports/poll';

import {fakeFetch, FakePolls, fakeXhr} from './fake_polls';

let polls: FakePolls;
let client: Client;
const nothing = () => undefined;
const bid = {fields: ['bid']};

beforeEach(() => {
  vi.useFakeTimers();
  polls = new FakePolls();
  polls.tick('AAPL', 1);
});

afterEach(() => {
  client.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function start(): void {
  client = connect({
    url: 'http://gateway/', transports: [pollTransport], random: () => 1,
  });
}

/** What is answered already reaches the client, and its next poll the fake. */
const pass = (ms = 0) => vi.advanceTimersByTimeAsync(ms);

/** A client that polls for a live AAPL, and what its listener saw. */
async function running(): Promise<string[]> {
  start();
  const seen: string[] = [];
  client.subscribe(
      ['AAPL'], bid, ({quote}) => void seen.push(quote.freshness));
  await pass(100);
  expect(seen.at(-1)).toBe('live');
  seen.length = 0;
  return seen;
}

describe.each(['fetch', 'XMLHttpRequest'])('by %s', (by) => {
  beforeEach(() => {
    vi.stubGlobal('fetch', by === 'fetch' ? fakeFetch(polls) : undefined);
    vi.stubGlobal(
        'XMLHttpRequest', by === 'fetch' ? undefined : fakeXhr(polls));
  });

  test('says what it holds, poll after poll', async () => {
    await running();
    expect(client.state).toMatchObject(
        {status: 'connected', transport: 'poll'});
    expect(polls.polls.length).toBe(2);
    expect(polls.polls[0]).toMatchObject(
        [{symbols: ['AAPL'], fields: ['bid']}]);
    expect(polls.polls[0]?.[0]).not.toHaveProperty('at');
    expect(polls.names).toEqual(['AAPL@1']);
    expect(polls.polls[1]?.[0]?.at).toMatch(/^e1\.bid\.0\.live\.\d+$/);
    polls.tick('AAPL', 2);
    await pass(10);
    expect(client.quote('AAPL')?.get('bid')).toBe(2);
    expect(polls.names).toEqual(['AAPL@2']);
  });

  test('a gateway that is gone is told at once, and resumed', async () => {
    const seen = await running();
    polls.kill();
    await pass();
    expect(client.state.status).toBe('disconnected');
    expect(seen.at(-1)).toBe('stale');
    polls.down = false;
    await pass(490);
    expect(client.state.status).toBe('disconnected');
    await pass(20);
    expect(client.state.status).toBe('connected');
    expect(seen.at(-1)).toBe('live');
    expect(polls.polls[2]).toMatchObject(
        [{symbols: ['AAPL@1'], at: 'e1.bid.0'}]);
    expect(polls.mostWaiting).toBe(1);
  });

  test('asks anew at once when interests change, never twice', async () => {
    const seen = await running();
    polls.tick('MSFT', 5);
    client.subscribe(['MSFT'], bid, nothing);
    client.subscribe(['GONE'], bid, nothing).unsubscribe();
    await pass(49);
    expect(polls.polls.length).toBe(2);
    await pass(1);
    expect(polls.polls[2]?.[0]).toMatchObject({
      symbols: ['AAPL@1', 'MSFT'], at: polls.polls[1]?.[0]?.at,
    });
    await pass(10);
    expect(polls.names).toEqual(['AAPL@1', 'MSFT@1']);
    expect(client.quote('MSFT')?.freshness).toBe('live');
    expect(polls.mostWaiting).toBe(1);
    expect(seen).not.toContain('stale');
  });

  test('a closed client hangs up', async () => {
    await running();
    client.close();
    expect(polls.waiting).toEqual([]);
    await pass(60_000);
    expect(polls.polls.length).toBe(2);
  });
});

describe('by either', () => {
  beforeEach(() => vi.stubGlobal('fetch', fakeFetch(polls)));

  test('says what it believes to be quiet', async () => {
    await running();
    polls.quieten('AAPL');
    await pass(10);
    expect(client.quote('AAPL')?.freshness).toBe('quiet');
    expect(polls.names).toEqual(['AAPL@1q']);
    polls.tick('AAPL', 1);
    await pass(10);
    expect(client.quote('AAPL')?.freshness).toBe('live');
    expect(polls.names).toEqual(['AAPL@2']);
  });

  test('waits for a symbol that is unknown, and does not spin', async () => {
    await running();
    client.subscribe(['NEWCO'], bid, nothing);
    await pass(1000);
    expect(polls.names).toEqual(['AAPL@1', 'NEWCO@0']);
    expect(client.quote('NEWCO')?.description.unknown).toBe(true);
    const {length} = polls.polls;
    await pass(20_000);
    expect(polls.polls.length - length).toBeLessThanOrEqual(10);
    polls.tick('NEWCO', 3);
    await pass(10);
    expect(client.quote('NEWCO')?.get('bid')).toBe(3);
    expect(client.quote('NEWCO')?.freshness).toBe('live');
  });

  test('heartbeats keep it live, silence does not', async () => {
    const seen = await running();
    await pass(20_000);
    expect(seen).not.toContain('stale');
    expect(polls.polls.length).toBeLessThan(15);
    polls.silent = true;
    polls.refuse(200, '');
    await pass(5400);
    expect(seen.at(-1)).toBe('stale');
    expect(client.state.status).toBe('connected');
    await pass(5500);
    expect(client.state.status).toBe('disconnected');
    expect(polls.mostWaiting).toBe(1);
  });

  test('an empty answer is not asked for in a frenzy', async () => {
    await running();
    vi.stubGlobal('fetch', async () => new Response(''));
    const spy = vi.spyOn(globalThis, 'fetch');
    polls.tick('AAPL', 2);
    await pass(1000);
    expect(spy.mock.calls.length).toBeLessThanOrEqual(101);
  });

  test('comes back as a server that stops advises', async () => {
    await running();
    polls.stop();
    await pass();
    expect(client.state).toMatchObject(
        {status: 'disconnected', reason: 'stopping'});
    polls.down = false;
    await pass(3000);
    expect(client.state.status).toBe('disconnected');
    await pass(510);
    expect(client.state.status).toBe('connected');
  });

  test('in another run of the market nothing held counts', async () => {
    const seen = await running();
    polls.kill();
    polls.restart('e2');
    await pass(600);
    expect(client.epoch).toBe('e2');
    expect(client.state.status).toBe('connected');
    // It is unknown there, and what we hold is of another run.
    expect(seen.at(-1)).toBe('stale');
    expect(polls.names).toEqual(['AAPL@0']);
    const {length} = polls.polls;
    await pass(20_000);
    expect(polls.polls.length - length).toBeLessThanOrEqual(10);
    expect(client.quote('AAPL')?.freshness).toBe('stale');
    polls.tick('AAPL', 9);
    await pass(10);
    expect(client.quote('AAPL')?.freshness).toBe('live');
    expect(client.quote('AAPL')?.get('bid')).toBe(9);
  });

  test('a feed that goes down is told, and once', async () => {
    await running();
    polls.setFeed('down');
    await pass(100);
    expect(client.quote('AAPL')?.freshness).toBe('down');
    expect(polls.polls.length).toBe(3);
    polls.setFeed('live');
    await pass(100);
    expect(client.quote('AAPL')?.freshness).toBe('live');
  });

  test('other fields replace what was held', async () => {
    await running();
    const more = client.subscribe(['AAPL'], {fields: ['ask']}, nothing);
    await pass(100);
    expect(polls.polls.at(-1)).toMatchObject(
        [{symbols: ['AAPL@1'], fields: ['ask', 'bid']}]);
    expect(client.quote('AAPL')?.freshness).toBe('live');
    more.unsubscribe();
    await pass(100);
    expect(polls.polls.at(-1)).toMatchObject([{fields: ['bid']}]);
    expect(client.quote('AAPL')?.freshness).toBe('live');
  });

  test('each symbol keeps its own fields and rate', async () => {
    await running();
    client.subscribe(['MSFT'], {fields: ['last'], maxRate: 2}, nothing);
    await pass(100);
    expect(polls.polls.at(-1)).toMatchObject([
      {symbols: ['AAPL@1'], fields: ['bid']},
      {symbols: ['MSFT@0'], fields: ['last'], max_rate: 2},
    ]);
  });

  test('what was refused is not asked for over and over', async () => {
    await running();
    const errors = vi.fn();
    client.onError(errors);
    client.subscribe(['MSFT'], {fields: ['bidd']}, nothing);
    await pass(10_000);
    expect(errors).toHaveBeenCalledOnce();
    expect(polls.names).toEqual(['AAPL@1']);
    expect(client.quote('AAPL')?.freshness).toBe('live');
  });

  test('says why it was refused, and tries again', async () => {
    await running();
    polls.refuse(503, '{"type":"error","code":"unavailable"}');
    await pass();
    expect(client.state.status).toBe('disconnected');
    expect(client.state.reason).toContain('unavailable');
    await pass(600);
    expect(client.state.status).toBe('connected');
  });

  test('rests without a symbol', async () => {
    start();
    const widget = client.subscribe(['AAPL'], bid, nothing);
    await pass(100);
    widget.unsubscribe();
    await pass(50);
    expect(polls.waiting).toEqual([]);
    expect(client.state.status).toBe('connecting');
    const {length} = polls.polls;
    await pass(60_000);
    expect(polls.polls.length).toBe(length);
    client.subscribe(['AAPL'], bid, nothing);
    await pass(100);
    expect(client.quote('AAPL')?.freshness).toBe('live');
  });

  test('more than a poll can name leaves the others as they were', async () => {
    await running();
    const errors = vi.fn();
    client.onError(errors);
    const symbols = Array.from({length: 1000}, (_, i) => `S${i}`);
    const widget = client.subscribe(symbols, bid, nothing);
    await pass(100);
    expect(errors.mock.calls[0]?.[0]).toMatchObject(
        {code: 'too_many_symbols', reason: expect.stringContaining('1001')});
    polls.tick('AAPL', 4);
    await pass(10);
    expect(client.quote('AAPL')?.get('bid')).toBe(4);
    widget.unsubscribe();
    await pass(100);
    expect(polls.names).toEqual(['AAPL@2']);
  });
});
