// The client SDK in Node, as a program would use it, and a witness of all that
// it shows: versions, their order, and how old what passed for live was.

import {expect} from 'vitest';
import {WebSocket} from 'ws';

import {type Change, type Client, connect, type Options} from
    '../../web/src/index';

import type {Gateway} from './gateway';

// Node has it from version 22 on. To `ws` an error that nobody asked for is an
// exception; to a browser it is not, and `close` follows.
Object.assign(globalThis, {
  WebSocket: class extends WebSocket {
    constructor(...parameters: ConstructorParameters<typeof WebSocket>) {
      super(...parameters);
      this.on('error', () => undefined);
    }
  },
});

export interface Held {
  readonly v: number;
  readonly n: number|undefined;
  readonly fields: Record<string, unknown>;
}

/** An update as it was shown. */
export interface Seen {
  readonly epoch: string;
  readonly held: Held;
  readonly changed: number;
  readonly snapshot: boolean;
  readonly folded: number;
}

/** Sees all updates of a symbol that a client shows, wherever it runs. */
export class Witness {
  /** What must not have happened. */
  readonly faults: string[] = [];
  /** Updates that were told. */
  updates = 0;
  #epoch = '';
  #version = 0;
  /** By the sum of what each update stands for. */
  #ticks = 0;
  /** What was shown lately, by version. */
  readonly #shown = new Map<number, Held>();

  constructor(private readonly symbol: string) {}

  see({epoch, held, changed, snapshot, folded}: Seen): void {
    const {v, n = 0} = held;
    if (epoch !== this.#epoch) {
      this.#epoch = epoch;
      this.#version = 0;
      this.#shown.clear();
    }
    if (changed === 0 && folded === 0 && !snapshot) return;
    ++this.updates;
    if (v < this.#version) {
      this.faults.push(`version ${v} after ${this.#version}`);
    }
    // What is applied twice, or lost, is counted twice, or not.
    this.#ticks = snapshot ? n : this.#ticks + folded;
    if (this.#ticks !== n) {
      this.faults.push(`${this.#ticks} ticks were told of ${n}`);
      this.#ticks = n;
    }
    this.#version = v;
    this.#shown.set(v, held);
    if (this.#shown.size > 500) {
      for (const first of this.#shown.keys()) {
        this.#shown.delete(first);
        break;
      }
    }
  }

  /** Waits until the very state was shown that the gateway has told. */
  async agrees(gateway: Gateway): Promise<void> {
    for (let tries = 0; tries < 100; ++tries) {
      const {[this.symbol]: told} = await quotesOf(gateway, [this.symbol]);
      if (!told) continue;
      await until(() => this.#version >= told.v, `version ${told.v}`);
      const shown = this.#shown.get(told.v);
      // Another one may have folded it away.
      if (!shown) continue;
      expect(shown).toEqual(told);
      return;
    }
    throw new Error('it shows no version that the gateway tells');
  }
}

export class Follower {
  readonly client: Client;
  /** Of the first symbol. */
  readonly witness: Witness;

  constructor(
      options: Options, readonly symbols: readonly string[],
      maxRate: number|'unlimited') {
    this.witness = new Witness(this.#first);
    this.client = connect(options);
    this.client.subscribe(symbols, {maxRate}, (change) => this.#see(change));
  }

  get freshness(): string|undefined {
    return this.client.quote(this.#first)?.freshness;
  }

  get live(): boolean {
    return this.freshness === 'live' || this.freshness === 'quiet';
  }

  get ended(): boolean {
    return this.symbols.every(
        (symbol) => this.client.quote(symbol)?.freshness === 'ended');
  }

  held(symbol: string): Held {
    const quote = this.client.quote(symbol);
    return {
      v: quote?.version ?? 0,
      n: quote?.ticks,
      fields: Object.fromEntries(quote?.fields ?? []),
    };
  }

  get #first(): string {
    return this.symbols[0] ?? '';
  }

  #see({quote: {symbol}, changed, snapshot, folded}: Change): void {
    if (symbol !== this.#first) return;
    this.witness.see({
      epoch: this.client.epoch, held: this.held(symbol),
      changed: changed.length, snapshot, folded,
    });
  }
}

/** What the gateway says that there is now. */
export async function quotesOf(
    gateway: Gateway, symbols: readonly string[]): Promise<
    Record<string, Held>> {
  const answer =
      await fetch(`${gateway.url}v1/quotes?symbols=${symbols.join()}`);
  const {quotes} = await answer.json() as
      {quotes: Record<string, Record<string, unknown>>};
  return Object.fromEntries(Object.entries(quotes).map(([symbol, quote]) => {
    const {v, n, t, e, state, snapshot, quiet, source, ...fields} = quote;
    return [symbol, {v, n, fields} as Held];
  }));
}

/** Looks every 5 ms; fails with `what` if it is not true in time. */
export async function until(
    condition: () => boolean, what: string, patienceMs = 10_000):
    Promise<number> {
  const began = performance.now();
  while (!condition()) {
    if (performance.now() - began > patienceMs) {
      throw new Error(`not in ${patienceMs} ms: ${what}`);
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  return performance.now() - began;
}
