// A gateway that crashes under a thousand clients: when it is there again they
// all are, and what they hold is what there is.

import {afterEach, expect, test} from 'vitest';

import type {TransportName} from '../../web/src/options';

import {Follower, quotesOf, until} from './follower';
import {Gateway} from './gateway';

let gateway: Gateway;

afterEach(() => gateway.kill());

const clients = 1000;
/** Of ten clients. */
const transports: readonly TransportName[] = [
  'websocket', 'websocket', 'websocket', 'websocket', 'websocket',
  'websocket', 'websocket', 'stream', 'stream', 'poll',
];

test('a killed gateway has its thousand clients back', async () => {
  gateway = await Gateway.start(0, ['--symbols', '24']);
  const {symbols} = await (await fetch(`${gateway.url}v1/symbols`)).json() as
      {symbols: Record<string, unknown>};
  const names = Object.keys(symbols);
  expect(names).toHaveLength(24);
  const followers = Array.from({length: clients}, (_, i) => new Follower({
    url: gateway.url,
    transports: [transports[i % transports.length] ?? 'poll'],
  }, [0, 7, 13].map((step) => names[(i + step) % 24] ?? ''), 1));
  const all = (what: (follower: Follower) => boolean) => () =>
      followers.every(what);
  try {
    await until(all(({live}) => live), 'all are live', 20_000);
    const epoch = followers[0]?.client.epoch;
    await gateway.kill();
    const staleMs = await until(all(({live}) => !live), 'none is live');
    const {port} = gateway;
    gateway = await Gateway.start(
        port, ['--symbols', '24', '--ticks-per-second', '400',
               '--ticks-max', '2400']);
    const backMs = await until(
        all(({live, ended, client}) =>
                (live || ended) && client.epoch !== epoch),
        'all are back', 30_000);
    await until(all(({ended}) => ended), 'the market ends', 20_000);
    const quotes = await quotesOf(gateway, names);
    // The last update comes with its beat, the end at once.
    await until(
        all((follower) => follower.symbols.every(
                (symbol) => follower.held(symbol).v === quotes[symbol]?.v)),
        'all have the last version');
    for (const follower of followers) {
      expect(follower.witness.faults).toEqual([]);
      for (const symbol of follower.symbols) {
        expect(follower.held(symbol)).toEqual(quotes[symbol]);
      }
    }
    console.log(`${clients} clients: stale after ${staleMs.toFixed()} ms, ` +
                `all back ${backMs.toFixed()} ms after the restart`);
  } finally {
    for (const {client} of followers) client.close();
  }
});
