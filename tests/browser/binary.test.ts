// Pages that get FlatBuffers instead of JSON, by the very files that the build
// made: at the end of a market they hold what the gateway says there is.

import {afterEach, beforeEach, expect, test} from 'vitest';

import type {WebSocketRoute} from 'playwright-core';

import type {Client, Quote} from '../../web/src/index';

import {DemoPage} from './demo_page';
import {Gateway} from './gateway';

const flatType = 'application/x-streamhub-fb';

let gateway: Gateway;
let demo: DemoPage|undefined;
/** What came over the wire: types of responses, and kinds of frames. */
let kinds: Set<string>;

beforeEach(() => {
  kinds = new Set();
});

afterEach(async () => {
  await demo?.close();
  demo = undefined;
  await gateway.kill();
});

interface Held {
  readonly version: number;
  readonly ticks: number|undefined;
  readonly receivedUs: number|undefined;
  readonly venueUs: number|undefined;
  readonly freshness: string;
  readonly description: object;
  readonly fields: Record<string, unknown>;
}


/** A browser, before the market begins: it is short. */
const openBrowser = (sockets?: (route: WebSocketRoute) => void) =>
    DemoPage.open('about:blank', undefined, async (page) => {
      if (sockets) await page.routeWebSocket(/v1\/ws/, sockets);
      page.on('websocket', (socket) => {
        socket.on('framereceived', ({payload}) => void kinds.add(
            typeof payload === 'string' ? 'text frame' : 'binary frame'));
      });
      page.on('response', async (response) => {
        if (!/v1\/(stream|poll)/.test(response.url())) return;
        kinds.add(response.headers()['content-type'] ?? '');
      });
    });

/** A page of the gateway's without a script but the client for `names`. */
async function follow(
    {page}: DemoPage, symbols: readonly string[],
    names: readonly string[]): Promise<void> {
  await page.goto(`${gateway.url}demo.css`);
  await page.addScriptTag({type: 'module', content: `
    import {connect} from '/streamhub.js';
    import {flatTransports} from '/streamhub-fb.js';
    const names = ${JSON.stringify(names)};
    window.client = connect(
        {transports: flatTransports.filter(({name}) => names.includes(name))});
    window.client.onError(({code, reason}) => console.error(code, reason));
    window.client.subscribe(
        ${JSON.stringify(symbols)}, {maxRate: 'unlimited'},
        ({quote, changed, snapshot}) => {
          if (snapshot || changed.length === 0) return;
          window.merges = (window.merges ?? 0) + 1;
        });
  `});
}

const connectedBy = async (transport: string) => {
  await demo?.page.waitForFunction((name) => {
    const {client} = window as unknown as {client?: Client};
    return client?.state.status === 'connected' &&
        client.state.transport === name;
  }, transport);
};

/** Waits for the end of the market; returns what the page holds then. */
async function heldAtEnd(
    symbols: readonly string[], versions: readonly number[]):
    Promise<Record<string, Held>> {
  const page = demo?.page;
  await page?.waitForFunction(({symbols, versions}) => {
    const {client} = window as unknown as {client: Client};
    return symbols.every((symbol, i) => {
      const quote = client.quote(symbol);
      return quote?.version === versions[i] && quote?.freshness === 'ended';
    });
  }, {symbols, versions});
  return await page?.evaluate((symbols) => {
    const {client} = window as unknown as {client: Client};
    return Object.fromEntries(symbols.map((symbol) => {
      const {
        version, ticks, receivedUs, venueUs, freshness, description, fields,
      } = client.quote(symbol) as Quote;
      return [symbol, {
        version, ticks, receivedUs, venueUs, freshness, description,
        fields: Object.fromEntries(fields),
      }];
    }));
  }, symbols) as Record<string, Held>;
}

/** What was refused, or broke: this page has no icon, which is no matter. */
const problems = () => demo?.errors.filter((text) => !/404/.test(text));

