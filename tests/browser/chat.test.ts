// Topics in browsers: a chat in which nothing is lost or out of order, over
// every transport, and what a page is told that was away for too long.

import {afterEach, beforeEach, expect, test} from 'vitest';

import type {Page} from 'playwright-core';

import type {Client, TopicNews} from '../../web/src/index';

import {CuttingProxy} from './cutting_proxy';
import {DemoPage} from './demo_page';
import {Gateway} from './gateway';

interface Chat {
  readonly clients: Record<string, Client>;
  /** What each client heard. */
  readonly heard: Record<string, TopicNews[]>;
}

const kept = 1000;
let gateway: Gateway;
let pages: DemoPage[] = [];
let proxy: CuttingProxy|undefined;

beforeEach(async () => {
  gateway = await Gateway.start(0, [
    '--publish-topics', 'chat/*', '--publish-rate', '10000',
    '--topic-history', `${kept}`, '--cors-origins', '*',
  ]);
});

afterEach(async () => {
  await Promise.all(pages.map((page) => page.close()));
  pages = [];
  await proxy?.close();
  proxy = undefined;
  await gateway.kill();
});

async function open(): Promise<Page> {
  const demo = await DemoPage.open(`${gateway.url}demo.css`);
  pages.push(demo);
  return demo.page;
}

/** A client per name that follows the chat; undefined: as a page has it. */
async function follow(
    page: Page, names: readonly string[], history = 0,
    url = gateway.url, binary = false): Promise<void> {
  await page.addScriptTag({type: 'module', content: `
    import {connect} from '/streamhub.js';
    import {flatTransports} from '/streamhub-fb.js';
    const chat = {clients: {}, heard: {}};
    for (const name of ${JSON.stringify(names)}) {
      const options = {
        url: '${url}', backoff: {firstMs: 100, maxMs: 200, stableMs: 1000},
      };
      if (name) options.shareTabs = false;
      if (name) options.transports = [${binary} ?
          flatTransports.find((each) => each.name === name) : name];
      const client = chat.clients[name] = connect(options);
      const heard = chat.heard[name] = [];
      client.topic(
          'chat/desk', {history: ${history}, maxRate: 'unlimited'},
          (news) => heard.push(news));
    }
    window.chat = chat;
  `});
  await page.waitForFunction(() => {
    const {chat} = window as unknown as {chat?: Chat};
    return chat && Object.values(chat.clients).every(
        ({state}) => state.status === 'connected');
  });
}

/** Publishes so many, at most 20 on their way; returns their sequences. */
const publish = (page: Page, from: string, count: number, name = '') =>
    page.evaluate(async ({from, count, name}) => {
      const {chat} = window as unknown as {chat: Chat};
      const sequences: number[] = [];
      for (let n = 1; n <= count; n += 20) {
        const acks = [];
        for (let i = n; i < n + 20 && i <= count; ++i) {
          acks.push(chat.clients[name]!.publish('chat/desk', {from, n: i}));
        }
        for (const {seq} of await Promise.all(acks)) sequences.push(seq);
      }
      return sequences;
    }, {from, count, name});

/** What a client heard, once it has the message `last`. */
async function heard(
    page: Page, last: number, name = ''): Promise<TopicNews[]> {
  await page.waitForFunction(({last, name}) => {
    const {chat} = window as unknown as {chat: Chat};
    return chat.heard[name]?.at(-1)?.messages.at(-1)?.seq === last;
  }, {last, name});
  return page.evaluate((name) => {
    const {chat} = window as unknown as {chat: Chat};
    return chat.heard[name] as TopicNews[];
  }, name);
}

const flat = (news: readonly TopicNews[]) =>
    news.flatMap(({messages}) => messages);

const range = (first: number, last: number) =>
    Array.from({length: last - first + 1}, (_, i) => first + i);

test('two browsers chat: all is in order at both, and a late tab has it',
     async () => {
  const [ada, bob] = [await open(), await open()];
  await Promise.all([follow(ada, ['']), follow(bob, ['sse'])]);
  const sent = await Promise.all(
      [publish(ada, 'ada', 500), publish(bob, 'bob', 500, 'sse')]);
  // Over a socket in order; POSTs overtake each other.
  expect(sent[0]).toEqual([...sent[0]].sort());
  const all = sent.flat().sort((one, next) => one - next);
  const [first = 0, last = 0] = [all[0], all.at(-1)];
  expect(all).toEqual(range(first, last));
  const [atAda, atBob] =
      [await heard(ada, last), await heard(bob, last, 'sse')];
  expect(flat(atAda).map(({seq}) => seq)).toEqual(all);
  expect(flat(atBob)).toEqual(flat(atAda));
  expect([...atAda, ...atBob].filter(({lost}) => lost !== 0)).toEqual([]);
  // It shares the connection, and has what was said before it came.
  const late = await ada.context().newPage();
  await late.goto(`${gateway.url}demo.css`);
  await follow(late, [''], kept);
  expect(flat(await heard(late, last))).toEqual(flat(atAda));
  expect(await late.evaluate(() => {
    const {chat} = window as unknown as {chat: Chat};
    return chat.clients['']?.state.tab;
  })).toBe('other');
});

test.each([
  ['JSON', ['websocket', 'sse', 'stream', 'poll', 'frame', 'jsonp']],
  ['FlatBuffers', ['websocket', 'stream', 'poll']],
])('every transport brings a topic in %s', async (form, names) => {
  const page = await open();
  await follow(page, names, 3, gateway.url, form === 'FlatBuffers');
  const early = await publish(page, 'page', 2, 'websocket');
  for (const name of names) await heard(page, early.at(-1) ?? 0, name);
  const sequences =
      [...early, ...await publish(page, 'page', 200, 'websocket')];
  for (const name of names) {
    const news = await heard(page, sequences.at(-1) ?? 0, name);
    expect(flat(news).map(({seq}) => seq), name).toEqual(sequences);
    expect(news.filter(({lost}) => lost !== 0), name).toEqual([]);
  }
});

test.each(['websocket', 'sse', 'stream', 'poll'])(
    'who is away past what is kept is told the gap, over %s', async (name) => {
      proxy = await CuttingProxy.start(gateway.url);
      const page = await open();
      await follow(page, [name], 0, proxy.url);
      const [before = 0] = await publish(page, 'page', 1, name);
      await heard(page, before, name);
      proxy.closed = true;
      proxy.cut();
      const away = kept + 40;
      const body = (n: number) => JSON.stringify(Array.from(
          {length: n},
          (_, i) => ({type: 'publish', topic: 'chat/desk', data: i})));
      for (let left = away; left > 0; left -= 64) {
        const {ok} = await fetch(`${gateway.url}v1/publish`, {
          method: 'POST', body: body(Math.min(64, left)),
        });
        expect(ok).toBe(true);
      }
      proxy.closed = false;
      const news = await heard(page, before + away, name);
      const [, gap] = news;
      expect(gap?.lost).toBe(40);
      expect(flat(news).map(({seq}) => seq)).toEqual(
          [before, ...range(before + 41, before + away)]);
      expect(news.filter(({lost}) => lost !== 0)).toEqual([gap]);
    });
