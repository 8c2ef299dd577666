// What the widgets of a page want, merged into what goes over the wire: one
// subscription per symbol, with all fields that anybody asked for and the
// highest rate.

import type {Rate} from './protocol';

/**
 * `fields` undefined: all; `maxRate` undefined: the server's default. A topic
 * has no fields, but a `history`.
 */
export interface Want {
  readonly fields: readonly string[]|undefined;
  readonly maxRate: Rate|undefined;
  readonly history?: number|undefined;
}

/** The server's rate where a client names none (docs/protocol.md). */
const defaultRate = 10;

function perSecond(rate: Rate|undefined): number {
  return rate === 'unlimited' ? Infinity : rate ?? defaultRate;
}

/** The union of the fields, sorted, and the highest rate. */
export function mergeWants(wants: Iterable<Want>): Want {
  const fields = new Set<string>();
  let all = false;
  let highest: Want|undefined;
  let history: number|undefined;
  for (const want of wants) {
    if (want.fields === undefined) all = true;
    if (want.history !== undefined) {
      history = Math.max(history ?? 0, want.history);
    }
    for (const field of want.fields ?? []) fields.add(field);
    if (highest === undefined ||
        perSecond(want.maxRate) > perSecond(highest.maxRate)) {
      highest = want;
    }
  }
  // Sorted, so that the same set is the same subscription to the server.
  return {
    fields: all ? undefined : [...fields].sort(),
    maxRate: highest?.maxRate,
    history,
  };
}

/** Equal wants have equal keys. */
export function wantKey(want: Want): string {
  const {fields, maxRate, history} = want;
  return `${fields?.join() ?? '*'}@${maxRate ?? ''}@${history ?? ''}`;
}

/** Who wants what: T is a widget's own record. */
export class Interests<T extends Want> {
  readonly #bySymbol = new Map<string, Set<T>>();

  add(symbol: string, widget: T): void {
    const widgets = this.#bySymbol.get(symbol) ?? new Set();
    this.#bySymbol.set(symbol, widgets.add(widget));
  }

  remove(symbol: string, widget: T): void {
    const widgets = this.#bySymbol.get(symbol);
    widgets?.delete(widget);
    if (widgets?.size === 0) this.#bySymbol.delete(symbol);
  }

  /** A copy: listeners may subscribe and unsubscribe. */
  of(symbol: string): readonly T[] {
    return [...this.#bySymbol.get(symbol) ?? []];
  }

  has(symbol: string): boolean {
    return this.#bySymbol.has(symbol);
  }

  /** One merged want per symbol. */
  perSymbol(): Map<string, Want> {
    return new Map([...this.#bySymbol].map(
        ([symbol, widgets]) => [symbol, mergeWants(widgets)]));
  }
}

/** One want per symbol out of what several pages want. */
export function mergeAll(
    all: readonly ReadonlyMap<string, Want>[]): Map<string, Want> {
  const bySymbol = new Map<string, Want[]>();
  for (const wants of all) {
    for (const [symbol, want] of wants) {
      bySymbol.set(symbol, [...bySymbol.get(symbol) ?? [], want]);
    }
  }
  return new Map(
      [...bySymbol].map(([symbol, wants]) => [symbol, mergeWants(wants)]));
}

/**
 * The same want for every symbol, for what takes only one request: that has
 * one list of fields and one rate.
 */
export function uniform(wants: ReadonlyMap<string, Want>): Map<string, Want> {
  const want = mergeWants(wants.values());
  return new Map([...wants.keys()].map((symbol) => [symbol, want]));
}

/** Do both say the same? */
export function sameWants(
    one: ReadonlyMap<string, Want>, other: ReadonlyMap<string, Want>): boolean {
  return one.size === other.size && newWants(one, other).size === 0;
}

/** Those of `wants` that `before` did not have, or had otherwise. */
export function newWants(
    before: ReadonlyMap<string, Want>,
    wants: ReadonlyMap<string, Want>): Map<string, Want> {
  return new Map([...wants].filter(([symbol, want]) => {
    const known = before.get(symbol);
    return known === undefined || wantKey(known) !== wantKey(want);
  }));
}
