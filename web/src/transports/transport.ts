// What the client needs of a transport. One small file per transport
// implements it; none knows what the messages mean.

import type {ServerMessage} from '../protocol';

export interface CloseInfo {
  readonly reason: string;
  /** The close code, where the transport has one. */
  readonly code?: number;
}

/** Reads a message that is not JSON; throws if it is none. */
export type ReadMessage = () => readonly ServerMessage[];

/** Called by a link; nothing is called after `closed`, or after close(). */
export interface LinkEvents {
  /** Bytes can travel: a two-way link takes send() from here on. */
  opened(): void;
  /** One message: JSON objects, one per line, or what reads another form. */
  received(message: string|ReadMessage): void;
  closed(info: CloseInfo): void;
  /** What a poll asks for after an answer. */
  next(): string;
  /** It works, but should be replaced by a new one; once. */
  worn(): void;
}

export interface Link {
  /** Only on a two-way transport, after `opened`. */
  send?(text: string): void;
  /** Asks for this from now on. Where it is missing, a change reopens. */
  changed?(query: string): void;
  /** Ends it silently: no event follows. */
  close(): void;
}

/**
 * How the subscriptions travel: `both`: in messages, both ways; `query`: one
 * request, in the query of a GET; `body`: requests, in the body of a POST;
 * `poll`: in the body of a POST for every answer. All but the first are
 * one-way: what is asked for changes by asking anew.
 */
export type Way = 'both'|'query'|'body'|'poll';

export interface Transport {
  readonly name: string;
  readonly way: Way;
  /** Does this browser have it? */
  available(): boolean;
  /** Can it carry a token? Where there is one, others are left out. */
  readonly carriesToken?: boolean;
  /** `base` is the gateway's address, `query` what to ask for first. */
  open(base: URL, query: string, events: LinkEvents, token?: string): Link;
}
