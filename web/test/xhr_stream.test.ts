// The stream where fetch has none.

import {afterEach, beforeEach, expect, test, vi} from 'vitest';

import {streamTransport} from '../src/transports/stream';
import type {CloseInfo, Link} from '../src/transports/transport';

class FakeXhr {
  static last: FakeXhr;
  onreadystatechange: (() => void)|null = null;
  onprogress: (() => void)|null = null;
  onload: (() => void)|null = null;
  onerror: (() => void)|null = null;
  readyState = 0;
  status = 0;
  responseText = '';
  asked = '';
  aborted = false;

  constructor() {
    FakeXhr.last = this;
  }

  open(method: string, url: string): void {
    this.asked = `${method} ${url} `;
  }

  send(body: string): void {
    this.asked += body;
  }

  abort(): void {
    this.aborted = true;
    this.onerror?.();
  }

  head(status: number): void {
    this.status = status;
    this.readyState = 2;
    this.onreadystatechange?.();
  }

  bring(text: string): void {
    this.readyState = 3;
    this.onreadystatechange?.();
    this.responseText += text;
    this.onprogress?.();
  }
}

let link: Link;
let received: string[];
let closed: CloseInfo[];
let opened: number;
let worn: number;

beforeEach(() => {
  vi.stubGlobal('XMLHttpRequest', FakeXhr);
  vi.stubGlobal('ReadableStream', undefined);
  received = [];
  closed = [];
  opened = worn = 0;
  link = streamTransport.open(new URL('http://gateway/'), '[{"id":1}]', {
    opened: () => void ++opened,
    received: (message) => void received.push(String(message)),
    closed: (info) => void closed.push(info),
    next: () => '',
    worn: () => void ++worn,
  });
});

afterEach(() => vi.unstubAllGlobals());

const request = () => FakeXhr.last;

test('is there where fetch cannot stream', () => {
  expect(streamTransport.available()).toBe(true);
  expect(request().asked).toBe('POST http://gateway/v1/stream [{"id":1}]');
  vi.stubGlobal('XMLHttpRequest', undefined);
  expect(streamTransport.available()).toBe(false);
});

test('gives whole lines as they come, and its end', () => {
  request().head(200);
  expect(opened).toBe(1);
  request().bring('{"type":"hello"}\n{"ty');
  request().bring('pe":"ack"}\n');
  expect(received).toEqual(['{"type":"hello"}\n', '{"type":"ack"}\n']);
  request().responseText += '{"type":"closing"}\n';
  request().onload?.();
  expect(received[2]).toBe('{"type":"closing"}\n');
  expect(closed).toEqual([{reason: 'the stream ended'}]);
});

test('tells why it was refused, broke off, or was not reached', () => {
  request().head(400);
  request().bring('{"code":"unknown_field"}');
  request().onload?.();
  expect(received).toEqual([]);
  expect(closed).toEqual(
      [{reason: 'refused with status 400: {"code":"unknown_field"}'}]);
});

test('tells what broke it', () => {
  request().head(200);
  request().onerror?.();
  expect(closed).toEqual([{reason: 'the stream broke off'}]);
});

test('tells that there is no gateway', () => {
  request().onerror?.();
  expect(closed).toEqual([{reason: 'the gateway cannot be reached'}]);
});

test('a line that does not end is no stream of ours', () => {
  request().head(200);
  request().bring('x'.repeat((1 << 20) + 1));
  expect(closed).toEqual([{reason: 'a line does not end'}]);
  expect(request().aborted).toBe(true);
});

test('asks to be replaced before it holds too much, once', () => {
  request().head(200);
  const line = `${'x'.repeat(1 << 19)}\n`;
  for (let i = 0; i < 7; ++i) request().bring(line);
  expect(worn).toBe(0);
  for (let i = 0; i < 3; ++i) request().bring(line);
  expect(worn).toBe(1);
  expect(received.length).toBe(10);
  expect(closed).toEqual([]);
});

test('is silent once closed', () => {
  request().head(200);
  link.close();
  expect(request().aborted).toBe(true);
  expect(closed).toEqual([]);
  expect(request().onprogress).toBeNull();
});
