export {
  Client, connect, type ClientError, type FeedMap, type Listener,
  type SubscribeOptions, type Subscription,
} from './client';
export type {Occurrence} from './journal';
export {
  defaultTransports, type Options, type TransportName,
} from './options';
export type {Description, FeedState, Rate, Value} from './protocol';
export type {Change, Freshness, Quote, Source} from './quote';
export type {ServerOrder} from './servers';
export type {ConnectionState, Status} from './state';
export {pollTransport} from './transports/poll';
export {sseTransport} from './transports/sse';
export {streamTransport} from './transports/stream';
export type {
  CloseInfo, Link, LinkEvents, Transport, Way,
} from './transports/transport';
export {webSocketTransport} from './transports/websocket';
