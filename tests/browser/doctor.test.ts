// The doctor's page, in a real browser: all is good in front of a gateway, and
// behind a proxy that gathers it names what that does.

import {afterEach, beforeEach, expect, test} from 'vitest';

import {DemoPage} from './demo_page';
import {GatheringProxy} from './gathering_proxy';
import {Gateway} from './gateway';

let gateway: Gateway;
let proxy: GatheringProxy|undefined;
let demo: DemoPage|undefined;

beforeEach(async () => {
  gateway = await Gateway.start();
});

afterEach(async () => {
  await demo?.close();
  demo = undefined;
  await proxy?.close();
  proxy = undefined;
  await gateway.kill();
});

const verdicts = (page: DemoPage) => page.page.$$eval(
    '#doors article', (cards) => Object.fromEntries(cards.map((card) => [
      (card as HTMLElement).dataset['door'],
      (card as HTMLElement).dataset['verdict'],
    ])));

const codes = (page: DemoPage, door: string) => page.page.$$eval(
    `#doors article[data-door="${door}"] .finding`,
    (lines) => lines.map((line) => (line as HTMLElement).dataset['code']));

test('all is good in front of a gateway', async () => {
  demo = await DemoPage.open(`${gateway.url}doctor.html?duration=3`);
  await demo.root('verdict', 'good');
  expect(await verdicts(demo)).toEqual({
    'websocket': 'good', 'sse': 'good', 'stream': 'good',
    'stream by XHR': 'good', 'poll': 'good', 'frame': 'good', 'jsonp': 'good',
  });
  const {page} = demo;
  expect(await page.innerText('#summary')).toContain('choose websocket');
  expect(await page.locator('#cures article').count()).toBe(0);
  await demo.screenshot('doctor-good');
  await page.context().grantPermissions(['clipboard-read', 'clipboard-write']);
  await page.click('#copy');
  await page.waitForFunction(
      () => document.querySelector('#copy')?.textContent === 'Copied');
  const text = await page.evaluate(() => navigator.clipboard.readText());
  expect(text).toContain(`StreamHub doctor: ${gateway.url}\n`);
  expect(text).toMatch(/^websocket: good \(ms: open \d/m);
  expect(demo.errors).toEqual([]);
});

test('behind a gathering proxy the verdict names buffering', async () => {
  proxy = await GatheringProxy.start(gateway.url, 2500);
  demo = await DemoPage.open(`${proxy.url}doctor.html?duration=6`);
  await demo.root('verdict', 'limited');
  const found = await verdicts(demo);
  expect(found).toMatchObject({
    'websocket': 'broken', 'sse': 'limited', 'stream': 'limited',
    'stream by XHR': 'limited', 'poll': 'good',
  });
  expect(await codes(demo, 'websocket')).toEqual(['upgrade_refused']);
  for (const door of ['sse', 'stream', 'stream by XHR']) {
    expect(await codes(demo, door)).toEqual(['buffered']);
  }
  const {page} = demo;
  expect(await page.innerText('[data-code=buffered] >> nth=0'))
      .toMatch(/^a proxy buffers responses: .+ arrived at once after [\d.]+ s/);
  expect(await page.innerText('#summary')).toContain('choose poll');
  const cures = await page.innerText('#cures');
  expect(cures).toContain('proxy_buffering off;');
  expect(cures).toContain('proxy_set_header Upgrade $http_upgrade;');
  await demo.screenshot('doctor-gathering');
  await page.emulateMedia({colorScheme: 'dark'});
  await demo.screenshot('doctor-gathering-dark');
  await page.setViewportSize({width: 390, height: 844});
  // A phone scrolls down, never sideways.
  expect(await page.evaluate(
      () => document.documentElement.scrollWidth)).toBe(390);
  await demo.screenshot('doctor-phone');
});