/** Has it got so many updates that were no snapshots? */
const merges = async (count: number) => {
  await demo?.page.waitForFunction(
      (count) =>
          ((window as unknown as {merges?: number}).merges ?? 0) > count,
      count);
};

async function get<T>(path: string): Promise<T> {
  return await (await fetch(gateway.url + path)).json() as T;
}

type State = Record<string, unknown> & {readonly v: number};

/** What the gateway says, in the page's words, when its market has ended. */
async function truthAtEnd(
    symbols: readonly string[]): Promise<Record<string, Held>> {
  const list = symbols.map(encodeURIComponent).join();
  const known = await get<{symbols: Record<string, object>}>(
      'v1/symbols?limit=1000');
  let quotes: Record<string, State> = {};
  await expect.poll(async () => {
    quotes = (await get<{quotes: Record<string, State>}>(
        `v1/quotes?symbols=${list}`)).quotes;
    return Object.values(quotes).map(({state}) => state);
  }, {timeout: 40_000}).toEqual(symbols.map(() => 'ended'));
  return Object.fromEntries(Object.entries(quotes).map(([symbol, quote]) => {
    const {v, n, t, e, state, snapshot, quiet, source, ...fields} = quote;
    expect([typeof snapshot, typeof quiet, typeof source])
        .toEqual(['boolean', 'boolean', 'string']);
    return [symbol, {
      version: v, ticks: n, receivedUs: t, venueUs: e, freshness: state,
      description: known.symbols[symbol] ?? {}, fields,
    } as Held];
  }));
}

async function allSymbols(): Promise<string[]> {
  const {symbols} = await get<{symbols: object}>('v1/symbols?limit=1000');
  return Object.keys(symbols);
}

async function startMarket(ticks: number): Promise<string[]> {
  gateway = await Gateway.start(0, [
    '--symbols', '24', '--ticks-per-second', '500', '--ticks-max', `${ticks}`,
  ]);
  await expect.poll(async () => (await allSymbols()).length).toBe(24);
  return allSymbols();
}

test.each([
  ['websocket', 'binary frame'], ['stream', flatType], ['poll', flatType],
])('what came over %s in binary is what there is', async (name, kind) => {
  demo = await openBrowser();
  const symbols = await startMarket(4500);
  await follow(demo, symbols, [name]);
  await connectedBy(name);
  await merges(50);
  const truth = await truthAtEnd(symbols);
  const versions = symbols.map((symbol) => truth[symbol]?.version ?? 0);
  expect(Math.min(...versions)).toBeGreaterThan(10);
  expect(await heldAtEnd(symbols, versions)).toEqual(truth);
  expect(kinds).toEqual(new Set([kind]));
  expect(problems()).toEqual([]);
});

test('polls in binary go on from what a socket brought', async () => {
  let end: (() => Promise<void>)|undefined;
  demo = await openBrowser((route) => {
    if (end) {
      void route.close();
    } else {
      route.connectToServer();
      end = () => route.close();
    }
  });
  const symbols = await startMarket(6000);
  await follow(demo, symbols, ['websocket', 'poll']);
  await connectedBy('websocket');
  await merges(50);
  await end?.();
  await connectedBy('poll');
  // Still before its end.
  expect((await get<{quotes: Record<string, State>}>(
      'v1/quotes?symbols=AAPL')).quotes['AAPL']?.['state']).toBe('live');
  const truth = await truthAtEnd(symbols);
  const versions = symbols.map((symbol) => truth[symbol]?.version ?? 0);
  expect(await heldAtEnd(symbols, versions)).toEqual(truth);
  expect(kinds).toContain(flatType);
  expect(problems()).toEqual([]);
});

test.each(['websocket', 'sse', 'stream', 'poll'])(
    'the demo page asked for binary shows prices over %s', async (name) => {
      gateway = await Gateway.start();
      demo = await DemoPage.open(
          `${gateway.url}?encoding=fb&transport=${name}`);
      await demo.root('transport', name);
      await demo.change('AAPL', 'bid');
      await demo.rows(['live', 'quiet']);
      expect(demo.errors).toEqual([]);
    });
