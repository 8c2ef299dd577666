// The operators' page in a real browser: what it shows, what it takes back, and
// that a token lets it in.

import {mkdtempSync, writeFileSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {afterEach, expect, test} from 'vitest';

import {DemoPage} from './demo_page';
import {Gateway} from './gateway';

const token = '0123456789abcdef0123';

let gateway: Gateway;
let pages: DemoPage[] = [];

afterEach(async () => {
  for (const page of pages) await page.close();
  pages = [];
  await gateway.kill();
});

async function open(
    url: string, user?: {username: string, password: string}) {
  const page = await DemoPage.open(
      'about:blank', undefined,
      user && (async (opened) => opened.context().setHTTPCredentials(user)));
  pages.push(page);
  await page.page.goto(url);
  return page;
}

/** Waits until the text of what `selector` finds is like that. */
async function text(page: DemoPage, selector: string, like: RegExp) {
  await page.page.waitForFunction(
      ([found, source]) => new RegExp(source!).test(
          document.querySelector(found!)?.textContent ?? ''),
      [selector, like.source], {timeout: 20_000});
}

test('shows how the gateway does, and takes a symbol back', async () => {
  gateway = await Gateway.start(0, ['--symbols', '50']);
  const admin = await open(`${gateway.adminUrl}admin`);
  const demo = await open(`${gateway.url}?symbols=AAPL,MSFT`);
  await admin.root('state', 'ready');
  await text(admin, '#feeds', /synthetic.*live · simulated/);
  await text(admin, '#wanted', /AAPL/);
  await text(admin, '#ticks', /\d/);
  await text(admin, '#transports', /websocket/);
  await text(admin, '#withdrawn', /^Nothing is withdrawn/);

  const {page} = admin;
  page.on('dialog', (dialog) => void dialog.accept());
  await page.fill('#withdraw [name=symbol]', 'AAPL');
  await page.fill('#withdraw [name=reason]', 'a <b>bad</b> tick');
  await page.click('#withdraw button');
  await text(admin, '#withdrawn', /AAPL.*a <b>bad<\/b> tick/);
  await demo.page.waitForSelector('tr[data-freshness=withdrawn]');
  const prices = await demo.page.$$eval(
      'tr[data-freshness=withdrawn] td.price',
      (cells) => cells.map((cell) => cell.textContent?.trim()));
  expect(prices.length).toBeGreaterThan(0);
  expect(new Set(prices)).toEqual(new Set(['–']));
  await page.click('#withdrawn button');
  await text(admin, '#withdrawn', /^Nothing is withdrawn/);
  await demo.page.waitForSelector(
      'tr[data-freshness=withdrawn]', {state: 'detached'});

  await page.fill('#ask [name=session]', '9-9');
  await page.fill('#ask [name=symbol]', 'AAPL');
  await page.click('#ask button');
  await text(admin, '#ask-error', /no such session/);
  // A phone has no room for more than its width.
  await page.setViewportSize({width: 360, height: 740});
  expect(await page.evaluate(
      () => document.documentElement.scrollWidth)).toBeLessThanOrEqual(360);
  expect(demo.errors).toEqual([]);
  expect(admin.errors.filter((text) => !/404/.test(text))).toEqual([]);
});

test('asks for its token, as a password', async () => {
  const file = join(mkdtempSync(join(tmpdir(), 'streamhub-token-')), 'token');
  writeFileSync(file, `${token}\n`, {mode: 0o600});
  gateway = await Gateway.start(0, ['--admin-token-file', file]);
  expect((await fetch(`${gateway.adminUrl}admin`)).status).toBe(401);
  const admin =
      await open(`${gateway.adminUrl}admin`, {username: 'anna', password: token});
  await admin.root('state', 'ready');
  await text(admin, '#feeds', /synthetic/);
});
