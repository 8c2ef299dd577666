// Clients through the faults of many networks, from a seed. Whatever happens, no
// value goes back, no old price looks live, and when the faults are over they
// hold what the gateway has.

import {afterEach, beforeEach, expect, test, vi} from 'vitest';

import {connect} from '../src/client';

import {FakeBrowser, type Tab} from './fake_browser';
import {FakeGateway, type Network} from './fake_gateway';
import {Past, randomOf, Witness} from './witness';

const symbols = ['A', 'B', 'C'];
const topic = 'chat/desk';
const stepMs = 50;
/** Not a fake one: lets others run. */
const realImmediate = setImmediate;

let closeAll: () => void;

beforeEach(async () => {
  await new Promise((resolve) => realImmediate(resolve));
  vi.useFakeTimers();
});

afterEach(() => {
  closeAll();
  vi.unstubAllGlobals();
  vi.useRealTimers();
});

interface Page {
  readonly tab: Tab|undefined;
  readonly witness: Witness;
  /** What was subscribed to on top. */
  readonly widgets: (() => void)[];
}

class Run {
  readonly gateway = new FakeGateway();
  readonly #past = new Past(this.gateway);
  readonly #random: () => number;
  #pages: Page[] = [];
  #restarts = 0;
  #faulty = true;

  /** With a `browser`, pages are tabs that come, go and crash. */
  constructor(seed: number, private readonly browser?: FakeBrowser) {
    this.#random = randomOf(seed);
    this.gateway.network = () => this.#faulty ? this.#network() : {};
    closeAll = () => {
      for (const {witness} of this.#pages) witness.client.close();
    };
    this.open();
  }

  open(): void {
    const make = () => connect({
      url: 'http://gateway/',
      transports: [
        this.gateway.transport('websocket', 'both'),
        this.gateway.transport('sse', 'query'),
        this.gateway.transport('stream', 'body'),
      ],
      random: this.#random,
    });
    const [tab, client] = this.browser?.tab(make) ?? [undefined, make()];
    const witness = new Witness(client, this.#past);
    witness.subscribe(symbols, {fields: ['bid']});
    // Also a tab leads that does not follow it.
    if (!this.browser || this.#maybe(0.6)) {
      witness.hear(topic, this.#pick([0, 0, 5, 20]), this.gateway);
    }
    this.#pages.push({tab, witness, widgets: []});
  }

  /** What happens before time goes on. */
  act(): void {
    for (const symbol of symbols) {
      if (!this.#maybe(0.3)) continue;
      this.gateway.tick(symbol, this.#maybe(0.5) ? ['bid'] : ['ask', 'bid']);
    }
    if (this.#maybe(0.2)) this.gateway.say(topic);
    if (this.#faulty) {
      if (this.#maybe(0.002)) this.gateway.restart(`e${++this.#restarts + 1}`);
      if (this.#maybe(0.005)) this.gateway.down = !this.gateway.down;
      this.#changeWants();
      if (this.browser) this.#changeTabs(this.browser);
    }
    this.#past.keep();
  }

  look(): void {
    for (const {witness} of this.#pages) witness.look();
  }

  endFaults(): void {
    this.#faulty = false;
    this.gateway.down = false;
  }

  expectRight(): void {
    for (const {witness} of this.#pages) witness.expectRight(this.gateway);
    if (this.browser) expect(this.gateway.connections.size).toBe(1);
  }

  #changeWants(): void {
    const {witness, widgets} = this.#pick(this.#pages);
    if (this.#maybe(0.01)) {
      const fields = [this.#pick(['bid', 'ask'])];
      const widget = witness.subscribe([this.#pick(symbols)], {fields});
      widgets.push(() => widget.unsubscribe());
    }
    if (this.#maybe(0.01)) {
      const {unsubscribe} =
          witness.hear(topic, this.#pick([0, 3, 40]), this.gateway);
      widgets.push(unsubscribe);
    }
    if (this.#maybe(0.02)) widgets.shift()?.();
  }

  #changeTabs(browser: FakeBrowser): void {
    if (this.#maybe(0.03) && this.#pages.length < 4) this.open();
    if (this.#pages.length === 1 || !this.#maybe(0.03)) return;
    const page = this.#pick(this.#pages);
    this.#pages = this.#pages.filter((each) => each !== page);
    if (page.tab && this.#maybe(0.5)) browser.crash(page.tab);
    // Of a crashed page nothing gets out any more: this stops its timers.
    page.witness.client.close();
    expect(page.witness.faults).toEqual([]);
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

const faultyMs = 60_000;
/**
 * The worst: a link that looks well and is silent, then the longest pause, then
 * a race, or a tab that has to find out that the leader is gone.
 */
const rightWithinMs = 40_000;
/** Past what a network that gathers holds back. */
const settledMs = 3000;
/** The first ones, and `others`, which each showed a fault of its own. */
const seeds = (count: number, ...others: number[]) =>
    [...Array.from({length: count}, (_, i) => i + 1), ...others];

test.each(seeds(30, 131, 464, 591, 1864, 1911))(
    'a page is honest all the way and right at the end, seed %i', (seed) => {
      const run = new Run(seed);
      for (let ms = 0; ms < faultyMs + rightWithinMs; ms += stepMs) {
        if (ms === faultyMs) run.endFaults();
        run.act();
        vi.advanceTimersByTime(stepMs);
        run.look();
      }
      vi.advanceTimersByTime(settledMs);
      run.expectRight();
    });

test.each(seeds(20, 46, 58, 74, 313, 444, 673, 863, 1481))(
    'so are tabs that come, go and crash, seed %i', async (seed) => {
      const run = new Run(seed, new FakeBrowser());
      for (let ms = 0; ms < faultyMs + rightWithinMs; ms += stepMs) {
        if (ms === faultyMs) run.endFaults();
        run.act();
        await vi.advanceTimersByTimeAsync(stepMs);
        run.look();
      }
      await vi.advanceTimersByTimeAsync(settledMs);
      run.expectRight();
    }, 60_000);
