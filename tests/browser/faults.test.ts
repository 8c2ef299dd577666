// The client through a TCP proxy that stalls, trickles, cuts, resets and
// half-closes, over each transport that streams, and polls: right again after
// every fault, nothing twice or out of order, and never an old price shown as
// live. In Node, which has all but server-sent events, and in Chromium.

import {afterAll, beforeAll, expect, test} from 'vitest';

import type {TransportName} from '../../web/src/options';

import {FaultyProxy} from './faulty_proxy';
import {until} from './follower';
import {Gateway} from './gateway';
import {viewInNode, viewInPage} from './viewer';

const heartbeatMs = 200;
const thresholdMs = 2.5 * heartbeatMs;
const backoff = {firstMs: 100, maxMs: 800, stableMs: 500};
/** How late timers of a busy machine are. */
const slackMs = 400;

let gateway: Gateway;

beforeAll(async () => {
  gateway = await Gateway.start(0, [
    '--heartbeat-ms', `${heartbeatMs}`,
    '--symbols', '24', '--ticks-per-second', '480',
    '--cors-origins', '*',
  ]);
});

afterAll(async () => {
  // Those of connections that ended in any of these ways, too.
  let sessions = NaN;
  try {
    const deadline = performance.now() + 10_000;
    while (sessions !== 0 && performance.now() < deadline) {
      sessions = await gateway.metric('sessions');
    }
    expect(sessions).toBe(0);
    expect(await gateway.metric('sessions_opened_total'))
        .toBe(await gateway.metric('sessions_closed_total'));
  } finally {
    await gateway.kill();
  }
});

/** It goes on only when it is told to. */
const lasting: readonly [string, (proxy: FaultyProxy) => void][] = [
  ['stalls', (proxy) => proxy.stall()],
  ['trickles', (proxy) => proxy.trickle(100)],
  // Messages come all the time, each one later than the one before. (Polls
  // are asked for one by one, and do not fall behind.)
  ['narrows', (proxy) => proxy.trickle(2000)],
  ['cuts', (proxy) => proxy.cut()],
];
/** The next connection is a good one. */
const passing: readonly [string, (proxy: FaultyProxy) => void][] = [
  ['resets', (proxy) => proxy.reset()],
  ['half-closes', (proxy) => proxy.halfClose()],
];

test.concurrent.each<TransportName>(['websocket', 'sse', 'stream', 'poll'])(
    'after every fault of the network it is right again, over %s',
    async (transport) => {
      const proxy = await FaultyProxy.start(gateway.port);
      const options = {url: proxy.url, transports: [transport], backoff};
      const viewer = transport === 'sse' ?
          await viewInPage(gateway, options, 'AAPL') :
          viewInNode(options, 'AAPL');
      const {witness} = viewer;
      /** Live, and it goes on: in ms from now. */
      const rightAgain = async (fault: string) => {
        const {updates} = witness;
        return until(
            () => viewer.sample.live && witness.updates >= updates + 3,
            `right again after it ${fault}`);
      };
      const told: string[] = [];
      try {
        await rightAgain('began');
        for (const [fault, begin] of lasting) {
          if (fault === 'narrows' && transport === 'poll') continue;
          begin(proxy);
          const {updates} = witness;
          const staleMs =
              await until(() => !viewer.sample.live, `stale when it ${fault}`);
          if (fault === 'narrows') {
            expect(witness.updates).toBeGreaterThan(updates);
          } else {
            expect(staleMs, fault).toBeLessThan(thresholdMs + slackMs);
          }
          const {occurrences} = viewer.sample;
          if (fault === 'stalls') {
            await until(
                () => viewer.sample.status !== 'connected', 'it gives up');
          } else if (fault === 'cuts') {
            await until(
                () => viewer.sample.occurrences >= occurrences + 3,
                'it tries');
          }
          proxy.goOn();
          const ms = await rightAgain(fault);
          told.push(`${fault}: stale ${staleMs.toFixed()}, back ${
              ms.toFixed()} ms`);
          expect(ms, fault).toBeLessThan(backoff.maxMs + slackMs);
          await witness.agrees(gateway);
        }
        for (const [fault, begin] of passing) {
          begin(proxy);
          const ms = await rightAgain(fault);
          told.push(`${fault}: back ${ms.toFixed()} ms`);
          expect(ms, fault).toBeLessThan(backoff.maxMs + slackMs);
          await witness.agrees(gateway);
        }
        console.log(`${transport}: ${told.join('; ')}; oldest shown as live ${
            viewer.oldestMs.toFixed()} ms; ${witness.updates} updates`);
        expect(witness.faults).toEqual([]);
        expect(viewer.oldestMs).toBeLessThan(thresholdMs + slackMs);
      } finally {
        await viewer.close();
        await proxy.close();
      }
    });
