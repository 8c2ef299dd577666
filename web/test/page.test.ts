// What a browser does to a page, and what becomes of the connection.

import {setMaxListeners} from 'node:events';

import {afterEach, beforeEach, expect, test, vi} from 'vitest';

import {type Client, connect} from '../src/client';
import {ServerClock} from '../src/clock';

import {FakeBrowser} from './fake_browser';
import {FakeTransport} from './fake_transport';

class FakeDocument extends EventTarget {
  visibilityState = 'visible';
}

let page: FakeDocument;
let win: EventTarget;
let socket: FakeTransport;
let client: Client;
let sleptMs: number;
const nothing = () => undefined;

beforeEach(() => {
  vi.useFakeTimers();
  win = new EventTarget();
  setMaxListeners(0, win);
  vi.stubGlobal('addEventListener', win.addEventListener.bind(win));
  vi.stubGlobal('removeEventListener', win.removeEventListener.bind(win));
  vi.stubGlobal('document', page = new FakeDocument());
  socket = new FakeTransport('websocket', 'both');
  sleptMs = 0;
});

afterEach(() => {
  client.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function start(shareTabs = false): void {
  client = connect({
    url: 'http://gateway/', transports: [socket], random: () => 1, shareTabs,
    clock: new ServerClock({
      monotonic: () => performance.now(),
      wall: () => Date.now() + sleptMs,
    }),
  });
  client.subscribe(['AAPL'], {fields: ['bid']}, nothing);
}

function greet(): void {
  socket.link.open();
  socket.link.hello();
  socket.link.snapshot(socket.link.requests[0]?.id ?? 0, ['AAPL'], 3);
  expect(client.quote('AAPL')?.freshness).toBe('live');
}

function show(name: string, persisted: boolean): void {
  win.dispatchEvent(Object.assign(new Event(name), {persisted}));
}

const beat = () =>
    socket.link.say({type: 'heartbeat', time: Date.now() * 1000});

test('a page that is kept for going back holds nothing open', () => {
  start();
  greet();
  show('pagehide', true);
  expect(socket.link.closed).toBe(true);
  expect(client.state).toMatchObject(
      {status: 'disconnected', reason: 'the page was left'});
  expect(client.quote('AAPL')?.freshness).toBe('stale');
  vi.advanceTimersByTime(60_000);
  expect(socket.links.length).toBe(1);
  // It comes back at once, and goes on from what it holds.
  show('pageshow', true);
  expect(socket.links.length).toBe(2);
  socket.link.open();
  expect(socket.link.requests).toMatchObject([{symbols: ['AAPL@3']}]);
});

test('the first pageshow changes nothing', () => {
  start();
  show('pageshow', false);
  expect(socket.links.length).toBe(1);
});

test('a tab that is left gives up the lead, and takes it again', async () => {
  new FakeBrowser().tab(() => undefined);
  vi.stubGlobal('document', page);
  start(true);
  await vi.advanceTimersByTimeAsync(10);
  greet();
  show('pagehide', true);
  await vi.advanceTimersByTimeAsync(60_000);
  expect(socket.link.closed).toBe(true);
  expect(socket.links.length).toBe(1);
  show('pageshow', true);
  await vi.advanceTimersByTimeAsync(10);
  expect(socket.links.length).toBe(2);
  greet();
  expect(client.state).toMatchObject({status: 'connected', tab: 'own'});
});

test('a frozen page has no connection that nobody reads', () => {
  start();
  greet();
  page.dispatchEvent(new Event('freeze'));
  expect(socket.link.closed).toBe(true);
  page.dispatchEvent(new Event('resume'));
  expect(socket.links.length).toBe(2);
});

test('a page that is shown again does not wait for its turn', () => {
  start();
  greet();
  socket.link.fail();
  expect(client.state.status).toBe('disconnected');
  page.visibilityState = 'hidden';
  page.dispatchEvent(new Event('visibilitychange'));
  expect(socket.links.length).toBe(1);
  page.visibilityState = 'visible';
  page.dispatchEvent(new Event('visibilitychange'));
  expect(socket.links.length).toBe(2);
});

test('shown again, a living connection stays, a dead one does not', () => {
  start();
  greet();
  vi.advanceTimersByTime(4900);
  page.dispatchEvent(new Event('visibilitychange'));
  expect(socket.link.pings).toBe(1);
  beat();
  vi.advanceTimersByTime(1000);
  expect(client.state.status).toBe('connected');
  socket.link.deaf = true;
  vi.advanceTimersByTime(4900);
  page.dispatchEvent(new Event('visibilitychange'));
  vi.advanceTimersByTime(1000);
  expect(client.state).toMatchObject(
      {status: 'disconnected', reason: 'the gateway has gone silent'});
});

test('a machine that slept trusts nothing', () => {
  start();
  greet();
  sleptMs = 3_600_000;
  vi.advanceTimersByTime(250);
  expect(client.state).toMatchObject(
      {status: 'disconnected', reason: 'this machine slept'});
  expect(socket.link.closed).toBe(true);
  vi.advanceTimersByTime(500);
  expect(socket.links.length).toBe(2);
});

test('a closed client hears no events', () => {
  start();
  greet();
  client.close();
  show('pagehide', true);
  show('pageshow', true);
  win.dispatchEvent(new Event('online'));
  page.dispatchEvent(new Event('visibilitychange'));
  vi.advanceTimersByTime(60_000);
  expect(socket.links.length).toBe(1);
});
