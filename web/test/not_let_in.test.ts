// A gateway that lets nobody in now says when to return: by the reason of a
// close, by an event, or by a body. It is left alone until then, by every way.

import {afterEach, beforeEach, expect, test, vi} from 'vitest';

import {type Client, connect} from '../src/client';

import {FakeTransport} from './fake_transport';

let socket: FakeTransport;
let sse: FakeTransport;
let client: Client;

beforeEach(() => {
  vi.useFakeTimers();
  socket = new FakeTransport('websocket', 'both');
  sse = new FakeTransport('sse', 'query');
});

afterEach(() => {
  client.close();
  vi.useRealTimers();
});

function start(transports: FakeTransport[], url: string|string[]): void {
  client = connect({url, transports, random: () => 1});
  client.subscribe(['AAPL'], {}, () => undefined);
  vi.advanceTimersByTime(100);
}

test.each([
  'too many sessions retry_ms=7000',
  'refused with status 503: {"type":"error","reason":"x","retry_ms":7000}',
])('%s', (reason) => {
  start([socket, sse], 'http://gateway/');
  socket.link.fail({code: 4004, reason});
  // Not by the next transport either.
  expect(sse.links.length).toBe(0);
  vi.advanceTimersByTime(6900);
  expect(socket.links.length).toBe(1);
  vi.advanceTimersByTime(700);
  expect(socket.links.length).toBe(2);
});

test('an event stream says so by an event', () => {
  start([sse, socket], 'http://gateway/');
  sse.link.open();
  sse.link.say({
    type: 'closing', code: 4008, reason: 'busy', retry: true, after_ms: 3000,
  });
  sse.link.fail({reason: 'the event stream ended'});
  expect(socket.links.length).toBe(0);
  vi.advanceTimersByTime(2900);
  expect(sse.links.length).toBe(1);
  vi.advanceTimersByTime(700);
  expect(sse.links.length).toBe(2);
});

test('another server is asked at once', () => {
  start([socket], ['http://one/', 'http://two/']);
  expect(socket.link.server).toBe('http://one/');
  socket.link.fail({code: 4004, reason: 'too many sessions retry_ms=60000'});
  vi.advanceTimersByTime(600);
  expect(socket.links.length).toBe(2);
  expect(socket.link.server).toBe('http://two/');
});
