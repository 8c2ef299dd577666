// Debian's nginx, HAProxy and Caddy in front of a gateway: with what
// deploy/proxies says for them every transport streams; with their defaults
// the client finds what does, and says why.

import {afterEach, beforeEach, expect, test} from 'vitest';

import type {Page} from 'playwright-core';

import type {Client} from '../../web/src/index';

import {DemoPage} from './demo_page';
import {quotesOf} from './follower';
import {Gateway} from './gateway';
import {missing, type ProxyName, RealProxy, snippet} from './real_proxy';

interface Held {
  readonly v: number;
  readonly n: number|undefined;
  readonly fields: Record<string, unknown>;
}

interface Watched {
  readonly client: Client;
  /** The first price was there, in ms from connect(). */
  firstMs: number;
  /** How old each update was when it came, in ms. */
  readonly ages: number[];
  /** What was shown, by version. */
  readonly shown: Record<number, Held>;
}

const transports =
    ['websocket', 'sse', 'stream', 'poll', 'frame', 'jsonp'] as const;

let gateway: Gateway;
let proxy: RealProxy|undefined;
let demo: DemoPage|undefined;

const startGateway = (ticksPerSecond = 480) => Gateway.start(0, [
  '--heartbeat-ms', '500', '--symbols', '24',
  '--ticks-per-second', `${ticksPerSecond}`,
]);

beforeEach(async () => {
  gateway = await startGateway();
});

afterEach(async () => {
  await demo?.close();
  await proxy?.close();
  demo = proxy = undefined;
  await gateway.kill();
});

/** A page with a client for each of these lists; empty: the default one. */
async function follow(
    url: string, lists: readonly (readonly string[])[]): Promise<Page> {
  demo = await DemoPage.open(`${url}demo.css`);
  await demo.page.addScriptTag({type: 'module', content: `
    import {connect} from '/streamhub.js';
    window.watched = ${JSON.stringify(lists)}.map((list) => {
      const began = performance.now();
      const watched = {
        client: connect({
          ...(list.length ? {transports: list} : {}), shareTabs: false,
        }),
        firstMs: 0, ages: [], shown: {},
      };
      watched.client.subscribe(['AAPL'], {maxRate: 'unlimited'}, ({quote}) => {
        const {version, ticks, receivedUs, fields, freshness} = quote;
        if (freshness !== 'live' || watched.shown[version]) return;
        watched.firstMs ||= performance.now() - began;
        watched.ages.push(Date.now() - receivedUs / 1000);
        watched.shown[version] =
            {v: version, n: ticks, fields: Object.fromEntries(fields)};
      });
      return watched;
    });
  `});
  await demo.page.waitForFunction(() => 'watched' in window);
  return demo.page;
}

/** Each client has `updates` more. */
async function goesOn(page: Page, updates: number): Promise<void> {
  const from = await page.evaluate(() => {
    const {watched} = window as unknown as {watched: Watched[]};
    return watched.map(({ages}) => ages.length);
  });
  await page.waitForFunction(([from, updates]) => {
    const {watched} = window as unknown as {watched: Watched[]};
    return watched.every(
        ({ages}, i) => ages.length >= (from[i] ?? 0) + updates);
  }, [from, updates] as const);
}

const read = (page: Page) => page.evaluate(() => {
  const {watched} = window as unknown as {watched: Watched[]};
  return watched.map(({client, firstMs, ages}) => {
    const {transport, reason} = client.state;
    const sorted = [...ages].sort((a, b) => a - b);
    return {
      transport, reason, firstMs,
      ageMs: sorted[Math.floor(sorted.length / 2)] ?? Infinity,
      spoilt: client.journal.filter(({what}) => what === 'spoilt')
                  .map(({transport, why}) => `${transport}: ${why}`),
    };
  });
});

/** Every client showed what the gateway told at some moment. */
async function expectAgreement(page: Page): Promise<void> {
  const agreed = new Set<number>();
  const {length} = await read(page);
  for (let tries = 0; tries < 100 && agreed.size < length; ++tries) {
    const {AAPL} = await quotesOf(gateway, ['AAPL']);
    const shown = await (await page.waitForFunction((version) => {
      const {watched} = window as unknown as {watched: Watched[]};
      const there = watched.every(
          ({client}) => (client.quote('AAPL')?.version ?? 0) >= version);
      return there && watched.map(({shown}) => shown[version] ?? null);
    }, AAPL?.v ?? 0)).jsonValue() as (Held|null)[];
    shown.forEach((held, i) => {
      if (!held) return;  // Folded into a later one.
      expect(held).toEqual(AAPL);
      agreed.add(i);
    });
  }
  expect(agreed.size).toBe(length);
}

