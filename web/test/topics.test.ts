// Topics as a page has them: how each transport is asked, what every listener
// hears, and what is told of what is lost. (Faults: simulation.test.ts.)

import {afterEach, beforeEach, expect, test, vi} from 'vitest';

import {connect} from '../src/client';
import type {Client, Options, TopicNews} from '../src/index';
import type {TopicMessage, WireTopic} from '../src/protocol';

import {FakeTransport} from './fake_transport';

let client: Client;

beforeEach(() => {
  vi.useFakeTimers();
});

afterEach(() => {
  client.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function open(transport: FakeTransport, options: Options = {}): void {
  client = connect(
      {url: 'http://gateway/', transports: [transport], ...options});
}

function openSocket(options: Options = {}): FakeTransport {
  const transport = new FakeTransport('websocket', 'both');
  open(transport, options);
  return transport;
}

const messagesOf = (from: number, to: number): TopicMessage[] =>
    Array.from({length: to - from + 1}, (_, i) => (
      {seq: from + i, time: 1, data: `m${from + i}`}));

const said = (from: number, to: number, more: object = {}) => ({
  type: 'messages' as const, time: Date.now() * 1000,
  topics: {chat: {v: to, messages: messagesOf(from, to), ...more} as WireTopic},
});

const ack = (id: number) =>
    ({type: 'ack' as const, id, at: 'e1.x.0',
      symbols: {chat: {topic: true, keeps: 10}}});

/** What a listener heard, as one text for every call. */
function listen(history = 0): string[] {
  const heard: string[] = [];
  client.topic('chat', {history}, ({topic, messages, lost}: TopicNews) => {
    expect(topic).toBe('chat');
    const texts = messages.map(({data}) => data);
    heard.push(`${texts}${lost === 0 ? '' : ` lost ${lost}`}`);
  });
  vi.advanceTimersByTime(60);
  return heard;
}

/** A topic that is in sync at 100 with so much history. */
function inSync(transport: FakeTransport, history: number): string[] {
  const heard = listen(history);
  const {link} = transport;
  link.open();
  link.hello();
  vi.advanceTimersByTime(60);
  const id = link.requests.at(-1)?.id ?? 0;
  link.say(ack(id), said(101 - history, 100), {type: 'synced', id});
  return heard;
}

test('a socket asks with history, and goes on from what is held', () => {
  const transport = openSocket();
  const heard = inSync(transport, 2);
  expect(transport.link.requests).toEqual(
      [{type: 'subscribe', id: 1, symbols: ['chat'], history: 2}]);
  transport.link.say(said(101, 102));
  expect(heard).toEqual(['m99,m100', 'm101,m102']);
  transport.link.fail();
  vi.advanceTimersByTime(2000);
  transport.link.open();
  expect(transport.link.requests[0]).toMatchObject({symbols: ['chat@102']});
});

test('an event stream asks with history', () => {
  const transport = new FakeTransport('sse', 'query');
  open(transport);
  listen(5);
  expect(transport.link.query.get('symbols')).toBe('chat');
  expect(transport.link.query.get('history')).toBe('5');
});

test('a stream asks with history', () => {
  const transport = new FakeTransport('stream', 'body');
  open(transport);
  listen(5);
  expect(transport.link.asked).toMatchObject([{symbols: ['chat'], history: 5}]);
});

test('symbols keep their fields where a topic is asked for with them', () => {
  const transport = new FakeTransport('sse', 'query');
  open(transport);
  client.subscribe(['AAPL'], {fields: ['bid']}, () => undefined);
  listen(5);
  expect(transport.link.query.get('symbols')).toBe('AAPL,chat');
  expect(transport.link.query.get('fields')).toBe('bid');
});

test('a poll says the cursor, and that it was told of the topic', () => {
  const transport = new FakeTransport('poll', 'poll');
  open(transport);
  const heard = listen(2);
  const {link} = transport;
  link.open();
  link.hello();
  const id = link.asked[0]?.id ?? 0;
  link.say(ack(id), said(99, 100), {type: 'synced', id});
  expect(heard).toEqual(['m99,m100']);
  expect(link.next()).toMatchObject([{symbols: ['chat@100'], at: 'e1.x.0'}]);
});

test('a poll waits for a topic that is not there yet', () => {
  const transport = new FakeTransport('poll', 'poll');
  open(transport);
  const heard = listen();
  const {link} = transport;
  link.open();
  link.hello();
  const id = link.asked[0]?.id ?? 0;
  link.say(
      {type: 'ack', id, at: 'e1.x.0', symbols: {chat: {unknown: true}}},
      {type: 'synced', id});
  // Without the cursor it would be answered at once, over and over.
  expect(link.next()).toMatchObject([{symbols: ['chat@0'], at: 'e1.x.0'}]);
  link.say(said(1, 2, {lost: null}));
  expect(heard).toEqual(['m1,m2']);
});

test('no message is heard twice or out of order', () => {
  const transport = openSocket();
  const heard = inSync(transport, 0);
  transport.link.say(said(101, 103));
  transport.link.say(said(102, 104));
  transport.link.say(said(101, 104));
  transport.link.say(said(105, 105));
  expect(heard).toEqual(['m101,m102,m103', 'm104', 'm105']);
});

test('what is lost is told, by number where it is known', () => {
  const transport = openSocket();
  const heard = inSync(transport, 0);
  transport.link.say(said(111, 112, {lost: 10}));
  transport.link.say(said(120, 120, {lost: 7}));
  transport.link.say(said(2001, 2001, {lost: null}));
  // Also where all that there was is gone.
  transport.link.say(said(2012, 2011, {lost: 10}));
  expect(heard).toEqual(
      ['m111,m112 lost 10', 'm120 lost 7', 'm2001 lost null', ' lost 10']);
});

test('what is missing, but not told as lost, is asked for again', () => {
  const transport = openSocket();
  const heard = inSync(transport, 0);
  transport.link.say(said(104, 104), said(105, 105));
  vi.advanceTimersByTime(60);
  expect(transport.link.requests.slice(1)).toMatchObject(
      [{type: 'subscribe', symbols: ['chat@100']}]);
  expect(heard).toEqual([]);
  transport.link.say(said(101, 106));
  expect(heard).toEqual(['m101,m102,m103,m104,m105,m106']);
});

test('another gateway may count from below', () => {
  const transport = openSocket();
  const heard = inSync(transport, 0);
  transport.link.fail();
  vi.advanceTimersByTime(2000);
  const {link} = transport;
  link.open();
  link.hello('e2');
  link.say(ack(link.requests[0]?.id ?? 0), said(7, 8, {lost: null}));
  link.say(said(9, 9));
  expect(heard).toEqual(['m7,m8 lost null', 'm9']);
});

test('a second widget gets its history, the first nothing twice', async () => {
  const transport = openSocket();
  const first = inSync(transport, 0);
  transport.link.say(said(101, 102));
  // Two of them are here.
  const second = listen(2);
  await Promise.resolve();
  expect(second).toEqual(['m101,m102']);
  const third = listen(5);
  const request = transport.link.requests.at(-1);
  expect(request).toMatchObject({symbols: ['chat@97'], history: 5});
  transport.link.say(said(98, 99));
  expect(third).toEqual([]);
  transport.link.say(
      said(100, 103), {type: 'synced', id: request?.id ?? 0});
  expect(third).toEqual(['m99,m100,m101,m102,m103']);
  transport.link.say(said(104, 104));
  expect([first.at(-1), second.at(-1), third.at(-1)])
      .toEqual(['m104', 'm104', 'm104']);
  expect(first).toEqual(['m101,m102', 'm103', 'm104']);
  expect(second).toEqual(['m101,m102', 'm103', 'm104']);
});

test('less history than is wanted is all that there is', () => {
  const transport = openSocket();
  inSync(transport, 0);
  const second = listen(50);
  expect(transport.link.requests.at(-1)?.symbols).toEqual(['chat@50']);
  transport.link.say(said(99, 100, {lost: 48}));
  expect(second).toEqual(['m99,m100']);
});

test('an unsubscribed listener hears nothing', () => {
  const transport = openSocket();
  inSync(transport, 0);
  const heard: unknown[] = [];
  const {unsubscribe} = client.topic('chat', {}, (news) => heard.push(news));
  vi.advanceTimersByTime(60);
  unsubscribe();
  transport.link.say(said(101, 101));
  expect(heard).toEqual([]);
  expect(() => client.topic('a,b', {}, () => undefined)).toThrow(RangeError);
});

// ---- Publishing

test('a socket publishes, and answers by id', async () => {
  const transport = openSocket();
  inSync(transport, 0);
  const errors = vi.fn();
  client.onError(errors);
  const both = [client.publish('chat', {a: 1}), client.publish('no', 2)];
  const [one, other] = transport.link.requests.slice(-2) as unknown as
      {id: number, topic: string, data: unknown}[];
  expect(one).toEqual(
      {type: 'publish', id: one?.id, topic: 'chat', data: {a: 1}});
  transport.link.say(
      {
        type: 'error', id: other?.id ?? 0, code: 'forbidden', reason: 'r',
        key: 'no',
      },
      {type: 'ack', id: one?.id ?? 0, seq: 101});
  expect(await both[0]).toEqual({seq: 101});
  await expect(both[1]).rejects.toMatchObject(
      {code: 'forbidden', message: 'r', key: 'no'});
  expect(errors).not.toHaveBeenCalled();
});

test('without an answer a publish fails, and is not sent again', async () => {
  const transport = openSocket();
  inSync(transport, 0);
  const sent = client.publish('chat', 1);
  transport.link.fail();
  await expect(sent).rejects.toMatchObject({code: 'no_answer'});
  vi.advanceTimersByTime(2000);
  transport.link.open();
  transport.link.hello();
  vi.advanceTimersByTime(200);
  expect(transport.link.requests.map(({type}) => type)).toEqual(['subscribe']);
});

test.each([
  ['{"type":"ack","seq":7}', {seq: 7}],
  ['[{"type":"ack","seq":7}]', {seq: 7}],
  ['{"type":"error","code":"forbidden","reason":"r"}', 'forbidden'],
  ['<html>', 'no_answer'],
])('over other transports it is a POST that answers %s', async (text, end) => {
  const fetched = vi.fn(async () => new Response(text));
  vi.stubGlobal('fetch', fetched);
  open(new FakeTransport('sse', 'query'), {token: 'secret'});
  const sent = client.publish('chat', {a: 1});
  await (typeof end === 'string' ?
      expect(sent).rejects.toMatchObject({code: end}) :
      expect(sent).resolves.toEqual(end));
  expect(fetched).toHaveBeenCalledOnce();
  expect(fetched).toHaveBeenCalledWith(
      'http://gateway/v1/publish', expect.objectContaining({
        method: 'POST',
        body: '{"type":"publish","topic":"chat","data":{"a":1}}',
        headers: {Authorization: 'Bearer secret'},
      }));
});

// ---- Tokens

test('a token is asked for anew at every connection', async () => {
  let asked = 0;
  const transport = new FakeTransport('websocket', 'both');
  transport.carriesToken = true;
  open(transport, {token: async () => `t${++asked}`});
  await vi.advanceTimersByTimeAsync(0);
  expect(transport.link.token).toBe('t1');
  transport.link.fail();
  await vi.advanceTimersByTimeAsync(2000);
  expect(transport.link.token).toBe('t2');
});

test('transports that cannot carry a token are left out', async () => {
  const socket = new FakeTransport('websocket', 'both');
  const sse = new FakeTransport('sse', 'query');
  socket.carriesToken = true;
  client = connect(
      {url: 'http://gateway/', transports: [sse, socket], token: 'secret'});
  client.subscribe(['A'], {}, () => undefined);
  await vi.advanceTimersByTimeAsync(20_000);
  expect(sse.links).toEqual([]);
  expect(socket.links.length).toBeGreaterThan(0);
});

test.each([
  ['is refused', async () => { throw new Error('expired'); }, 'expired'],
  ['does not come', () => new Promise<string>(() => undefined), 'no token came'],
])('a token that %s is an error that backs off', async (_name, token, why) => {
  const asked = vi.fn(token);
  const transport = new FakeTransport('websocket', 'both');
  transport.carriesToken = true;
  open(transport, {token: asked, random: () => 0.5});
  const errors = vi.fn();
  client.onError(errors);
  await vi.advanceTimersByTimeAsync(8100);
  expect(errors).toHaveBeenCalledWith(
      {code: 'no_token', reason: expect.stringContaining(why)});
  await vi.advanceTimersByTimeAsync(120_000);
  expect(client.state.reason).toContain('no token: ');
  expect(asked.mock.calls.length).toBeGreaterThan(2);
  // Pauses of up to 10 s, not a loop.
  expect(asked.mock.calls.length).toBeLessThan(25);
  expect(transport.links).toEqual([]);
});

test('a gateway that asks for no token is told of once', async () => {
  const transport = new FakeTransport('websocket', 'both');
  transport.carriesToken = true;
  open(transport, {token: 'secret'});
  const errors = vi.fn();
  client.onError(errors);
  for (let i = 0; i < 2; ++i) {
    await vi.advanceTimersByTimeAsync(3000);
    const {link} = transport;
    link.open();
    link.hello();
    link.say({
      type: 'error', code: 'not_supported', key: 'auth',
      reason: 'this gateway asks for no token',
    });
    expect(client.state.status).toBe('connected');
    link.fail();
  }
  expect(errors).not.toHaveBeenCalled();
  expect(client.journal.filter(({what}) => what === 'token ignored'))
      .toMatchObject([{why: 'this gateway asks for no token'}]);
});
