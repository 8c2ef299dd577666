// The page that controls a replay, in a real browser, by mouse and by keyboard.

import {fileURLToPath} from 'node:url';

import {afterEach, beforeEach, expect, test} from 'vitest';

import {DemoPage} from './demo_page';
import {Gateway} from './gateway';

const sample = fileURLToPath(
    new URL('../../deploy/samples/20240102.sample.itch50.gz', import.meta.url));

let gateway: Gateway;
let demo: DemoPage|undefined;

beforeEach(async () => {
  gateway = await Gateway.start(
      0, ['--feed', 'replay', '--files', sample, '--paused']);
});

afterEach(async () => {
  await demo?.close();
  demo = undefined;
  await gateway.kill();
});

/** Waits until an element's text is like that. */
async function text(page: DemoPage, id: string, like: RegExp): Promise<void> {
  await page.page.waitForFunction(
      ([selector, source]) => new RegExp(source!).test(
          document.querySelector(selector!)?.textContent ?? ''),
      [`#${id}`, like.source]);
}

test('plays, pauses, steps and seeks', async () => {
  demo = await DemoPage.open(`${gateway.adminUrl}replay`);
  const {page} = demo;
  await demo.root('phase', 'paused');
  await text(demo, 'first', /^14:29:56/);
  await text(demo, 'file', /itch50\.gz$/);
  expect(await page.innerText('#messages')).toBe('0');
  expect(await page.innerText('#clock')).toBe('–');

  await page.click('#step');
  await text(demo, 'messages', /^[1-9]/);
  await demo.root('phase', 'paused');
  const stepped = await page.innerText('#messages');
  await page.keyboard.press('.');
  await page.waitForFunction(
      (before) => document.querySelector('#messages')?.textContent !== before,
      stepped);

  await page.fill('#time', '2024-01-02T14:30:20.25Z');
  await page.click('#go button');
  await text(demo, 'clock', /^14:30:20\.250$/);
  await page.fill('#time', 'noon');
  await page.keyboard.press('Enter');
  await text(demo, 'error', /'noon' is no time like 14:30/);

  await page.locator('h1').click();
  await page.keyboard.press('ArrowLeft');
  await text(demo, 'clock', /^14:30:10\.250$/);
  await text(demo, 'error', /^$/);
  await page.keyboard.press('ArrowRight');
  await text(demo, 'clock', /^14:30:20\.250$/);
  await demo.screenshot('replay-paused');

  await page.selectOption('#speed', '5');
  await page.keyboard.press(' ');
  await demo.root('phase', 'playing');
  await text(demo, 'clock', /^14:30:2[2-9]/);
  await text(demo, 'rate', /^[1-9]/);
  await demo.screenshot('replay-playing');
  await page.click('#play');
  await demo.root('phase', 'paused');

  await page.selectOption('#speed', 'max');
  await page.click('#play');
  await demo.root('phase', 'ended');
  await text(demo, 'fraction', /^100\.0 %$/);
  await text(demo, 'last', /^14:30:/);
  // Back by the bar, to its middle, from where it plays on.
  await page.selectOption('#speed', '1');
  const bar = page.locator('#seek');
  const box = (await bar.boundingBox())!;
  await page.mouse.click(box.x + box.width / 2, box.y + box.height / 2);
  await text(demo, 'clock', /^14:30:2/);
  // The browser tells of the answer to `noon`, and of nothing else.
  expect(demo.errors).toEqual([expect.stringContaining('status of 400')]);
});

test('looks right by day, at night and on a phone', async () => {
  demo = await DemoPage.open(`${gateway.adminUrl}replay`);
  const {page} = demo;
  await demo.root('phase', 'paused');
  const back = () => page.evaluate(
      () => getComputedStyle(document.documentElement).backgroundColor);
  await page.emulateMedia({colorScheme: 'dark'});
  const dark = await back();
  await page.emulateMedia({colorScheme: 'light'});
  expect(await back()).not.toBe(dark);
  await demo.screenshot('replay-light');
  await page.setViewportSize({width: 390, height: 844});
  // A phone scrolls down, never sideways.
  expect(await page.evaluate(
      () => document.documentElement.scrollWidth)).toBe(390);
  await demo.screenshot('replay-phone');
  // Everything can be reached by the keyboard.
  const reached = new Set<string>();
  for (let i = 0; i < 14; ++i) {
    await page.keyboard.press('Tab');
    reached.add(await page.evaluate(() => document.activeElement?.id ?? ''));
  }
  for (const id of ['seek', 'play', 'step', 'begin', 'speed', 'time']) {
    expect(reached).toContain(id);
  }
  expect(demo.errors).toEqual([]);
});

test('a gateway that is gone is told', async () => {
  demo = await DemoPage.open(`${gateway.adminUrl}replay`);
  await demo.root('phase', 'paused');
  const {page} = demo;
  await gateway.kill();
  await demo.root('phase', 'lost');
  expect(await page.innerText('#error')).toBe('The gateway does not answer.');
  expect(await page.isDisabled('#play')).toBe(true);
});
