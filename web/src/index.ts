export {
  Client, connect, type ClientError, type FeedMap, type Listener,
  type SubscribeOptions, type Subscription, type TopicListener,
  type TopicOptions,
} from './client';
export type {Occurrence} from './journal';
export {
  defaultTransports, type Options, type TransportName,
} from './options';
export type {
  Description, FeedState, Rate, TopicMessage, Value,
} from './protocol';
export type {Change, Freshness, Quote, Source} from './quote';
export type {ServerOrder} from './servers';
export type {ConnectionState, Status} from './state';
export {pollTransport} from './transports/poll';
export {sseTransport} from './transports/sse';
export {streamTransport} from './transports/stream';
export type {
  CloseInfo, Link, LinkEvents, Transport, Way,
} from './transports/transport';
export type {TopicNews} from './topics';
export {webSocketTransport} from './transports/websocket';
