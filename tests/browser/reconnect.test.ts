// The browser's own EventSource, without a client: it comes back by itself with
// Last-Event-ID, and gets what changed or a snapshot, never nothing.

import {afterEach, expect, test} from 'vitest';

import {CuttingProxy} from './cutting_proxy';
import {DemoPage} from './demo_page';
import {Gateway} from './gateway';

interface Event {
  readonly id: string;
  readonly type: string;
  readonly quotes?: Record<string, {v: number, snapshot?: boolean}>;
}

/** The proxy is one. */
const anyOrigin = ['--cors-origins', '*'];

let gateway: Gateway|undefined;
let proxy: CuttingProxy|undefined;
let demo: DemoPage|undefined;


afterEach(async () => {
  await demo?.close();
  await proxy?.close();
  await gateway?.kill();
});

const heard = () => demo?.page.evaluate(() => {
  const {connections} = window as unknown as {connections: Event[][]};
  return connections;
}) as Promise<Event[][]>;

/** Waits until `count` connections have had updates. */
const updated = (count: number) => demo?.page.waitForFunction((count) => {
  const {connections} = window as unknown as {connections: Event[][]};
  return connections.length >= count &&
      connections.every((events) => events.filter(
          ({type, id}) => type === 'update' && id !== '').length > 3);
}, count);

async function follow(): Promise<void> {
  gateway = await Gateway.start(0, anyOrigin);
  proxy = await CuttingProxy.start(gateway.url);
  demo = await DemoPage.open(`${gateway.url}demo.css`);
  await demo.page.addScriptTag({content: `
    window.connections = [];
    const source = new EventSource(
        '${proxy.url}v1/sse?symbols=AAPL,EUR/USD&max_rate=unlimited');
    source.onopen = () => connections.push([]);
    source.onmessage = ({data, lastEventId}) => connections.at(-1).push(
        {...JSON.parse(data), id: lastEventId});
  `});
}

/** The versions of AAPL that a connection brought. */
const quotesOf = (events: readonly Event[]) =>
    events.flatMap(({quotes}) => quotes?.['AAPL'] ?? []);

test('a cut EventSource comes back with what changed', async () => {
  await follow();
  await updated(1);
  proxy?.cut();
  await updated(2);
  const [before = [], after = []] = await heard();
  const held = quotesOf(before).at(-1);
  const [first] = quotesOf(after);
  // It goes on: nothing is said again that the page has.
  expect(first?.snapshot).toBeUndefined();
  expect(first?.v).toBeGreaterThan(held?.v ?? Infinity);
  // And of both symbols.
  const brought = new Set(
      after.flatMap(({quotes}) => Object.keys(quotes ?? {})));
  expect(brought).toEqual(new Set(['AAPL', 'EUR/USD']));
});

test('of a gateway that started anew it gets a snapshot', async () => {
  await follow();
  await updated(1);
  const port = gateway?.port;
  await gateway?.kill();
  gateway = await Gateway.start(port, anyOrigin);
  await updated(2);
  const [first] = quotesOf((await heard()).at(-1) ?? []);
  expect(first?.snapshot).toBe(true);
});
