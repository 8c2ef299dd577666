import {Lines} from '../lines';

import {postOptions, readText, refusal} from './http';
import type {Link, LinkEvents, ReadMessage, Transport} from './transport';
import {openXhrStream} from './xhr_stream';

/** Can fetch() give a response piece by piece? */
export const fetchStreams = () => typeof fetch === 'function' &&
    typeof ReadableStream === 'function' &&
    typeof TextDecoder === 'function' && typeof Response === 'function' &&
    'body' in Response.prototype;

/**
 * An endless response of /v1/stream, one JSON object per line; by
 * XMLHttpRequest where fetch has no streams.
 */
export const streamTransport: Transport = {
  name: 'stream',
  way: 'body',
  available: () => fetchStreams() || typeof XMLHttpRequest === 'function',

  carriesToken: true,

  open(base, query, events, token) {
    const url = new URL('v1/stream', base);
    return fetchStreams() ?
        openStream(url, query, new Lines(), events, token) :
        openXhrStream(url, query, events, token);
  },
};

/** Makes messages of the bytes that come; '' if none is complete. */
export interface Parts {
  push(bytes: Uint8Array): string|ReadMessage;
}

export function openStream(
    url: URL, body: string, parts: Parts, events: LinkEvents,
    token?: string): Link {
  const abort = new AbortController();
  const options = postOptions(body, abort.signal, token);
  void run(url, options, parts, events, abort.signal).then((reason) => {
    if (!abort.signal.aborted) events.closed({reason});
  });
  return {
    close: () => abort.abort(),
  };
}

/** Reads to the end; returns why it ended. */
async function run(
    url: URL, options: RequestInit, parts: Parts, events: LinkEvents,
    signal: AbortSignal): Promise<string> {
  let opened = false;
  try {
    const response = await fetch(url.href, options);
    if (!response.ok || !response.body) {
      return refusal(await readText(response));
    }
    if (signal.aborted) return '';
    opened = true;
    events.opened();
    const reader = response.body.getReader();
    for (;;) {
      const {done, value} = await reader.read();
      if (done || signal.aborted) return 'the stream ended';
      const message = parts.push(value);
      if (message) events.received(message);
    }
  } catch (error) {
    if (error instanceof RangeError) return error.message;
    return opened ? 'the stream broke off' : refusal(undefined);
  }
}
