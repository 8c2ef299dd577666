// How an update changes the values of a quote.

import type {HeldQuote} from './held_quote';
import type {WireQuote} from './protocol';

/** The numbers of a quote on the wire that are not fields; no flag is one. */
const headerKeys = new Set(['v', 'n', 't', 'e']);

/**
 * Takes the fields of `wire`, of version `v`, all there are if it is a
 * `snapshot`. Where another connection was faster, the newer value stays, also
 * of a field that was not held for a while. Returns the names of the fields
 * that changed.
 */
export function mergeFields(
    quote: HeldQuote, wire: WireQuote, snapshot: boolean,
    v: number): string[] {
  const {fields: before, newest} = quote;
  if (snapshot) quote.fields = new Map();
  const changed: string[] = [];
  for (const [name, said] of Object.entries(wire)) {
    if (headerKeys.has(name) || typeof said === 'boolean') continue;
    let known = newest.get(name);
    if (!known || known.v <= v) newest.set(name, known = {v, value: said});
    const {value} = known;
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
    quote.quiet = !!wire['withdrawn'] && 'withdrawn';
  }
  const {n, t, e, quiet} = wire;
  if (typeof n === 'number') quote.ticks = n;
  if (typeof t === 'number') quote.receivedUs = t;
  if (typeof e === 'number') quote.venueUs = e;
  if (typeof quiet === 'boolean') quote.quiet = quiet;
}
