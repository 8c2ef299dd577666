// A client through the faults of many networks, from a seed. Whatever happens,
// no value goes back, no old price looks live, and when the faults are over the
// client holds what the gateway has.

import {afterEach, beforeEach, expect, test, vi} from 'vitest';

import {type Client, connect} from '../src/client';
import type {Change} from '../src/quote';

import {FakeGateway, type Network} from './fake_gateway';

const symbols = ['A', 'B', 'C'];
const stepMs = 50;
/**
 * Stale after 5 s without a new server time. A latency that does not change is
 * no fault that a client can see: the longest one comes on top, and two steps.
 */
const honestMs = 5000 + 1500 + 2 * stepMs + 250;

let client: Client|undefined;

beforeEach(() => vi.useFakeTimers());

afterEach(() => {
  client?.close();
  vi.useRealTimers();
});

/** Mulberry32: the same numbers for the same seed. */
function randomOf(seed: number): () => number {
  return () => {
    seed = seed + 0x6d2b79f5 | 0;
    let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 4294967296;
  };
}

class Run {
  readonly gateway = new FakeGateway();
  readonly #random: () => number;
  /** What the gateway had, to know how old a price is. */
  readonly #past: {at: number, epoch: string, bids: Map<string, number>}[] = [];
  readonly #shown = new Map<string, number>();
  readonly #widgets: (() => void)[] = [];
  readonly #faults: string[] = [];
  #restarts = 0;
  faulty = true;

  constructor(private readonly seed: number) {
    this.#random = randomOf(seed);
    this.gateway.network = () => this.faulty ? this.#network() : {};
    client = connect({
      url: 'http://gateway/',
      transports: [
        this.gateway.transport('websocket', 'both'),
        this.gateway.transport('sse', 'query'),
        this.gateway.transport('stream', 'body'),
      ],
      random: this.#random,
    });
    this.#subscribe(symbols, ['bid']);
  }

  step(): void {
    const {gateway} = this;
    for (const symbol of symbols) {
      if (this.#maybe(0.3)) {
        gateway.tick(symbol, this.#maybe(0.5) ? ['bid'] : ['ask', 'bid']);
      }
    }
    if (this.faulty) {
      if (this.#maybe(0.002)) gateway.restart(`e${++this.#restarts + 1}`);
      if (this.#maybe(0.005)) gateway.down = !gateway.down;
      if (this.#maybe(0.01)) {
        this.#subscribe([this.#pick(symbols)], [this.#pick(['bid', 'ask'])]);
      }
      if (this.#maybe(0.01) && this.#widgets.length > 0) {
        this.#widgets.shift()?.();
      }
    }
    const bids = new Map([...gateway.quotes].map(
        ([symbol, {fields}]) => [symbol, fields['bid'] ?? 0]));
    this.#past.push({at: Date.now(), epoch: gateway.epoch, bids});
    vi.advanceTimersByTime(stepMs);
    this.#expectHonest();
  }

  expectRight(): void {
    expect(this.#faults).toEqual([]);
    for (const symbol of symbols) {
      const quote = client?.quote(symbol);
      expect(quote?.freshness, this.#here).toBe('live');
      const held = Object.fromEntries(quote?.fields ?? []);
      const {fields} = this.gateway.quotes.get(symbol) ?? {};
      expect(fields, this.#here).toMatchObject(held);
      expect(held['bid'], this.#here).toBeDefined();
    }
  }

  get #here(): string {
    return `seed ${this.seed} at ${Date.now()}`;
  }

  #expectHonest(): void {
    const limit = Date.now() - honestMs;
    while ((this.#past[1]?.at ?? Infinity) <= limit) this.#past.shift();
    const [then] = this.#past;
    if (!then || then.at > limit) return;
    for (const symbol of symbols) {
      const quote = client?.quote(symbol);
      if (quote?.freshness !== 'live') continue;
      // Of another run of the market nothing can be said.
      if (client?.epoch !== then.epoch) continue;
      expect(quote.get('bid'), `${this.#here}: ${symbol}`)
          .toBeGreaterThanOrEqual(then.bids.get(symbol) ?? 0);
    }
  }

  #subscribe(wanted: readonly string[], fields: readonly string[]): void {
    const subscription =
        client?.subscribe(wanted, {fields}, (each) => this.#onChange(each));
    if (wanted.length === 1) {
      this.#widgets.push(() => subscription?.unsubscribe());
    }
  }

  /** Within a run of the market no value goes back. */
  #onChange({quote}: Change): void {
    for (const [field, value] of quote.fields) {
      const key = `${client?.epoch} ${quote.symbol} ${field}`;
      const shown = this.#shown.get(key) ?? 0;
      if (quote.freshness === 'live') {
        if (Number(value) < shown) this.#faults.push(`${this.#here}: ${key}`);
        this.#shown.set(key, Number(value));
      }
    }
  }

  #network(): Network {
    const kind = this.#random();
    const later = Math.floor(this.#random() * 20_000);
    const latencyMs = this.#maybe(0.3) ? Math.floor(this.#random() * 1500) : 0;
    if (kind < 0.2) return {refused: true, latencyMs};
    if (kind < 0.4) return {silentAfterMs: later, latencyMs};
    if (kind < 0.6) return {cutAfterMs: later + 1, latencyMs};
    if (kind < 0.7) return {gatherMs: 500 + later / 10};
    return {latencyMs};
  }

  #maybe(chance: number): boolean {
    return this.#random() < chance;
  }

  #pick<T>(list: readonly T[]): T {
    return list[Math.floor(this.#random() * list.length)] as T;
  }
}

/** Not a fake one: lets others run. */
const realImmediate = setImmediate;

test.each(Array.from({length: 30}, (_, i) => i + 1))(
    'is honest all the way and right at the end, seed %i', async (seed) => {
      await new Promise((resolve) => realImmediate(resolve));
      const run = new Run(seed);
      for (let i = 0; i < 1200; ++i) run.step();
      run.faulty = false;
      run.gateway.down = false;
      // The worst: a link that looks well and is silent, then the longest
      // pause, then a race.
      for (let i = 0; i < 40_000 / stepMs; ++i) run.step();
      run.gateway.network = () => ({});
      vi.advanceTimersByTime(2000);
      run.expectRight();
    });
