// Subscriptions as requests: JSON objects for messages and bodies, the query of
// a GET for server-sent events. All say what this client holds, so that a
// server which still knows it sends only what changed since.

import type {Newest} from './clock';
import {type Want, wantKey} from './interests';
import type {
  PingRequest, SubscribeRequest, UnsubscribeRequest,
} from './protocol';
import {scopeOf} from './token';

/** What a client holds of a name: its version, and the token it is under. */
export interface Cursor {
  /** 0, in polls only: it holds nothing, but was told about the symbol. */
  readonly version: number;
  /** A topic's counts without. */
  readonly at?: string|undefined;
  /** In polls only: it believes the symbol to be quiet. */
  readonly quiet?: boolean|'withdrawn';
}

/** `history` is what is wanted of a topic. */
export type CursorOf =
    (symbol: string, history: number|undefined) => Cursor|undefined;

/** 250 names with their versions stay well below 32 KB. */
const symbolsPerRequest = 250;
const queryBytesMax = 24 * 1024;
/** A server takes 64 KB; the versions of later polls may have more digits. */
const bodyBytesMax = 60 * 1024;
/** The most symbols of one GET, and of all requests of a poll. */
export const symbolsMax = 1000;

interface Group {
  readonly key: string;
  readonly want: Want;
  readonly names: string[];
  at: string|undefined;
}

/**
 * Requests for `wants`, grouped because a request has one list of fields, one
 * rate and one token. `nextId` gives each its id.
 */
export function subscribeRequests(
    wants: ReadonlyMap<string, Want>, cursorOf: CursorOf,
    nextId: () => number): SubscribeRequest[] {
  const groups: Group[] = [];
  for (const [symbol, want] of wants) {
    const key = wantKey(want);
    const cursor = cursorOf(symbol, want.history);
    let group = groups.find(
        (each) => each.key === key && canSay(each.at, cursor?.at));
    if (!group) groups.push(group = {key, want, names: [], at: undefined});
    group.at ??= cursor?.at;
    group.names.push(withCursor(symbol, cursor));
  }
  const requests: SubscribeRequest[] = [];
  for (const {want, at, names} of groups) {
    for (let i = 0; i < names.length; i += symbolsPerRequest) {
      requests.push({
        type: 'subscribe',
        id: nextId(),
        symbols: names.slice(i, i + symbolsPerRequest),
        at,
        // A topic has none, which is no list of fields.
        fields: want.fields?.length ? want.fields : undefined,
        history: want.history,
        max_rate: want.maxRate,
      });
    }
  }
  return requests;
}

/** One token for both; a symbol of which nothing is held needs none. */
function canSay(at: string|undefined, other: string|undefined): boolean {
  return at === undefined || other === undefined ||
      scopeOf(at) === scopeOf(other);
}

function withCursor(name: string, cursor: Cursor|undefined): string {
  return cursor ? `${name}@${cursor.version}${cursor.quiet ? 'q' : ''}` : name;
}

/** The symbol of a name with or without a cursor. */
export function symbolOf(name: string): string {
  return name.replace(/@\d+q?$/, '');
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
 * Answered by a pong. The newest server time, and for how long we have had it,
 * tell the gateway how long its messages take.
 */
export function pingRequest(id: number, newest: Newest|undefined): PingRequest {
  return {type: 'ping', id, time: newest?.timeUs, held_us: newest?.heldUs};
}

/**
 * The query of a stream of all of `wants`, which are uniform (see Interests).
 * Symbols held under another token than the first one's start afresh.
 * Throws a RangeError if that is more than a request can say.
 */
export function streamQuery(
    wants: ReadonlyMap<string, Want>, cursorOf: CursorOf, id: number): string {
  refuseMore(wants.size, symbolsMax, 'symbols');
  let at: string|undefined;
  const names = [...wants].map(([symbol, {history}]) => {
    const cursor = cursorOf(symbol, history);
    at ??= cursor?.at;
    const name = encodeURIComponent(symbol);
    return withCursor(name, canSay(at, cursor?.at) ? cursor : undefined);
  });
  const want = wants.values().next().value;
  const parts = [`id=${id}`, `symbols=${names.join()}`];
  if (at !== undefined) parts.push(`at=${encodeURIComponent(at)}`);
  if (want?.history !== undefined) parts.push(`history=${want.history}`);
  if (want?.fields?.length) {
    parts.push(`fields=${want.fields.map(encodeURIComponent).join()}`);
  }
  if (want?.maxRate !== undefined) parts.push(`max_rate=${want.maxRate}`);
  const query = parts.join('&');
  refuseMore(query.length, queryBytesMax, 'bytes');
  return query;
}

/** Throws a RangeError if it is more than a POST may say. */
export function requestBody(requests: readonly SubscribeRequest[]): string {
  const body = JSON.stringify(requests);
  const {length} = new TextEncoder().encode(body);
  refuseMore(length, bodyBytesMax, 'bytes');
  return body;
}

/** Throws a RangeError if `count` is more than `limit`. */
export function refuseMore(count: number, limit: number, what: string): void {
  if (count <= limit) return;
  throw new RangeError(`${count} ${what}, not ${limit}`);
}
