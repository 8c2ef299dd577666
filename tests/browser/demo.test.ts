// What a trader sees, in a real browser, of a real gateway: prices that move,
// and never an old one that looks live.

import {afterEach, beforeEach, expect, test} from 'vitest';

import {browsers} from './browsers';
import {DemoPage} from './demo_page';
import {Gateway} from './gateway';

/** 2.5 heartbeats, and a second for the page to draw. */
const staleWithin = (heartbeatMs: number) => 2.5 * heartbeatMs + 1000;
const defaultHeartbeatMs = 2000;
const staleWithinMs = staleWithin(defaultHeartbeatMs);
const live = ['live', 'quiet'];

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

test.each(browsers)('prices change over $name, the console is empty', async (
      {name, transport, init}) => {
  demo = await DemoPage.open(gateway.url, init);
  await demo.root('status', 'connected');
  await demo.root('transport', transport);
  const [before, after] = await demo.change('AAPL', 'bid');
  expect(Number(before)).toBeGreaterThan(0);
  expect(Number(after)).toBeGreaterThan(0);
  await demo.rows(live);
  const sources = await demo.page.$$eval(
      '#quotes tbody tr', (rows) => rows.map((row) => row.dataset['source']));
  expect(sources.length).toBeGreaterThanOrEqual(6);
  expect(new Set(sources)).toEqual(new Set(['simulated']));
  await demo.change('EUR/USD', 'ask');
  await demo.screenshot(`quotes-${name}`);
  expect(demo.errors).toEqual([]);
});

test('no value is ever cut off, however narrow the page', async () => {
  demo = await DemoPage.open('about:blank');
  const {page} = demo;
  // Longer prices than the columns are made for.
  await page.routeWebSocket(/v1\/ws/, (socket) => {
    const server = socket.connectToServer();
    server.onMessage((text) => socket.send(
        String(text).replace(/"decimals":\d/g, '"decimals":7')));
  });
  await page.goto(`${gateway.url}?symbols=AAPL,BTC-USD`);
  await demo.root('status', 'connected');
  await demo.rows(live);
  for (const width of [400, 600, 1280, 1440]) {
    await page.setViewportSize({width, height: 700});
    await demo.change('BTC-USD', 'bid');
    const cells = await page.$$eval(
        '#quotes td[data-field]', (all) => all.map((cell) => ({
          text: cell.textContent ?? '',
          cut: cell.scrollWidth > cell.clientWidth,
        })));
    expect(cells.filter(({text}) => /\.\d{7}$/.test(text)).length)
        .toBeGreaterThanOrEqual(10);
    expect(cells.filter(({cut}) => cut)).toEqual([]);
    expect(await page.$$eval('#notice p', (all) => all.filter(
        (line) => line.scrollWidth > line.clientWidth ||
            line.getBoundingClientRect().right > innerWidth))).toEqual([]);
    await demo.screenshot(`width-${width}`);
  }
  // As the market is, both prices are in sight on the narrowest.
  const narrow = await DemoPage.open(`${gateway.url}?symbols=AAPL,BTC-USD`);
  try {
    await narrow.page.setViewportSize({width: 400, height: 700});
    await narrow.rows(live);
    expect(await narrow.page.$eval(
        'tr[data-symbol="BTC-USD"]', (row) => ['bid', 'ask'].every((field) => {
          const cell = row.querySelector(`[data-field="${field}"]`);
          if (!cell || !/\d/.test(cell.textContent ?? '')) return false;
          const {left, right, top} = cell.getBoundingClientRect();
          // Nothing covers either end of it.
          return [left + 1, right - 1].every(
              (x) => document.elementFromPoint(x, top + 9) === cell);
        }))).toBe(true);
  } finally {
    await narrow.close();
  }
});

const fourWays = browsers.filter(
    ({name}) => ['websocket', 'sse', 'stream', 'poll'].includes(name));
test.each(fourWays)('a misspelt field is a line below over $name', async (
      {init}) => {
  demo = await DemoPage.open(`${gateway.url}?fields=bid,nope`, init);
  const {page} = demo;
  await page.waitForFunction(
      () => document.getElementById('problem')?.textContent ===
          'unknown_field nope: no field has this name');
  expect(await page.locator('#alarm').isVisible()).toBe(false);
  expect(await page.getAttribute('html', 'data-status'))
      .not.toBe('disconnected');
});

test.each(browsers)('tells where the time goes over $name', async (
      {name, transport, init}) => {
  demo = await DemoPage.open(gateway.url, init);
  await demo.root('transport', transport);
  const line = demo.page.locator('#latency');
  const number = '\\d[\\d.]*( [µm]?s)?/\\d[\\d.]* [µm]?s';
  const all = ['cache', 'encode', 'socket', 'here'].map(
      (stage) => ` → ${stage} ${number}`).join('');
  await demo.page.waitForFunction(
      ([element, pattern]) =>
          new RegExp(pattern).test(element?.textContent ?? ''),
      [await line.elementHandle(), `^p50/p99 feed${all}$`] as const);
  expect(await line.isVisible()).toBe(true);
  await demo.screenshot(`latency-${name}`);
  expect(demo.errors).toEqual([]);
});

