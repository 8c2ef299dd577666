// Subscriptions as requests: JSON objects for a two-way transport, the query of
// a GET for a one-way one. Both say what this client holds, so that a server
// which still knows it sends only what changed since.

import {type Want, wantKey} from './interests';
import type {SubscribeRequest, UnsubscribeRequest} from './protocol';

/** What a client holds of a symbol: its version, and the token it is under. */
export interface Cursor {
  readonly version: number;
  readonly at: string;
}

export type CursorOf = (symbol: string) => Cursor|undefined;

/** 250 names with their versions stay well below 32 KB. */
const symbolsPerRequest = 250;
const queryBytesMax = 24 * 1024;
const streamSymbolsMax = 1000;

/**
 * Requests for `wants`, grouped because a request has one list of fields, one
 * rate and one token. `nextId` gives each its id.
 */
export function subscribeRequests(
    wants: ReadonlyMap<string, Want>, cursorOf: CursorOf,
    nextId: () => number): SubscribeRequest[] {
  const groups =
      new Map<string, {want: Want, at: string|undefined, names: string[]}>();
  for (const [symbol, want] of wants) {
    const cursor = cursorOf(symbol);
    const key = `${wantKey(want)}|${cursor?.at ?? ''}`;
    let group = groups.get(key);
    if (!group) groups.set(key, group = {want, at: cursor?.at, names: []});
    group.names.push(cursor ? `${symbol}@${cursor.version}` : symbol);
  }
  const requests: SubscribeRequest[] = [];
  for (const {want, at, names} of groups.values()) {
    for (let i = 0; i < names.length; i += symbolsPerRequest) {
      requests.push({
        type: 'subscribe',
        id: nextId(),
        symbols: names.slice(i, i + symbolsPerRequest),
        ...(at !== undefined && {at}),
        ...(want.fields && {fields: want.fields}),
        ...(want.maxRate !== undefined && {max_rate: want.maxRate}),
      });
    }
  }
  return requests;
}

/** Requests that end the subscriptions of `symbols`. */
export function unsubscribeRequests(
    symbols: readonly string[], nextId: () => number): UnsubscribeRequest[] {
  const requests: UnsubscribeRequest[] = [];
  for (let i = 0; i < symbols.length; i += symbolsPerRequest) {
    requests.push({
      type: 'unsubscribe',
      id: nextId(),
      symbols: symbols.slice(i, i + symbolsPerRequest),
    });
  }
  return requests;
}

/**
 * The query of a stream of all of `wants`, which are uniform (see Interests).
 * Symbols held under another token than the first one's start afresh.
 * Throws a RangeError if that is more than a request can say.
 */
export function streamQuery(
    wants: ReadonlyMap<string, Want>, cursorOf: CursorOf, id: number): string {
  if (wants.size > streamSymbolsMax) {
    throw new RangeError(`${wants.size} symbols: one event stream takes ` +
                         `${streamSymbolsMax}, a WebSocket more`);
  }
  let at: string|undefined;
  const names = [...wants.keys()].map((symbol) => {
    const cursor = cursorOf(symbol);
    at ??= cursor?.at;
    const name = encodeURIComponent(symbol);
    return cursor && cursor.at === at ? `${name}@${cursor.version}` : name;
  });
  const want = wants.values().next().value;
  const parts = [`id=${id}`, `symbols=${names.join()}`];
  if (at !== undefined) parts.push(`at=${encodeURIComponent(at)}`);
  if (want?.fields) {
    parts.push(`fields=${want.fields.map(encodeURIComponent).join()}`);
  }
  if (want?.maxRate !== undefined) parts.push(`max_rate=${want.maxRate}`);
  const query = parts.join('&');
  if (query.length > queryBytesMax) {
    throw new RangeError(`the request for an event stream has ${query.length}` +
                         ` bytes, ${queryBytesMax} are allowed: fewer symbols`);
  }
  return query;
}
