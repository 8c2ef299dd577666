// Watches a client in a simulation: no value goes back, and no old price looks
// live.

import {expect} from 'vitest';

import type {
  Client, SubscribeOptions, Subscription, TopicNews,
} from '../src/index';

import type {FakeGateway, Said} from './fake_gateway';

/**
 * Stale after 5 s without a new server time. A latency that does not change is
 * no fault that a client can see: the longest one comes on top, and some steps.
 */
const honestMs = 5000 + 1500 + 350;

/** Mulberry32: the same numbers for the same seed. */
export function randomOf(seed: number): () => number {
  return () => {
    seed = seed + 0x6d2b79f5 | 0;
    let t = Math.imul(seed ^ seed >>> 15, 1 | seed);
    t = t + Math.imul(t ^ t >>> 7, 61 | t) ^ t;
    return ((t ^ t >>> 14) >>> 0) / 4294967296;
  };
}

/** What a gateway had, to know how old a price is. */
export class Past {
  readonly #states: {at: number, epoch: string, bids: Map<string, number>}[] =
      [];

  constructor(private readonly gateway: FakeGateway) {}

  /** To be called before every step. */
  keep(): void {
    const {epoch, quotes} = this.gateway;
    const bids = new Map([...quotes].map(
        ([symbol, {fields}]) => [symbol, fields['bid'] ?? 0]));
    this.#states.push({at: Date.now(), epoch, bids});
    const limit = Date.now() - honestMs;
    while ((this.#states[1]?.at ?? Infinity) <= limit) this.#states.shift();
  }

  /** The least that a price may be that looks live now. */
  least(epoch: string, symbol: string): number {
    const [then] = this.#states;
    // Of another run of the market nothing can be said.
    if (!then || then.at > Date.now() - honestMs) return 0;
    return then.epoch === epoch ? then.bids.get(symbol) ?? 0 : 0;
  }
}

export class Witness {
  readonly faults: string[] = [];
  readonly #shown = new Map<string, number>();
  readonly #symbols = new Set<string>();
  /** The last that each listener heard. */
  readonly #heard = new Map<Subscription, Said|undefined>();
  readonly #topics = new Map<Subscription, string>();

  constructor(readonly client: Client, private readonly past: Past) {}

  subscribe(
      symbols: readonly string[], options: SubscribeOptions): Subscription {
    for (const symbol of symbols) this.#symbols.add(symbol);
    return this.client.subscribe(symbols, options, ({quote}) => {
      const {symbol, freshness, fields} = quote;
      if (freshness !== 'live') return;
      for (const [field, value] of fields) {
        const key = `${this.client.epoch} ${symbol} ${field}`;
        const shown = this.#shown.get(key) ?? 0;
        if (Number(value) < shown) {
          this.faults.push(`${Date.now()}: ${key} from ${shown} to ${value}`);
        }
        this.#shown.set(key, Number(value));
      }
    });
  }

  /** What a listener of a topic hears has to be all there is, in order. */
  hear(topic: string, history: number, gateway: FakeGateway): Subscription {
    let last: Said|undefined;
    /** What was told of since the last message. */
    let missed: number|null = 0;
    const wrong = (news: TopicNews, what: string) => this.faults.push(
        `${Date.now()}: ${topic} ${what} after ${JSON.stringify(last)}: ${
            JSON.stringify(news)}`);
    const told = this.client.topic(topic, {history}, (news) => {
      let lost = news.lost === null || missed === null ?
          null : news.lost + missed;
      const newest = news.messages.at(-1)?.data as Said|undefined;
      // What a gateway had before it was restarted nobody can get any more.
      if (!last && lost === 0 && newest?.run === gateway.epoch &&
          news.messages.length < Math.min(history, newest.n)) {
        wrong(news, 'less than its history');
      }
      for (const {data} of news.messages) {
        const {run, n} = data as Said;
        if (last && run !== last.run) {
          if (lost === 0) wrong(news, 'another run that is not told');
        } else if (last && n !== last.n + 1 + (lost ?? 0)) {
          wrong(news, 'out of order');
        } else if (lost !== 0 && !gateway.toldLost && (last || lost)) {
          wrong(news, 'lost');
        }
        last = {run, n};
        lost = 0;
      }
      missed = lost;
      this.#heard.set(told, last);
    });
    this.#heard.set(told, undefined);
    this.#topics.set(told, topic);
    return {
      unsubscribe: () => {
        told.unsubscribe();
        this.#heard.delete(told);
      },
    };
  }

  /** To be called after every step. */
  look(): void {
    for (const symbol of this.#symbols) {
      const quote = this.client.quote(symbol);
      if (quote?.freshness !== 'live') continue;
      const least = this.past.least(this.client.epoch, symbol);
      const bid = quote.get('bid');
      if (bid !== undefined && Number(bid) < least) {
        this.faults.push(
            `${Date.now()}: ${symbol} ${bid} is live, not ${least}`);
      }
    }
  }

  expectRight(gateway: FakeGateway): void {
    expect(this.faults).toEqual([]);
    for (const [subscription, last] of this.#heard) {
      const n = gateway.topics.get(this.#topics.get(subscription) ?? '')?.count;
      expect(last).toEqual({run: gateway.epoch, n});
    }
    for (const symbol of this.#symbols) {
      const quote = this.client.quote(symbol);
      if (!quote) continue;  // wanted no more
      const held = Object.fromEntries(quote.fields);
      expect(gateway.quotes.get(symbol)?.fields).toMatchObject(held);
      expect(Object.keys(held)).not.toEqual([]);
      expect(quote.freshness).toBe('live');
    }
  }
}
