import {afterEach, beforeEach, expect, test, vi} from 'vitest';

import {Lines} from '../src/lines';
import {streamTransport} from '../src/transports/stream';
import type {CloseInfo, Link} from '../src/transports/transport';

const bytes = (text: string) => new TextEncoder().encode(text);

test('lines come whole, however the bytes are cut', () => {
  const text = '{"name":"Größe €"}\n{"a":1}\n\n{"b":"😀"}\n';
  const all = bytes(text);
  for (let size = 1; size <= all.length; ++size) {
    const lines = new Lines();
    const pieces: string[] = [];
    for (let i = 0; i < all.length; i += size) {
      pieces.push(lines.push(all.subarray(i, i + size)));
    }
    expect(pieces.join('')).toBe(text);
    for (const piece of pieces) expect(piece).toMatch(/^$|\n$/);
  }
});

test('what does not end is kept back, and not for ever', () => {
  const lines = new Lines();
  expect(lines.push(bytes('{"a"'))).toBe('');
  expect(lines.push(bytes(':1}\n{"b"'))).toBe('{"a":1}\n');
  const long = bytes('x'.repeat(1 << 20));
  expect(() => lines.push(long)).toThrow(RangeError);
});

/** A POST in progress, its other end in the test's hand. */
let body: ReadableStreamDefaultController<Uint8Array>;
let request: {url: string, init: RequestInit};
let answer: (response: Response) => void;
let fail: (error: Error) => void;
let link: Link;
let received: string[];
let closed: CloseInfo|undefined;
let opened: number;

beforeEach(() => {
  vi.stubGlobal('fetch', (url: string, init: RequestInit) => {
    request = {url, init};
    return new Promise<Response>((resolve, reject) => {
      answer = resolve;
      fail = reject;
      init.signal?.addEventListener('abort', () => {
        const aborted = new DOMException('aborted', 'AbortError');
        reject(aborted);
        body?.error(aborted);
      });
    });
  });
  received = [];
  closed = undefined;
  opened = 0;
  link = streamTransport.open(new URL('http://gateway/'), '[{"id":1}]', {
    opened: () => void ++opened,
    received: (message) => void received.push(String(message)),
    closed: (info) => void (closed = info),
    next: () => '',
    worn: () => undefined,
  });
});

afterEach(() => vi.unstubAllGlobals());

const settle = () => new Promise((resolve) => setImmediate(resolve));

async function streaming(): Promise<void> {
  answer(new Response(new ReadableStream<Uint8Array>({
    start: (controller) => void (body = controller),
  })));
  await settle();
}

test('posts what is asked for', async () => {
  expect(request.url).toBe('http://gateway/v1/stream');
  expect(request.init).toMatchObject({method: 'POST', body: '[{"id":1}]'});
  // Any other type of content would cost another origin a preflight.
  expect(request.init.headers).toBeUndefined();
  expect(opened).toBe(0);
  await streaming();
  expect(opened).toBe(1);
});

test('gives lines as they come, and its end', async () => {
  await streaming();
  body.enqueue(bytes('{"type":"hello"}\n{"ty'));
  await settle();
  expect(received).toEqual(['{"type":"hello"}\n']);
  body.enqueue(bytes('pe":"ack"}\n'));
  await settle();
  expect(received[1]).toBe('{"type":"ack"}\n');
  body.close();
  await settle();
  expect(closed).toEqual({reason: 'the stream ended'});
});

test('tells what broke it', async () => {
  await streaming();
  body.error(new TypeError('network'));
  await settle();
  expect(closed).toEqual({reason: 'the stream broke off'});
});

test('tells that there is no gateway', async () => {
  fail(new TypeError('failed'));
  await settle();
  expect(closed).toEqual({reason: 'the gateway cannot be reached'});
  expect(opened).toBe(0);
});

test('tells why it was refused', async () => {
  answer(new Response('{"code":"unknown_field"}', {status: 400}));
  await settle();
  expect(closed?.reason).toBe(
      'refused with status 400: {"code":"unknown_field"}');
});

test('is silent once closed', async () => {
  await streaming();
  body.enqueue(bytes('{"a":1}\n'));
  link.close();
  await settle();
  expect(request.init.signal?.aborted).toBe(true);
  expect(received).toEqual([]);
  expect(closed).toBeUndefined();
});

