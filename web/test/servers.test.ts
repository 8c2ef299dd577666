// Several gateways with the same prices.

import {setMaxListeners} from 'node:events';

import {afterEach, beforeEach, expect, test, vi} from 'vitest';

import {type Client, connect} from '../src/client';
import type {Options} from '../src/options';

import {FakeTransport} from './fake_transport';

let socket: FakeTransport;
let poll: FakeTransport;
let client: Client;
let clients: Client[];
let target: EventTarget;
const minute = 60_000;

beforeEach(() => {
  vi.useFakeTimers();
  socket = new FakeTransport('websocket', 'both');
  poll = new FakeTransport('poll', 'poll');
  clients = [];
  target = new EventTarget();
  setMaxListeners(0, target);
  vi.stubGlobal('addEventListener', target.addEventListener.bind(target));
  vi.stubGlobal('removeEventListener', target.removeEventListener.bind(target));
});

afterEach(() => {
  for (const each of clients) each.close();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

function start(options: Options): void {
  client = connect({random: () => 1, ...options});
  clients.push(client);
  client.subscribe(['AAPL'], {fields: ['bid']}, () => undefined);
}

/** Heartbeats until `ms` have passed, so that it is not taken for dead. */
function beat(link: FakeTransport, ms: number): void {
  for (let passed = 0; passed < ms; passed += 2000) {
    vi.advanceTimersByTime(2000);
    link.link.say({type: 'heartbeat', time: Date.now() * 1000});
  }
}

const url = ['http://a/', 'http://b/', 'http://c/'];
const servers = () => socket.links.map(({server}) => server);
const greet = () => {
  socket.link.open();
  socket.link.hello();
};

test('ordered: the next one, and it stays there', () => {
  start({url, transports: [socket]});
  socket.link.fail();
  expect(servers()).toEqual(['http://a/', 'http://b/']);
  greet();
  expect(client.state.server).toBe('http://b/');
  beat(socket, 5 * minute);
  socket.link.fail();
  vi.advanceTimersByTime(500);
  expect(servers()).toEqual(['http://a/', 'http://b/', 'http://b/']);
  socket.link.fail();
  socket.link.fail();
  socket.link.fail();
  expect(servers().slice(3)).toEqual(['http://c/', 'http://a/']);
  expect(client.state.status).toBe('disconnected');
});

test('priority: back to the first as soon as it can be had', () => {
  start({url, transports: [socket], serverOrder: 'priority'});
  socket.link.fail();
  greet();
  const second = socket.link;
  beat(socket, minute);
  expect(servers()).toEqual(['http://a/', 'http://b/', 'http://a/']);
  greet();
  expect(second.closed).toBe(true);
  expect(client.state.server).toBe('http://a/');
  beat(socket, 5 * minute);
  expect(socket.links.length).toBe(3);
});

test('random: every client its own order', () => {
  const first = new Set<string>();
  for (let i = 0; i < 60; ++i) {
    start({url, transports: [socket], serverOrder: 'random',
           random: () => (i % 10) / 10});
    first.add(socket.link.server);
  }
  expect(first.size).toBe(3);
});

test('one that asks for a pause gets it; the others need none', () => {
  start({url: url.slice(0, 2), transports: [socket]});
  greet();
  const closing = {
    type: 'closing', code: 4001, reason: 'stopping', retry: true,
    after_ms: minute,
  } as const;
  socket.link.say(closing);
  vi.advanceTimersByTime(500);
  expect(servers()).toEqual(['http://a/', 'http://b/']);
  socket.link.say({
    type: 'hello', version: 1, epoch: 'e2', time: Date.now() * 1000,
    heartbeat_ms: 2000, feeds: {},
  });
  socket.link.say(closing);
  expect(client.state.status).toBe('disconnected');
  // Nor does anything hurry it.
  target.dispatchEvent(new Event('online'));
  vi.advanceTimersByTime(minute - 600);
  expect(servers().length).toBe(2);
  vi.advanceTimersByTime(1200);
  expect(servers().length).toBe(3);
});

test('a silent one is no reason to wait long', () => {
  start({url: url.slice(0, 2), transports: [socket, poll]});
  vi.advanceTimersByTime(2000);
  expect(socket.links.map(({server}) => server)).toEqual(url.slice(0, 2));
  greet();
  expect(client.state.server).toBe('http://b/');
  expect(socket.links[0]?.closed).toBe(true);
});
