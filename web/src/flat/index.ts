// FlatBuffers instead of JSON (docs/protocol.md), for pages that want it; a
// bundle of its own, so that other pages do not load it.

import {sseTransport} from '../transports/sse';
import type {Transport} from '../transports/transport';

import {
  flatPollTransport, flatStreamTransport, flatWebSocketTransport,
} from './transports';

export {FlatDecoder} from './decoder';
export {FlatError} from './table';
export {flatPollTransport, flatStreamTransport, flatWebSocketTransport};

/** In order of preference. */
export const flatTransports: readonly Transport[] = [
  flatWebSocketTransport, sseTransport, flatStreamTransport, flatPollTransport,
];
