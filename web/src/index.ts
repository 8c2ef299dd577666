export {
  Client, connect, defaultTransports, type ClientError, type FeedMap,
  type Listener, type Options, type SubscribeOptions, type Subscription,
  type TransportName,
} from './client';
export type {ConnectionState, Status} from './connector';
export type {Description, FeedState, Rate, Value} from './protocol';
export type {Change, Freshness, Quote, Source} from './quote';
export {pollTransport} from './transports/poll';
export {sseTransport} from './transports/sse';
export {streamTransport} from './transports/stream';
export type {
  CloseInfo, Link, LinkEvents, Transport, Way,
} from './transports/transport';
export {webSocketTransport} from './transports/websocket';
