// What a trader sees, in a real browser, of a real gateway: prices that move,
// and never an old one that looks live.

import {afterEach, beforeEach, expect, test} from 'vitest';

import {DemoPage} from './demo_page';
import {Gateway} from './gateway';

/** 2.5 heartbeats of 2 s, and a second for the page to draw. */
const staleWithinMs = 6000;
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

test('prices change over a WebSocket, without a console error', async () => {
  demo = await DemoPage.open(gateway.url);
  await demo.root('status', 'connected');
  await demo.root('transport', 'websocket');
  const [before, after] = await demo.change('AAPL', 'bid');
  expect(Number(before)).toBeGreaterThan(0);
  expect(Number(after)).toBeGreaterThan(0);
  await demo.rows(live);
  const sources = await demo.page.$$eval(
      '#quotes tbody tr', (rows) => rows.map((row) => row.dataset['source']));
  expect(sources.length).toBeGreaterThanOrEqual(6);
  expect(new Set(sources)).toEqual(new Set(['simulated']));
  await demo.change('EUR/USD', 'ask');
  await demo.screenshot('quotes');
  expect(demo.errors).toEqual([]);
});

test('without WebSocket it falls back and prices still change', async () => {
  demo = await DemoPage.open(gateway.url, 'delete window.WebSocket');
  await demo.root('transport', 'sse');
  await demo.change('AAPL', 'bid');
  await demo.rows(live);
  await demo.screenshot('sse');
  expect(demo.errors).toEqual([]);
});

test.each([
  ['websocket', undefined], ['sse', 'delete window.WebSocket'],
])('a book opens and closes over %s', async (transport, init) => {
  demo = await DemoPage.open(`${gateway.url}?symbols=AAPL,MSFT`, init);
  await demo.root('transport', transport);
  await demo.rows(live);
  const {page} = demo;
  await page.locator('#quotes tr[data-symbol=AAPL]').focus();
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
  await demo.screenshot(`book-${transport}`);
  await page.keyboard.press('Escape');
  await page.waitForSelector('#ladder', {state: 'hidden'});
  await demo.change('AAPL', 'bid');
  await demo.rows(live);
  expect(demo.errors).toEqual([]);
});

test('a symbol is added by name, an unknown one waits', async () => {
  demo = await DemoPage.open(`${gateway.url}?symbols=AAPL&fields=bid,ask`);
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

test.each([
  ['websocket', undefined], ['sse', 'delete window.WebSocket'],
])('a killed gateway is told at once over %s, a new one replaces', async (
      transport, init) => {
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
  await demo.screenshot(`disconnected-${transport}`);

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

test('a gateway that hangs is stale within the threshold', async () => {
  demo = await DemoPage.open(gateway.url);
  await demo.change('AAPL', 'bid');
  await demo.rows(live);
  gateway.signal('SIGSTOP');
  await demo.rows(['stale'], staleWithinMs);
  await demo.screenshot('silent');
  gateway.signal('SIGCONT');
  await demo.rows(live, 40_000);
  await demo.change('AAPL', 'bid');
});
