// Attempts by several routes, in order. Each has a head start; then the next
// one joins it, or takes its place at once if it failed. The first one that
// says hello wins.

import type {Channel} from './channel';
import type {Route} from './choice';

export interface RaceEvents {
  make(route: Route): Channel;
  /**
   * What a one-way attempt asks with; undefined: nothing. Throws a RangeError
   * if that is more than it can say.
   */
  query(channel: Channel): string|undefined;
  passedOver(route: Route, reason: string): void;
  /** Nobody is running any more, and nobody has won. */
  over(race: Race): void;
}

/** How long a route may be silent before the next one joins it, in ms. */
export type HeadStart = (route: Route) => number;
export const oneByOne: HeadStart = () => Infinity;

export class Race {
  /** Why routes were passed over, in the order of the attempts. */
  readonly notes: string[] = [];
  /** Why a transport could not say what is wanted. */
  tooMuch: string|undefined;
  /** Why the last attempt failed on its way. */
  failure: string|undefined;
  /** What every attempt shows. */
  token: string|undefined;
  /** There was nothing to ask for. */
  idle = false;
  #won = false;
  readonly #running: Channel[] = [];
  #newest: Channel|undefined;
  #timer: ReturnType<typeof setTimeout>|undefined;

  constructor(
      private waiting: readonly Route[], private readonly headStart: HeadStart,
      private readonly events: RaceEvents) {}

  get running(): readonly Channel[] {
    return this.#running;
  }

  has(channel: Channel): boolean {
    return this.#running.includes(channel);
  }

  /** Begins the next attempt. */
  next(): void {
    clearTimeout(this.#timer);
    for (;;) {
      const [route, ...others] = this.waiting;
      if (!route) break;
      this.waiting = others;
      const channel = this.events.make(route);
      const query = this.#query(channel);
      if (query === undefined) continue;
      this.#running.push(channel);
      this.#newest = channel;
      const headStartMs = this.headStart(route);
      if (others.length > 0 && headStartMs < Infinity) {
        this.#timer = setTimeout(() => this.next(), headStartMs);
      }
      channel.start(query, this.token);
      return;
    }
    if (this.#running.length === 0 && !this.#won) this.events.over(this);
  }

  /** One of the running has failed. */
  lose(channel: Channel, reason: string): void {
    this.failure = reason;
    this.#remove(channel);
    this.#note(channel.route, reason);
    if (channel === this.#newest || this.#running.length === 0) this.next();
  }

  /** It failed for what it asked: the same way, asking for something else. */
  again(channel: Channel): void {
    this.#remove(channel);
    this.waiting = [channel.route, ...this.waiting];
    this.next();
  }

  /** Its other routes make no sense now. */
  leave(server: string): void {
    this.waiting = this.waiting.filter((route) => route.server !== server);
  }

  /** No attempt makes sense. */
  refuse(reason: string): void {
    this.failure = reason;
    this.waiting = [];
    this.next();
  }

  /** One of the running has won; of the others, only `better` ones go on. */
  win(channel: Channel, isBetter: (other: Channel) => boolean): void {
    this.#won = true;
    this.waiting = [];
    clearTimeout(this.#timer);
    this.#remove(channel);
    for (const other of [...this.#running]) {
      if (isBetter(other)) continue;
      this.#remove(other);
      other.close();
    }
  }

  /** Silently. */
  stop(): void {
    this.waiting = [];
    clearTimeout(this.#timer);
    for (const channel of this.#running.splice(0)) channel.close();
  }

  #query(channel: Channel): string|undefined {
    if (channel.route.transport.way === 'both') return '';
    try {
      const query = this.events.query(channel);
      // Nothing to ask for: no one-way attempt makes sense.
      this.idle = query === undefined;
      if (this.idle) this.waiting = [];
      return query;
    } catch (error) {
      this.tooMuch = (error as Error).message;
      this.#note(channel.route, this.tooMuch);
      return undefined;
    }
  }

  #note(route: Route, reason: string): void {
    this.notes.push(`${route.transport.name}: ${reason}`);
    this.events.passedOver(route, reason);
  }

  #remove(channel: Channel): void {
    const at = this.#running.indexOf(channel);
    if (at >= 0) this.#running.splice(at, 1);
  }
}
