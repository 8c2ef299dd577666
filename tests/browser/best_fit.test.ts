// How soon a page has a price, whatever is in its way; what it does when it is
// left and shown again; and that the tabs of a browser share one connection.

import {afterEach, beforeEach, expect, test} from 'vitest';

import type {BrowserContext, Page} from 'playwright-core';

import type {Client, Freshness} from '../../web/src/index';

import {bareBrowsers, browsers} from './browsers';
import {DemoPage} from './demo_page';
import {GatheringProxy} from './gathering_proxy';
import {Gateway} from './gateway';

interface Watched {
  readonly client: Client;
  /** When the first price was there, in ms from connect(). */
  firstMs: number;
  /** Of AAPL, in the order they came. */
  readonly versions: number[];
  /** The longest time without a live price, in ms. */
  gapMs: number;
  freshness: Freshness|undefined;
  /** A page that was kept and shown again still has it. */
  readonly loadedAt: number;
}

let gateway: Gateway;
let demo: DemoPage|undefined;

beforeEach(async () => {
  gateway = await Gateway.start();
});

afterEach(async () => {
  await demo?.close();
  demo = undefined;
  await gateway.kill();
});

/** A page of the gateway's with nothing but a client that follows AAPL. */
async function follow(page: Page, url = gateway.url): Promise<void> {
  await page.goto(`${url}demo.css`);
  await page.addScriptTag({type: 'module', content: `
    import {connect} from '/streamhub.js';
    const began = performance.now();
    let liveAt;
    const watched = window.watched = {
      client: connect(), firstMs: 0, versions: [], gapMs: 0,
      freshness: undefined, loadedAt: Date.now(),
    };
    watched.client.subscribe(['AAPL'], {maxRate: 'unlimited'}, ({quote}) => {
      const now = performance.now();
      const {version, freshness} = quote;
      const live = freshness === 'live' || freshness === 'quiet';
      if (live && !watched.firstMs) watched.firstMs = now - began;
      if (live && liveAt) {
        watched.gapMs = Math.max(watched.gapMs, now - liveAt);
      }
      if (live) liveAt = now;
      watched.freshness = freshness;
      if (version !== watched.versions.at(-1)) watched.versions.push(version);
    });
  `});
}

const isLive = (page: Page) => page.waitForFunction(() => {
  const {watched} = window as unknown as {watched?: Watched};
  return watched?.freshness === 'live';
});

const read = <K extends keyof Watched>(page: Page, key: K) =>
    page.evaluate((key) => {
      const {watched} = window as unknown as {watched: Watched};
      return watched[key];
    }, key) as Promise<Watched[K]>;

async function firstPrice(page: Page, what: string): Promise<number> {
  const ms = await read(page, 'firstMs');
  console.log(`first price after ${what}: ${ms} ms`);
  return ms;
}

const stateOf = (page: Page) => page.evaluate(() => {
  const {watched} = window as unknown as {watched: Watched};
  return watched.client.state;
});

/** Ten more versions. */
async function goesOn(page: Page): Promise<void> {
  const {length} = await read(page, 'versions');
  await page.waitForFunction((length) => {
    const {watched} = window as unknown as {watched: Watched};
    return watched.versions.length >= length + 10;
  }, length);
}

async function expectInOrder(page: Page): Promise<void> {
  const versions = await read(page, 'versions');
  expect(versions).toEqual([...new Set(versions)].sort((a, b) => a - b));
}

test('a socket that is refused costs less than 300 ms', async () => {
  const {init} = browsers.find(({name}) => name === 'refused') ?? {};
  demo = await DemoPage.open('about:blank', init);
  await follow(demo.page);
  await isLive(demo.page);
  expect(await firstPrice(demo.page, 'a refused socket')).toBeLessThan(300);
  expect(await stateOf(demo.page)).toMatchObject(
      {transport: 'sse', reason: 'websocket: closed with code 1006'});
});

test('a socket that stays silent costs less than 1.5 s', async () => {
  demo = await DemoPage.open('about:blank', undefined, async (page) => {
    await page.routeWebSocket(/v1\/ws/, () => undefined);
  });
  await follow(demo.page);
  await isLive(demo.page);
  expect(await firstPrice(demo.page, 'a silent socket')).toBeLessThan(1500);
  expect(await stateOf(demo.page)).toMatchObject(
      {transport: 'sse', reason: 'websocket: no answer yet'});
});

test('a page that reloads starts with what worked', async () => {
  const {init} = browsers.find(({name}) => name === 'refused') ?? {};
  demo = await DemoPage.open('about:blank', init);
  await follow(demo.page);
  await isLive(demo.page);
  await follow(demo.page);
  await isLive(demo.page);
  expect(await stateOf(demo.page)).toMatchObject(
      {transport: 'sse', reason: 'it worked last time'});
});


const allBrowsers = [...browsers, ...bareBrowsers];

test.each(allBrowsers)('the end is what there is, over $name', async (
      {init, transport}) => {
  await gateway.kill();
  // First the browser, however long it takes: the market is short.
  demo = await DemoPage.open('about:blank', init);
  gateway = await Gateway.start(0, [
    '--symbols', '24', '--ticks-per-second', '500', '--ticks-max', '4500',
  ]);
  await follow(demo.page);
  await isLive(demo.page);
  expect((await stateOf(demo.page)).transport).toBe(transport);
  await demo.page.waitForFunction(() => {
    const {watched} = window as unknown as {watched: Watched};
    return watched.freshness === 'ended';
  });
  await expectInOrder(demo.page);
  const answer = await fetch(`${gateway.url}v1/quotes?symbols=AAPL`);
  const {quotes: {AAPL}} = await answer.json() as
      {quotes: {AAPL: Record<string, unknown>}};
  const {v, n, t, e, state, snapshot, quiet, source, ...fields} = AAPL;
  const held = await demo.page.evaluate(() => {
    const {watched} = window as unknown as {watched: Watched};
    const quote = watched.client.quote('AAPL');
    return {
      v: quote?.version, n: quote?.ticks, t: quote?.receivedUs,
      e: quote?.venueUs, state: quote?.freshness, source: quote?.source.kind,
      fields: Object.fromEntries(quote?.fields ?? []),
    };
  });
  expect(held).toEqual({v, n, t, e, state, source, fields});
  expect([typeof snapshot, typeof quiet]).toEqual(['boolean', 'boolean']);
});

