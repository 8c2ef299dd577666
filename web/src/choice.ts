// Which route to try first, and which would be better than the one in use. A
// route is a server and a transport. Transports have an order of preference;
// before it goes what last worked here, and behind it what this network proved
// to spoil.

import {Memory} from './memory';
import type {Servers} from './servers';
import type {Transport} from './transports/transport';

export interface Route {
  readonly server: string;
  readonly transport: Transport;
}

export const sameRoute = (one: Route, other: Route) =>
    one.server === other.server && one.transport === other.transport;

/** So the first price is there within 1.5 s where the first one is silent. */
const headStartMs = 1000;
/** One that worked is rather slow: its gateway has many to let in. */
const provenMs = 4000;
/** A connection that is cut sooner, over and over, is cut by something. */
const lastsMs = 90_000;
const cutsMax = 2;

export class Choice {
  readonly #memory = new Memory();
  /** Transports that are had, but do no good here, and why. */
  readonly #spoilt = new Map<Transport, string>();
  /** Transports that worked in this page, on this network. */
  readonly #proven = new Set<Transport>();
  /** How often each ended early, in a row. */
  readonly #cuts = new Map<Transport, number>();

  constructor(
      readonly servers: Servers,
      private readonly transports: readonly Transport[],
      /** Asks for the token that attempts show, if they show one. */
      readonly token?: () => Promise<string>) {}

  get #usable(): readonly Transport[] {
    return this.transports.filter((each) => each.available());
  }

  /** Is there any transport that this browser has? */
  get possible(): boolean {
    return this.#usable.length > 0;
  }

  /** In the order to try them. */
  routes(): Route[] {
    return this.servers.awake.flatMap((server) => this.#ofServer(server));
  }

  /** How long it may be silent before the next one joins it. */
  headStartMs({transport}: Route): number {
    return this.#proven.has(transport) ? provenMs : headStartMs;
  }

  /** Those that are preferred to `route`, whatever happened to them. */
  better(route: Route): Route[] {
    const {server, transport} = route;
    const usable = this.#usable;
    return [
      ...this.servers.better(server).flatMap((each) => this.#ofServer(each)),
      ...usable.slice(0, Math.max(0, usable.indexOf(transport)))
          .map((each) => ({server, transport: each})),
    ];
  }

  isBetter(one: Route, other: Route): boolean {
    return this.better(other).some((each) => sameRoute(each, one));
  }

  /** The others of the same server, for when this one does no good. */
  others({server, transport}: Route): Route[] {
    return this.#ofServer(server).filter(
        (each) => each.transport !== transport);
  }

  good({server, transport}: Route): void {
    this.servers.use(server);
    this.#spoilt.delete(transport);
    this.#proven.add(transport);
    this.#memory.good(server, transport.name);
  }

  /** It is had, but something on the way spoils it. */
  spoilt({server, transport}: Route, why: string): void {
    this.#spoilt.set(transport, why);
    this.#proven.delete(transport);
    this.#memory.bad(server, transport.name);
  }

  /** Why better transports than that of `route` are not used. */
  spoiltBefore(route: Route): string[] {
    return this.better(route).flatMap(({transport}) => {
      const why = this.#spoilt.get(transport);
      return why === undefined ? [] : [`${transport.name}: ${why}`];
    });
  }

  /**
   * A connection ended unannounced after so long. If that happens over and
   * over the route is spoilt: returns why.
   */
  ended(route: Route, lastedMs: number): string|undefined {
    const {transport} = route;
    const cuts =
        lastedMs < lastsMs ? (this.#cuts.get(transport) ?? 0) + 1 : 0;
    this.#cuts.set(transport, cuts % cutsMax);
    if (cuts < cutsMax) return undefined;
    const why = 'cut over and over';
    this.spoilt(route, why);
    return why;
  }

  /** Another network: nothing that was learnt counts. */
  forget(): void {
    this.#memory.forget();
    this.#spoilt.clear();
    this.#proven.clear();
    this.#cuts.clear();
  }

  #ofServer(server: string): Route[] {
    const usable = this.#usable;
    const last = usable.find(
        ({name}) => name === this.#memory.transportOf(server));
    const order = [
      ...usable.filter((each) => each === last),
      ...usable.filter((each) => each !== last && !this.#spoilt.has(each)),
      ...usable.filter((each) => each !== last && this.#spoilt.has(each)),
    ];
    return order.map((transport) => ({server, transport}));
  }
}
