// The transports that bring FlatBuffers instead of JSON. Requests are JSON in
// either. Server-sent events are text: they have no such sister.

import type {SubscribeRequest} from '../protocol';
import {type Answer, type Post, postByFetch} from '../transports/http';
import {PollLink, pollTransport} from '../transports/poll';
import {fetchStreams, openStream, streamTransport} from '../transports/stream';
import type {ReadMessage, Transport} from '../transports/transport';
import {openSocket, webSocketTransport} from '../transports/websocket';

import {FlatDecoder} from './decoder';
import {Frames} from './frames';

export const flatWebSocketTransport: Transport = {
  ...webSocketTransport,

  open(base, _query, events, token) {
    const decoder = new FlatDecoder();
    // A text message is none, as a binary one is none of JSON.
    const form = (data: unknown) => data instanceof ArrayBuffer ?
        () => decoder.decode(new Uint8Array(data)) : undefined;
    return openSocket(base, 'streamhub.v1.fb', form, events, token);
  },
};

export const flatStreamTransport: Transport = {
  ...streamTransport,
  available: fetchStreams,

  open(base, query, events, token) {
    const decoder = new FlatDecoder();
    const frames = new Frames();
    const push = (bytes: Uint8Array): ReadMessage|'' => {
      const whole = frames.push(bytes);
      return whole.length > 0 ? () => decoder.decode(whole) : '';
    };
    const url = new URL('v1/stream?encoding=fb', base);
    return openStream(url, query, {push}, events, token);
  },
};

export const flatPollTransport: Transport = {
  ...pollTransport,
  available: () => typeof fetch === 'function',

  open(base, query, events, token) {
    const decoder = new FlatDecoder();
    const read = async (response: Response): Promise<Answer> => {
      const {status, ok} = response;
      if (!ok) return {status, text: await response.text()};
      const bytes = new Uint8Array(await response.arrayBuffer());
      return {status, text: '', message: () => decoder.decode(bytes)};
    };
    const post: Post = (url, body, done, token) => postByFetch(
        url, decoder.greeted ? body : withoutTokens(body), done, token, read);
    const url = new URL('v1/poll?encoding=fb', base);
    return new PollLink(url.href, post, query, events, token);
  },
};

/**
 * The same requests of a client that holds nothing: only such a one is told
 * the numbers of fields and symbols.
 */
function withoutTokens(body: string): string {
  const requests = JSON.parse(body) as SubscribeRequest[];
  return JSON.stringify(requests.map(({at: _, ...others}) => others));
}
