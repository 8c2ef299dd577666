// One connection for all tabs of a browser that show the same prices
// (docs/adr/0007). The tab that holds a lock leads: it has the connection, asks
// for what all tabs want, and passes on what it hears. When it is gone the
// browser gives the lock to the next one, which goes on from what it holds.
//
// Every tab also holds a lock of its own, for which the leader waits: that is
// how it learns that a tab is gone, crashed or not.

import type {Wants} from './asked';
import {mergeAll, sameWants} from './interests';
import type {Journal} from './journal';
import type {Line, LineEvents} from './line';
import type {PublishRequest} from './publish';
import type {ConnectionState} from './state';
import type {Store, StoreCopy} from './store';

type Said =
    /** By a tab that follows. `anew`: it holds nothing of this connection. */
    {
      say: 'wants', from: string, wants: Wants, anew: boolean,
      /** Where it is in its topics. */
      reached: ReadonlyMap<string, number>,
    }|
    /** By the one that leads from now on. */
    {say: 'leads'}|
    {say: 'held', to: string, state: ConnectionState, copy: StoreCopy}|
    {say: 'connected'|'lost'}|
    {say: 'heard', said: Parameters<LineEvents['heard']>}|
    {say: 'state', state: ConnectionState}|
    {say: 'failed', code: string, reason: string};

export interface TabsEvents extends LineEvents {
  /** Another tab says what it holds. */
  adopted(copy: StoreCopy): void;
}

/** A leader that is silent for so long does not lead; two heartbeats fit. */
const leaderSilentMs = 10_000;
/** A leader without a connection says so at this interval. */
const signOfLifeMs = 2000;
const afterSleepMs = 1000;

/** Can tabs find each other here? (Locks need a secure origin.) */
export const tabsCanShare = () =>
    typeof navigator === 'object' && typeof navigator.locks === 'object' &&
    typeof BroadcastChannel === 'function';

export class TabsLine implements Line {
  #state: ConnectionState =
      {status: 'connecting', transport: 'none', reason: ''};
  /** The connection, while this tab leads. */
  #own: Line|undefined;
  #channel: BroadcastChannel|undefined;
  #id = '';
  /** Ends what this tab holds and waits for; a new one for every stay. */
  #stay = new AbortController();
  /** Ends waiting for the leader's lock. */
  #queue = new AbortController();
  /** What the others want, while this tab leads. */
  readonly #tabs = new Map<string, Wants>();
  #saidWants: Wants|undefined;
  #heardAt = 0;
  #saidAt = 0;
  #afterSleep: ReturnType<typeof setTimeout>|undefined;

  constructor(
      private readonly name: string, private readonly store: Store,
      private readonly wants: () => Wants,
      private readonly makeOwn: (wants: () => Wants, events: LineEvents) =>
          Line,
      private readonly journal: Journal, private readonly events: TabsEvents) {}

  get state(): ConnectionState {
    return this.#state;
  }

