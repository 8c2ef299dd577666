// The messages of docs/protocol.md, as far as this client reads them. Keys and
// types that are not named here are ignored: version 1 only grows.

/** A field's value; `null` is *empty* (nothing traded yet, a side is gone). */
export type Value = number | string | null;

/** Updates per second and symbol, or every change as soon as possible. */
export type Rate = number | 'unlimited';

/** What a feed says of itself; see "The three axes of state". */
export interface FeedState {
  /** live, stale, down or ended. */
  readonly status: string;
  /** realtime, delayed, replay or simulated. */
  readonly source: string;
  readonly delay_s?: number;
  readonly stale_after_ms?: number;
  readonly quiet_after_ms?: number;
}

/** The description of a symbol, from its ack. */
export interface Description {
  readonly decimals?: number;
  readonly quantity_decimals?: number;
  readonly currency?: string;
  readonly pip?: number;
  readonly name?: string;
  readonly feed?: string;
  /** No feed has brought this symbol yet. */
  readonly unknown?: boolean;
  readonly topic?: boolean;
  /** Of a topic: so many messages. */
  readonly keeps?: number;
}

export type WireQuote = Readonly<Record<string, Value | boolean>>;

export interface Hello {
  readonly type: 'hello';
  readonly version: number;
  readonly market?: string;
  readonly epoch: string;
  readonly time: number;
  readonly heartbeat_ms: number;
  readonly feeds: Readonly<Record<string, FeedState>>;
}

export interface Feeds {
  readonly type: 'feed';
  readonly time?: number;
  readonly feeds: Readonly<Record<string, FeedState>>;
}

export interface Ack {
  readonly type: 'ack';
  readonly id?: number;
  readonly at?: string;
  readonly max_rate?: Rate;
  readonly symbols?: Readonly<Record<string, Description>>;
  readonly more?: boolean;
  /** Of what was published. */
  readonly seq?: number;
  readonly time?: number;
}

export interface Synced {
  readonly type: 'synced';
  readonly id?: number;
  readonly time?: number;
}

export interface Update {
  readonly type: 'update';
  readonly epoch: string;
  readonly time: number;
  readonly quotes: Readonly<Record<string, WireQuote>>;
}

export interface TopicMessage {
  /** Grows by one with every message of its topic. */
  readonly seq: number;
  /** When the gateway got it, microseconds since 1970. */
  readonly time: number;
  readonly data: unknown;
}

export interface WireTopic {
  /** The sequence that the client now holds. */
  readonly v: number;
  /** Messages that are gone; null: it is not known how many. */
  readonly lost?: number|null;
  readonly messages: readonly TopicMessage[];
}

export interface Messages {
  readonly type: 'messages';
  readonly time: number;
  readonly topics: Readonly<Record<string, WireTopic>>;
}

export interface Heartbeat {
  readonly type: 'heartbeat' | 'pong';
  readonly time: number;
}

export interface Closing {
  readonly type: 'closing';
  readonly code: number;
  readonly reason: string;
  readonly retry: boolean;
  readonly after_ms?: number;
  readonly time?: number;
}

export interface ProtocolError {
  readonly type: 'error';
  readonly id?: number;
  readonly code: string;
  readonly reason: string;
  readonly key?: string;
  readonly time?: number;
}

export type ServerMessage =
    Hello|Feeds|Ack|Synced|Update|Messages|Heartbeat|Closing|ProtocolError;

/** A subscribe request, as sent over a two-way transport. */
export interface SubscribeRequest {
  readonly type: 'subscribe';
  readonly id: number;
  readonly symbols: readonly string[];
  readonly at?: string|undefined;
  readonly fields?: readonly string[]|undefined;
  readonly history?: number|undefined;
  readonly max_rate?: Rate|undefined;
}

export interface UnsubscribeRequest {
  readonly type: 'unsubscribe';
  readonly id: number;
  readonly symbols: readonly string[];
}

export interface PingRequest {
  readonly type: 'ping';
  readonly id: number;
  readonly time?: number|undefined;
  readonly held_us?: number|undefined;
}

/** The objects of one message, one per line; throws on malformed JSON. */
export function parseMessage(text: string): ServerMessage[] {
  return text.split('\n')
      .filter((line) => line.trim() !== '')
      .map((line) => JSON.parse(line) as ServerMessage);
}

/** Says what is wrong with a symbol's name, or undefined. */
export function symbolFault(symbol: string): string|undefined {
  const bytes = new TextEncoder().encode(symbol).length;
  if (bytes < 1 || bytes > 64 || /[\p{Cc},@]/u.test(symbol)) {
    return 'a symbol is 1 to 64 bytes, no control character, comma or @';
  }
  return undefined;
}
