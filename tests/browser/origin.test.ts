// A page of one origin, prices of another: what a desk that embeds them has.

import {afterEach, beforeEach, expect, test} from 'vitest';

import {ChangingProxy} from './changing_proxy';
import {DemoPage} from './demo_page';
import {Gateway} from './gateway';

let pages: Gateway;
let prices: Gateway|undefined;
let demo: DemoPage|undefined;

beforeEach(async () => {
  pages = await Gateway.start();
});

afterEach(async () => {
  await demo?.close();
  demo = undefined;
  await Promise.all([pages.kill(), prices?.kill()]);
});

/** Connects from the page, by one transport; returns what a price was. */
async function priceBy(name: string, url: string): Promise<number> {
  demo = await DemoPage.open(`${pages.url}?symbols=AAPL`);
  return demo.page.evaluate(async ({name, url}) => {
    const script = document.createElement('script');
    script.src = '/streamhub.global.js';
    const loaded = new Promise((resolve) => (script.onload = resolve));
    document.head.append(script);
    await loaded;
    const {StreamHub} = globalThis as unknown as
        {StreamHub: typeof import('../../web/src/index')};
    const transports =
        StreamHub.defaultTransports.filter((each) => each.name === name);
    const client = StreamHub.connect({url, transports});
    return new Promise<number>((resolve) => {
      client.subscribe(['AAPL'], {fields: ['bid']}, ({quote}) => {
        const bid = quote.get('bid');
        if (quote.freshness === 'live' && typeof bid === 'number') resolve(bid);
      });
    });
  }, {name, url});
}

test.each(['websocket', 'sse', 'stream', 'poll'])(
    'a page of an allowed origin gets prices over %s', async (name) => {
      const {origin} = new URL(pages.url);
      prices = await Gateway.start(0, ['--cors-origins', origin]);
      expect(await priceBy(name, prices.url)).toBeGreaterThan(0);
      expect(demo?.errors).toEqual([]);
    });

interface Published {
  readonly version: string;
  readonly files: Record<string, string>;
}

/** Loads the versioned copy from a page of another origin; is it taken? */
async function load(
    url: string, file: string, integrity: string): Promise<number> {
  demo = await DemoPage.open(`${pages.url}demo.css`);
  return demo.page.evaluate(async ({url, file, integrity}) => {
    const script = document.createElement('script');
    script.src = url + file;
    script.integrity = integrity;
    script.crossOrigin = 'anonymous';
    const loaded = new Promise((resolve, reject) => {
      script.onload = resolve;
      script.onerror = () => reject(new Error('refused'));
    });
    document.head.append(script);
    await loaded;
    const {StreamHub} = globalThis as unknown as
        {StreamHub: typeof import('../../web/src/index')};
    const client = StreamHub.connect({url});
    return new Promise<number>((resolve) => {
      client.subscribe(['AAPL'], {fields: ['bid']}, ({quote}) => {
        const bid = quote.get('bid');
        if (quote.freshness === 'live' && typeof bid === 'number') resolve(bid);
      });
    });
  }, {url, file, integrity});
}

test('a page of another origin loads the bytes that it names', async () => {
  const {origin} = new URL(pages.url);
  prices = await Gateway.start(0, ['--cors-origins', origin]);
  const {version, files} =
      await (await fetch(`${prices.url}streamhub.json`)).json() as Published;
  const file = `streamhub-${version}.global.js`;
  const integrity = files[file] ?? '';
  const {headers} = await fetch(prices.url + file);
  expect(headers.get('cache-control')).toMatch(/max-age=31536000, immutable/);
  expect(await load(prices.url, file, integrity)).toBeGreaterThan(0);
});

test('one changed byte is refused', async () => {
  const {version, files} =
      await (await fetch(`${pages.url}streamhub.json`)).json() as Published;
  const file = `streamhub-${version}.global.js`;
  const changing = await ChangingProxy.start(pages.url);
  try {
    await expect(load(changing.url, file, files[file] ?? ''))
        .rejects.toThrow('refused');
    expect(demo?.errors.join()).toContain('integrity');
  } finally {
    await changing.close();
  }
});