  start(): void {
    if (this.#channel) return;
    this.#id = Math.random().toString(36).slice(2);
    this.#stay = new AbortController();
    this.#heardAt = performance.now();
    this.#channel = new BroadcastChannel(this.name);
    this.#channel.onmessage = ({data}) => this.#hear(data as Said);
    this.#hold(`${this.name} ${this.#id}`, () => this.#sayWants(true));
    this.#waitToLead();
  }

  wantsChanged(): void {
    if (this.#own) {
      this.#own.wantsChanged();
    } else {
      this.#sayWants(false);
    }
  }

  look(): void {
    const now = performance.now();
    if (this.#own) {
      this.#own.look();
      const idle = this.#state.status !== 'connected';
      if (idle && now - this.#saidAt > signOfLifeMs) this.#sayState();
      return;
    }
    if (this.store.clock.slept()) this.#slept();
    // One that nobody sees may itself be slowed down: let another one do it.
    const seen = globalThis.document?.visibilityState !== 'hidden';
    if (!this.#channel || !seen) return;
    if (now - this.#heardAt > this.#silentMs) this.#takeOver();
  }

  wake(): void {
    if (this.#own) {
      this.#own.wake();
      return;
    }
    // What the leader said meanwhile comes within a moment.
    this.#heardAt =
        performance.now() - this.#silentMs + this.store.clock.thresholdMs;
  }

  networkChanged(reason: string): void {
    this.#own?.networkChanged(reason);
  }

  suspend(reason: string): void {
    if (!this.#channel) return;
    this.journal.note({what: 'suspended', why: reason});
    this.#leave();
    this.#setState({status: 'disconnected', transport: 'none', reason});
  }

  resume(reason: string): void {
    if (this.#channel) return;
    this.journal.note({what: 'resumed', why: reason});
    this.start();
  }

  publish(request: PublishRequest): Promise<number>|undefined {
    return this.#own?.publish(request);
  }

  close(): void {
    this.#leave();
    const reason = 'closed by the page';
    this.#setState({status: 'disconnected', transport: 'none', reason});
  }

  // ---- Locks

  /** Gets a lock, some time, and keeps it for as long as this tab stays. */
  #hold(lock: string, got: () => void): void {
    const {signal} = this.#stay;
    void navigator.locks.request(lock, {signal}, () => {
      got();
      return ended(signal);
    }).catch(() => undefined);
  }

  #waitToLead(steal = false): void {
    const {signal} = this.#stay;
    this.#queue.abort();
    this.#queue = new AbortController();
    const options = steal ? {steal} : {signal: this.#queue.signal};
    let led = false;
    navigator.locks.request(this.name, options, () => {
      if (signal.aborted) return undefined;
      led = true;
      this.#lead();
      return ended(signal);
    }).catch((error: Error) => {
      if (signal.aborted) return;
      if (led) {
        this.#follow();
      } else if (error.name !== 'AbortError') {
        // Locks are forbidden here: a connection of its own.
        this.#lead();
      }
    });
  }

  /** The leader is there, but does nothing: frozen, or worse. */
  #takeOver(): void {
    this.#heardAt = performance.now();
    this.journal.note({what: 'takes over', why: 'the leading tab is gone'});
    this.#waitToLead(true);
  }

  #lead(): void {
    this.journal.note({what: 'leads', why: 'for all tabs'});
    this.events.lost();
    const wants = () => mergeAll([this.wants(), ...this.#tabs.values()]);
    this.#own = this.makeOwn(wants, {
      connected: () => {
        this.#tellOthers({say: 'connected'});
        this.events.connected();
      },
      heard: (...said) => {
        this.#tellOthers({say: 'heard', said});
        this.events.heard(...said);
      },
      lost: () => {
        this.#tellOthers({say: 'lost'});
        this.events.lost();
      },
      stateChanged: (state) => {
        this.#setState({...state, tab: 'own'});
        this.#sayState();
      },
      failed: (code, reason) => {
        this.#tellOthers({say: 'failed', code, reason});
        this.events.failed(code, reason);
      },
    });
    this.#say({say: 'leads'});
    this.#setState({...this.#own.state, tab: 'own'});
    this.#own.start();
  }

  /** Another tab took over. */
  #follow(): void {
    const channel = this.#channel;
    // Nobody shall hear that this one's connection ends.
    this.#channel = undefined;
    this.#own?.close();
    this.#own = undefined;
    this.#channel = channel;
    this.#tabs.clear();
    this.journal.note({what: 'follows', why: 'another tab leads'});
    this.#heardAt = performance.now();
    this.#sayWants(true);
    this.#waitToLead();
  }

  #leave(): void {
    const channel = this.#channel;
    this.#channel = undefined;
    channel?.close();
    this.#own?.close();
    this.#own = undefined;
    this.#tabs.clear();
    clearTimeout(this.#afterSleep);
    this.#queue.abort();
    this.#stay.abort();
    this.events.lost();
  }

  // ---- What tabs say

  #hear(said: Said): void {
    if (said.say === 'wants' || this.#own) {
      if (said.say === 'wants') this.#serve(said);
      return;
    }
    this.#heardAt = performance.now();
    switch (said.say) {
      case 'leads':
        this.#setState({
          status: 'connecting', transport: 'none', tab: 'other',
          reason: 'the leading tab is gone',
        });
        this.events.lost();
        this.#sayWants(true);
        break;
      case 'held':
        if (said.to !== this.#id) break;
        this.#setState({...said.state, tab: 'other'});
        this.events.adopted(said.copy);
        break;
      case 'connected':
        this.events.connected();
        break;
      case 'heard':
        this.events.heard(...said.said);
        break;
      case 'lost':
        this.events.lost();
        break;
      case 'state':
        this.#setState({...said.state, tab: 'other'});
        break;
      case 'failed':
        this.events.failed(said.code, said.reason);
        break;
    }
  }

  /** Another tab wants something. */
  #serve({from, wants, anew, reached}: Said&{say: 'wants'}): void {
    if (!this.#own) return;
    this.#own.look();
    const before = anew ? undefined : this.#tabs.get(from);
    if (!this.#tabs.has(from)) this.#missWhenGone(from);
    this.#tabs.set(from, wants);
    for (const [topic, seq] of reached) this.store.topics.reach(topic, seq);
    this.#own.wantsChanged();
    const symbols = [...wants.keys()].filter(
        (symbol) => before?.get(symbol)?.history !==
            wants.get(symbol)?.history || !before?.has(symbol));
    const copy = this.store.copy(symbols, before === undefined);
    this.#say({say: 'held', to: from, state: this.#state, copy});
  }

  #missWhenGone(tab: string): void {
    const {signal} = this.#stay;
    void navigator.locks.request(`${this.name} ${tab}`, {signal}, () => {
      if (!this.#tabs.delete(tab)) return;
      this.#own?.wantsChanged();
    }).catch(() => undefined);
  }

  #sayWants(anew: boolean): void {
    const wants = this.wants();
    if (this.#own) return;
    this.store.keep(wants);
    const {torn} = this.store;
    anew ||= torn.size > 0;
    torn.clear();
    if (!anew && this.#saidWants && sameWants(this.#saidWants, wants)) return;
    this.#saidWants = wants;
    const {reached} = this.store.topics;
    this.#say({say: 'wants', from: this.#id, wants, anew, reached});
  }

  #sayState(): void {
    this.#say({say: 'state', state: this.#state});
  }

  /** Most of the time there is one tab. */
  #tellOthers(said: Said): void {
    if (this.#tabs.size > 0) this.#say(said);
  }

  #say(said: Said): void {
    this.#saidAt = performance.now();
    this.#channel?.postMessage(said);
  }

  /** Nothing can be trusted; the leader finds out in the same moment. */
  #slept(): void {
    this.events.lost();
    clearTimeout(this.#afterSleep);
    this.#afterSleep = setTimeout(() => this.#sayWants(true), afterSleepMs);
  }

  get #silentMs(): number {
    return Math.max(leaderSilentMs, 2 * this.store.clock.thresholdMs);
  }

  #setState(state: ConnectionState): void {
    const same = JSON.stringify(state) === JSON.stringify(this.#state);
    this.#state = state;
    if (!same) this.events.stateChanged(state);
  }
}

/** Resolves when `signal` says so. */
function ended(signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    if (signal.aborted) resolve();
    signal.addEventListener('abort', () => resolve());
  });
}