test('a network that lets nothing but answers through gets polls', async () => {
  demo = await DemoPage.open(gateway.url, undefined, async (page) => {
    await page.routeWebSocket(/v1\/ws/, (socket) => socket.close());
    // Held back for good, as by a proxy that waits for the end.
    await page.route('**/v1/sse*', () => undefined);
    await page.route('**/v1/stream', (route) => route.fulfill({status: 403}));
  });
  await demo.root('transport', 'poll');
  await demo.change('AAPL', 'bid');
  await demo.rows(live);
  // The browser itself reports what was refused.
  expect(demo.errors.filter((text) => !/403/.test(text))).toEqual([]);
});

test.each(browsers)('a book opens and closes over $name', async (
      {name, transport, init}) => {
  demo = await DemoPage.open(`${gateway.url}?symbols=AAPL,MSFT`, init);
  await demo.root('transport', transport);
  await demo.rows(live);
  const {page} = demo;
  await page.keyboard.press('ArrowDown');  // to the first row
  await page.keyboard.press('Enter');
  const deep = page.locator('#ladder td[data-field=bid2]');
  await page.waitForFunction(
      (cell) => /\d/.test(cell?.textContent ?? ''), await deep.elementHandle());
  expect(await page.locator('#ladder tbody tr').count()).toBe(10);
  const [bid, bid2] = await Promise.all([
    page.locator('#ladder td[data-field=bid]').innerText(), deep.innerText(),
  ]);
  expect(Number(bid)).toBeGreaterThan(0);
  expect(Number(bid2)).toBeGreaterThan(0);
  await demo.change('AAPL', 'bid');
  await demo.screenshot(`book-${name}`);
  await page.keyboard.press('Escape');
  await page.waitForSelector('#ladder', {state: 'hidden'});
  await demo.change('AAPL', 'bid');
  await demo.rows(live);
  expect(demo.errors).toEqual([]);
});

test.each(browsers)('a symbol is added by name over $name', async (
      {transport, init}) => {
  demo = await DemoPage.open(
      `${gateway.url}?symbols=AAPL&fields=bid,ask`, init);
  await demo.root('transport', transport);
  await demo.rows(live);
  await demo.page.fill('#symbol', 'MSFT, NOSUCH');
  await demo.page.press('#symbol', 'Enter');
  await demo.change('MSFT', 'ask');
  const unknown = demo.page.locator('#quotes tr[data-symbol=NOSUCH]');
  await demo.page.waitForFunction(
      (row) => row?.querySelector('.freshness')?.textContent === 'unknown',
      await unknown.elementHandle());
  expect(await unknown.getAttribute('data-freshness')).toBe('stale');
  expect(demo.page.url()).toContain('symbols=AAPL,MSFT,NOSUCH');
  expect(demo.errors).toEqual([]);
});

test('a symbol that is unknown makes no poll return', async () => {
  let polls = 0;
  demo = await DemoPage.open(
      `${gateway.url}?symbols=AAPL,NOSUCH&max_rate=1&transport=poll`,
      undefined, async (page) => {
        page.on('request', (request) => {
          if (request.url().endsWith('/v1/poll')) ++polls;
        });
      });
  await demo.change('AAPL', 'bid');
  const before = polls;
  for (let i = 0; i < 4; ++i) await demo.change('AAPL', 'bid');
  // At one change per second, and a page that may look a little late.
  expect(polls - before).toBeLessThanOrEqual(8);
  expect(demo.errors).toEqual([]);
});

test.each(browsers)('a killed gateway is told at once over $name', async (
      {name, transport, init}) => {
  demo = await DemoPage.open(gateway.url, init);
  await demo.root('transport', transport);
  await demo.change('AAPL', 'bid');
  await demo.rows(live);
  const epoch = await demo.page.locator('html').getAttribute('data-epoch');
  expect(epoch).toBeTruthy();

  await gateway.kill();
  await demo.root('status', 'disconnected', staleWithinMs);
  await demo.rows(['stale'], staleWithinMs);
  expect(await demo.page.locator('#alarm').isVisible()).toBe(true);
  await demo.screenshot(`disconnected-${name}`);

  gateway = await Gateway.start(gateway.port);
  await demo.root('status', 'connected', 40_000);
  await demo.change('AAPL', 'bid');
  await demo.rows(live);
  const next = await demo.page.locator('html').getAttribute('data-epoch');
  expect(next).toBeTruthy();
  expect(next).not.toBe(epoch);
  // The browser itself reports every refused attempt.
  const own = demo.errors.filter((text) => !/net::ERR|WebSocket/.test(text));
  expect(own).toEqual([]);
});

test.each(browsers)('a hanging gateway is stale in time over $name', async (
      {name, transport, init}) => {
  // Of the default once; elsewhere sooner, which shows that it is heeded.
  const heartbeatMs = name === 'websocket' ? defaultHeartbeatMs : 500;
  await gateway.kill();
  gateway = await Gateway.start(0, ['--heartbeat-ms', `${heartbeatMs}`]);
  demo = await DemoPage.open(gateway.url, init);
  await demo.root('transport', transport);
  await demo.change('AAPL', 'bid');
  await demo.rows(live);
  gateway.signal('SIGSTOP');
  await demo.rows(['stale'], staleWithin(heartbeatMs));
  await demo.screenshot(`silent-${name}`);
  gateway.signal('SIGCONT');
  await demo.rows(live, 40_000);
  await demo.change('AAPL', 'bid');
});