test('behind a proxy that gathers streams it polls, and says why', async () => {
  await gateway.kill();
  gateway = await Gateway.start(0, ['--heartbeat-ms', '500']);
  const proxy = await GatheringProxy.start(gateway.url, 700);
  try {
    demo = await DemoPage.open('about:blank');
    await follow(demo.page, proxy.url);
    await isLive(demo.page);
    await demo.page.waitForFunction(() => {
      const {watched} = window as unknown as {watched: Watched};
      return watched.client.state.transport === 'poll';
    });
    const heldBack = 'something on the way holds it back';
    expect((await stateOf(demo.page)).reason).toContain(heldBack);
    const spoilt = await demo.page.evaluate(() => {
      const {watched} = window as unknown as {watched: Watched};
      return watched.client.journal.filter(({what}) => what === 'spoilt')
          .map(({transport, why}) => `${transport}: ${why}`);
    });
    expect(new Set(spoilt)).toEqual(
        new Set([`sse: ${heldBack}`, `stream: ${heldBack}`]));
    await goesOn(demo.page);
    await expectInOrder(demo.page);
  } finally {
    await demo?.close();
    demo = undefined;
    await proxy.close();
  }
});

/** Counts the WebSockets that a page opens. */
function countSockets(page: Page): () => number {
  let sockets = 0;
  page.on('websocket', () => void ++sockets);
  return () => sockets;
}

async function secondTab(context: BrowserContext): Promise<
    {page: Page, sockets: () => number}> {
  const page = await context.newPage();
  const sockets = countSockets(page);
  await follow(page);
  await isLive(page);
  return {page, sockets};
}

test.each(['closed', 'crashed'])(
    'two tabs have one connection; the other goes on when it is %s',
    async (end) => {
      demo = await DemoPage.open('about:blank');
      const first = demo.page;
      const socketsOfFirst = countSockets(first);
      await follow(first);
      await isLive(first);
      const {page: second, sockets} = await secondTab(first.context());
      await goesOn(second);
      expect(socketsOfFirst()).toBe(1);
      expect(sockets()).toBe(0);
      expect((await stateOf(first)).tab).toBe('own');
      expect(await stateOf(second)).toMatchObject(
          {status: 'connected', transport: 'websocket', tab: 'other'});
      if (end === 'closed') {
        await first.close();
      } else {
        const crashed = first.waitForEvent('crash');
        void first.goto('chrome://crash').catch(() => undefined);
        await crashed;
      }
      await second.waitForFunction(() => {
        const {watched} = window as unknown as {watched: Watched};
        return watched.client.state.tab === 'own';
      });
      await goesOn(second);
      expect(sockets()).toBe(1);
      const gapMs = await read(second, 'gapMs');
      console.log(`without a live price, the leader ${end}: ${gapMs} ms`);
      expect(gapMs).toBeLessThan(2000);
      await expectInOrder(second);
    });

test('a killed gateway is back for all tabs', async () => {
  demo = await DemoPage.open('about:blank');
  const first = demo.page;
  await follow(first);
  await isLive(first);
  const {page: second, sockets} = await secondTab(first.context());
  await gateway.kill();
  for (const page of [first, second]) {
    await page.waitForFunction(() => {
      const {watched} = window as unknown as {watched: Watched};
      return watched.freshness === 'stale';
    });
  }
  gateway = await Gateway.start(gateway.port);
  for (const page of [first, second]) await isLive(page);
  await goesOn(second);
  expect(sockets()).toBe(0);
});

test('a page that is kept for going back comes back live', async () => {
  demo = await DemoPage.open(
      'about:blank', undefined, undefined, {keepsPages: true});
  const {page} = demo;
  const sockets = countSockets(page);
  await follow(page);
  await isLive(page);
  const loadedAt = await read(page, 'loadedAt');
  await page.goto(`${gateway.url}v1/quotes?symbols=AAPL`);
  await page.goBack({waitUntil: 'commit'});
  await isLive(page);
  await goesOn(page);
  // The very page of before: it was kept.
  expect(await read(page, 'loadedAt')).toBe(loadedAt);
  expect(sockets()).toBe(2);
  await expectInOrder(page);
});

test('a worker has prices as well', async () => {
  demo = await DemoPage.open(`${gateway.url}demo.css`);
  const price = await demo.page.evaluate((url) => {
    const code = `
      import {connect} from '${url}streamhub.js';
      const client = connect({url: '${url}'});
      client.subscribe(['AAPL'], {fields: ['bid']}, ({quote}) => {
        if (quote.freshness !== 'live') return;
        postMessage([client.state.transport, quote.get('bid')]);
      });`;
    const blob = new Blob([code], {type: 'text/javascript'});
    const worker = new Worker(URL.createObjectURL(blob), {type: 'module'});
    return new Promise<unknown[]>((resolve) => {
      worker.onmessage = ({data}) => resolve(data as unknown[]);
    });
  }, gateway.url);
  expect(price).toEqual(['websocket', expect.any(Number)]);
});