const proxyNames: readonly ProxyName[] = ['nginx', 'haproxy', 'caddy'];

test.for(proxyNames)(
    'every transport streams through %s as deploy/proxies has it',
    async (name, {skip}) => {
      const why = missing(name);
      if (why) skip(why);
      proxy = await RealProxy.start(
          name, (port) => snippet(name, port, gateway.port));
      const page = await follow(proxy.url, transports.map((each) => [each]));
      await goesOn(page, 40);
      await expectAgreement(page);
      const all = await read(page);
      console.log(`${name}: ${all.map(({transport, firstMs, ageMs}) =>
          `${transport} first ${firstMs.toFixed()} ms, age ${
              ageMs.toFixed()} ms`).join('; ')}`);
      expect(all.map(({transport}) => transport)).toEqual([...transports]);
      for (const {transport, firstMs, ageMs, spoilt} of all) {
        expect(firstMs, transport).toBeLessThan(1500);
        // What is gathered is a second old: 4 KB of it.
        expect(ageMs, transport).toBeLessThan(250);
        expect(spoilt).toEqual([]);
      }
    });

/** The shortest that people write. */
const defaults = {
  nginx: (port: number, to: number) => `server {
    listen 127.0.0.1:${port};
    location / { proxy_pass http://127.0.0.1:${to}; }
  }`,
  haproxy: (port: number, to: number) => `
frontend web
  bind 127.0.0.1:${port}
  default_backend gateway
backend gateway
  server gateway 127.0.0.1:${to}
`,
  caddy: (port: number, to: number) =>
      `:${port}\nreverse_proxy 127.0.0.1:${to}\n`,
};

/** The client as it is, and where there are no WebSockets. */
async function withDefaults(
    name: ProxyName, text: (port: number, to: number) => string,
    skip: (why: string) => void) {
  const why = missing(name);
  if (why) skip(why);
  proxy = await RealProxy.start(name, (port) => text(port, gateway.port));
  const page = await follow(proxy.url, [[], ['sse', 'stream', 'poll']]);
  await goesOn(page, 40);
  return page;
}

async function outcome(name: string, page: Page) {
  await expectAgreement(page);
  const all = await read(page);
  console.log(`${name}: ${all.map(({transport, reason, firstMs}) =>
      `${transport} (${reason || 'the best'}), first ${
          firstMs.toFixed()} ms`).join('; ')}`);
  return all.map(({transport, reason}) => ({transport, reason}));
}

test('nginx with its defaults: no WebSocket, but a stream', async ({skip}) => {
  const page = await withDefaults('nginx', defaults.nginx, skip);
  expect(await outcome('nginx', page)).toEqual([
    {transport: 'sse', reason: 'websocket: closed with code 1006'},
    {transport: 'sse', reason: ''},
  ]);
});

test('nginx that does not heed X-Accel-Buffering: polls', async ({skip}) => {
  // So few that it takes long until its 4 KB are full.
  await gateway.kill();
  gateway = await startGateway(48);
  const page = await withDefaults(
      'nginx', (port, to) => defaults.nginx(port, to).replace(
          'proxy_pass', 'proxy_ignore_headers X-Accel-Buffering; proxy_pass'),
      skip);
  await page.waitForFunction(() => {
    const {watched} = window as unknown as {watched: Watched[]};
    return watched.every(({client}) => client.state.transport === 'poll');
  });
  for (const {transport, reason} of await outcome('nginx that gathers', page)) {
    expect(transport).toBe('poll');
    expect(reason).toMatch(
        /sse: (no answer yet|something on the way holds it back)/);
  }
});

test.for(['haproxy', 'caddy'] as const)(
    '%s with its defaults lets all through', async (name, {skip}) => {
      const page = await withDefaults(name, defaults[name], skip);
      expect(await outcome(name, page)).toEqual([
        {transport: 'websocket', reason: ''},
        {transport: 'sse', reason: ''},
      ]);
    });
