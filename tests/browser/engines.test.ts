// That the client and the demo page work in other engines than Chromium's, by
// every transport; best_fit.test.ts and demo.test.ts tell more, in Chromium.

import {afterAll, afterEach, beforeAll, describe, expect, test} from 'vitest';

import {browsers} from './browsers';
import {type EnginePage, engines, missing} from './engines';
import {Gateway} from './gateway';

/** Those that differ in what they ask of the browser. */
const tried = browsers.filter(({name}) => [
  'websocket', 'sse', 'refused', 'stream', 'only-xhr', 'poll', 'poll-xhr',
].includes(name));

const waits = {timeout: 10_000, interval: 20};

/** What the client holds of AAPL, as /v1/quotes has it. */
const heldQuote = `(() => {
  const quote = client.quote('AAPL');
  return {
    v: quote.version, n: quote.ticks, t: quote.receivedUs, e: quote.venueUs,
    state: quote.freshness, source: quote.source.kind,
    fields: Object.fromEntries(quote.fields),
  };
})()`;

/** The demo page's rows: which kinds of freshness there are; quiet is live. */
const freshness = `[...new Set(
    [...document.querySelectorAll('#quotes tbody tr')].map(
        ({dataset: {freshness}}) =>
            freshness === 'quiet' ? 'live' : freshness))].sort()`;
const bidCell =
    `document.querySelector('#quotes td[data-symbol=AAPL][data-field=bid]')`;
const bid = `${bidCell}.textContent`;
const freshnessCell = `document.querySelector('#quotes td.freshness')`;
/** Is it what one sees where it is? */
const inSight = (element: string) => `(() => {
  const element = ${element};
  const {x, y, width, height} = element.getBoundingClientRect();
  return document.elementFromPoint(x + width / 2, y + height / 2) === element;
})()`;
const root = (key: string) => `document.documentElement.dataset.${key}`;

for (const engine of engines) {
  const lacks = missing(engine);
  const why = lacks.length > 0 ? ` (not here: ${lacks.join(', ')})` : '';

  describe.skipIf(why)(`${engine.name}${why}`, () => {
    let page: EnginePage;
    let gateway: Gateway|undefined;

    beforeAll(async () => {
      page = await engine.open();
    });

    afterAll(() => page.close());

    afterEach(async () => {
      await gateway?.kill();
      gateway = undefined;
    });

    const eventually = (expression: string, timeout = waits.timeout) =>
        expect.poll(() => page.evaluate(expression), {...waits, timeout});

    async function expectLive(): Promise<void> {
      await eventually(root('status')).toBe('connected');
      await eventually(freshness).toEqual(['live']);
      const before = await page.evaluate(bid);
      expect(Number(before)).toBeGreaterThan(0);
      await eventually(bid).not.toBe(before);
    }

    test('the demo page is live, grey without a gateway, live again',
         async () => {
      gateway = await Gateway.start();
      await page.goto(gateway.url);
      await expectLive();
      expect(await page.evaluate(root('transport'))).toBe('websocket');
      expect(await page.evaluate(inSight(bidCell))).toBe(true);
      expect(await page.evaluate(inSight(freshnessCell))).toBe(true);

      await gateway.kill();
      // 2.5 heartbeats of 2 s, and a second for the page to draw.
      await eventually(freshness, 6000).toEqual(['stale']);
      await eventually(root('status')).toBe('disconnected');
      expect(await page.evaluate(
          inSight(`document.querySelector('#alarm')`))).toBe(true);
      expect(await page.evaluate(inSight(bidCell))).toBe(true);

      gateway = await Gateway.start(gateway.port);
      await expectLive();
    });

    test.each(tried)('prices flow to the end over $name', async (
          {init, transport}) => {
      gateway = await Gateway.start(0, [
        '--symbols', '24', '--ticks-per-second', '500', '--ticks-max', '3300',
      ]);
      await page.goto(`${gateway.url}demo.css`);
      await page.evaluate(`(async () => {
        ${init ?? ''}
        const {connect} = await import('/streamhub.js');
        window.versions = [];
        window.client = connect();
        client.subscribe(['AAPL'], {maxRate: 'unlimited'}, ({quote}) => {
          const {version} = quote;
          if (version !== versions.at(-1)) versions.push(version);
        });
      })()`);
      await eventually(`client.quote('AAPL')?.freshness`).toBe('ended');
      expect(await page.evaluate('client.state')).toMatchObject({transport});

      const answer = await fetch(`${gateway.url}v1/quotes?symbols=AAPL`);
      const {quotes: {AAPL}} = await answer.json() as
          {quotes: {AAPL: Record<string, unknown>}};
      const {v, n, t, e, state, snapshot, quiet, source, ...fields} = AAPL;
      expect(await page.evaluate(heldQuote)).toEqual(
          {v, n, t, e, state, source, fields});

      // They came one after the other, not only as the last state.
      const versions = await page.evaluate('versions') as number[];
      expect(versions.length).toBeGreaterThan(4);
      expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
    });
  });
}
