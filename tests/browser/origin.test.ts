// A page of one origin, prices of another: what a desk that embeds them has.

import {afterEach, beforeEach, expect, test} from 'vitest';

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
