import {Lines} from '../lines';

import {postOptions, refusal} from './http';
import type {LinkEvents, Transport} from './transport';

/** An endless response of /v1/stream, one JSON object per line. */
export const streamTransport: Transport = {
  name: 'stream',
  way: 'body',
  // Where event streams are held back, this one may be as well: less time.
  patienceMs: 5000,
  available: () => typeof fetch === 'function' &&
      typeof ReadableStream === 'function' &&
      typeof TextDecoder === 'function' && typeof Response === 'function' &&
      'body' in Response.prototype,

  open(base, query, events) {
    const abort = new AbortController();
    const url = new URL('v1/stream', base);
    void run(url, query, events, abort.signal).then((reason) => {
      if (!abort.signal.aborted) events.closed({reason});
    });
    return {
      send() {
        throw new Error('a stream is one-way');
      },
      close: () => abort.abort(),
    };
  },
};

/** Reads to the end; returns why it ended. */
async function run(
    url: URL, body: string, events: LinkEvents,
    signal: AbortSignal): Promise<string> {
  let opened = false;
  try {
    const response = await fetch(url.href, postOptions(body, signal));
    if (!response.ok || !response.body) {
      const {status} = response;
      return refusal({status, text: await response.text()});
    }
    if (signal.aborted) return '';
    opened = true;
    events.opened();
    const reader = response.body.getReader();
    const lines = new Lines();
    for (;;) {
      const {done, value} = await reader.read();
      if (done || signal.aborted) return 'the stream ended';
      const text = lines.push(value);
      if (text) events.received(text);
    }
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    return opened ? 'the stream broke off' : refusal(undefined);
  }
}
