// How an update changes the values of a quote.

import type {HeldQuote} from './held_quote';
import type {WireQuote} from './protocol';

/** The keys of a quote on the wire that are not fields. */
const headerKeys = new Set(['v', 'snapshot', 'n', 't', 'e', 'quiet']);
const none: ReadonlySet<string> = new Set();

/**
 * Takes the fields of `wire`, all there are if it is a `snapshot`. If it is
 * `older` than what is held, because another connection was faster, the values
 * that are newer stay. Returns the names of the fields that changed.
 */
export function mergeFields(
    quote: HeldQuote, wire: WireQuote, snapshot: boolean,
    older: boolean): string[] {
  const before = quote.fields;
  if (!older) {
    quote.newer = none;
  } else if (quote.cursor === quote.version) {
    quote.newer = new Set(before.keys());
  }
  if (snapshot) quote.fields = new Map();
  const changed: string[] = [];
  for (const [name, said] of Object.entries(wire)) {
    if (headerKeys.has(name) || typeof said === 'boolean') continue;
    const value = quote.newer.has(name) ? before.get(name) ?? said : said;
    if (before.get(name) !== value) changed.push(name);
    quote.fields.set(name, value);
  }
  for (const name of before.keys()) {
    if (!quote.fields.has(name)) changed.push(name);
  }
  return changed;
}

/** Takes what is no field: ticks, times, silence. */
export function readHeader(
    quote: HeldQuote, wire: WireQuote, snapshot: boolean): void {
  if (snapshot) {
    quote.ticks = quote.receivedUs = quote.venueUs = undefined;
    quote.quiet = false;
  }
  const {n, t, e, quiet} = wire;
  if (typeof n === 'number') quote.ticks = n;
  if (typeof t === 'number') quote.receivedUs = t;
  if (typeof e === 'number') quote.venueUs = e;
  if (typeof quiet === 'boolean') quote.quiet = quiet;
}
