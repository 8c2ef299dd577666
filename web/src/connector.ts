// Keeps a connection to the gateway: races the routes, comes back after a
// jittered pause, leaves a route that something spoils, and moves up to a
// better one. Knows of messages only `hello`, which proves a connection,
// `pong`, `closing`, which ends it, and when they were sent.
//
// One channel is live. One race may be on to find the first live channel, or
// one that replaces it: because it was asked for something else (most one-way
// transports reopen for that), because it is worn or spoilt, or because there
// may be a better one. The live channel goes on until its successor has said
// hello. A poll's answer needs no hello where the client has been told
// everything.

import {Backoff, moveUpLimits} from './backoff';
import {Channel} from './channel';
import {type Choice, type Route, sameRoute} from './choice';
import {finalCodes, retryMsIn} from './closes';
import type {Journal} from './journal';
import type {Closing, ServerMessage} from './protocol';
import {type HeadStart, oneByOne, Race} from './race';
import {Standing} from './standing';
import type {ConnectionState} from './state';
import type {CloseInfo} from './transports/transport';
import {Watch} from './watch';

export interface ConnectorEvents {
  /**
   * The query of a one-way channel; undefined if there is nothing to ask for.
   * Throws a RangeError if there is too much.
   */
  query(channel: Channel): string|undefined;
  /** A two-way channel takes requests. */
  opened(channel: Channel): void;
  /** For this reason an attempt failed: does it ask for less now? */
  refused(channel: Channel, reason: string): boolean;
  /** What a poll asks for after an answer. */
  next(channel: Channel): string;
  /** A message that the gateway answers with a pong. */
  ping(): string;
  /** A channel has become the live one. */
  connected(channel: Channel): void;
  /** From the live channel only. */
  received(message: ServerMessage, channel: Channel): void;
  /** The connection is gone: nothing is live from here on. */
  lost(): void;
  stateChanged(state: ConnectionState): void;
  failed(code: string, reason: string): void;
}

export class Connector {
  live: Channel|undefined;
  #race: Race|undefined;
  /** Replaces the live channel by one that asks for what is wanted now. */
  #successor = false;
  #retry: ReturnType<typeof setTimeout>|undefined;
  #climb: ReturnType<typeof setTimeout>|undefined;
  #again: ReturnType<typeof setTimeout>|undefined;
  /** There is no coming back. */
  #over = false;
  #suspended = false;
  readonly #watch = new Watch({
    ping: () => this.live?.send(this.events.ping()),
    dead: () => this.broke({reason: 'the gateway does not hear us'}),
    heldBack: () => this.#leave('something on the way holds it back'),
  });
  readonly #climbs: Backoff;
  readonly #soon: HeadStart = (route) => this.choice.headStartMs(route);
  readonly #standing: Standing;

  constructor(
      private readonly choice: Choice, private readonly backoff: Backoff,
      random: () => number, journal: Journal,
      private readonly events: ConnectorEvents) {
    this.#climbs = new Backoff(moveUpLimits, random);
    this.#standing = new Standing(
        choice, journal, (state) => this.events.stateChanged(state));
  }

  get state(): ConnectionState {
    return this.#standing.state;
  }

  /** What may become the live channel. */
  get candidates(): readonly Channel[] {
    return this.#race?.running ?? [];
  }

  /** What is, or soon will be, asking for what is wanted. */
  get asking(): Channel|undefined {
    return this.#successor ? this.#race?.running[0] ?? this.live : this.live;
  }

  /** Connects, unless a channel or a pause is there already, or it is over. */
  start(): void {
    if (this.live || this.#race || this.#over || this.#suspended) return;
    if (this.#retry !== undefined) return;
    const routes = this.choice.routes();
    if (routes.length > 0) {
      this.#begin(routes, this.#soon, (race) => this.#nobody(race));
    } else if (this.choice.possible) {
      this.#pause('all servers asked for a pause');
    } else {
      this.lose({reason: 'no transport that this browser has'}, {final: true});
    }
  }

  /** Has this one-way channel ask anew, or one that replaces it. */
  ask(channel: Channel): void {
    if (!channel.changeable) {
      this.#replace(channel);
      return;
    }
    try {
      const query = this.events.query(channel);
      if (query !== undefined) channel.change(query);
    } catch (error) {
      this.events.failed('too_many_symbols', (error as Error).message);
    }
  }

  /** A one-way channel with nothing to ask for ends; start() comes back. */
  rest(): void {
    this.#drop();
    this.#standing.resting();
  }

  /** Ends the connection; unless that is final, another one follows. */
  lose(info: CloseInfo, how: {final?: boolean} = {}): void {
    const route = this.live?.route;
    if (route) this.#standing.note('lost', info.reason, route);
    this.#drop();
    if (how.final || finalCodes.has(info.code ?? 0)) {
      this.#over = true;
      this.#standing.disconnected(info.reason);
    } else if (!this.#suspended) {
      this.#pause(info.reason);
    }
  }

  /** The connection ended, or is as good as ended, unannounced. */
  broke(info: CloseInfo): void {
    if (this.live) {
      const {route, helloAt} = this.live;
      const why = this.choice.ended(route, performance.now() - helloAt);
      if (why) this.#standing.note('spoilt', why, route);
    }
    this.lose(info);
  }

  /** Nothing may be open: the page goes to sleep. */
  suspend(reason: string): void {
    if (this.#over || this.#suspended) return;
    this.#suspended = true;
    this.#standing.note('suspended', reason);
    this.#drop();
    this.#standing.disconnected(reason);
  }

  resume(reason: string): void {
    if (!this.#suspended) return;
    this.#suspended = false;
    this.#standing.note('resumed', reason);
    this.start();
  }

  /** What was waited for may be there now; what is there may be gone. */
  wake(): void {
    if (this.#retry !== undefined) {
      clearTimeout(this.#retry);
      this.#retry = undefined;
      this.start();
    }
    this.#watch.ask();
  }

  /** Nothing that was learnt about the old network counts. */
  networkChanged(reason: string): void {
    this.#standing.note('network changed', reason);
    this.choice.forget();
    this.#climbs.reset();
    this.backoff.reset();
    if (this.live && !this.#race) this.#moveUp();
  }

  // ---- Races

  #begin(
      routes: readonly Route[], headStart: HeadStart,
      over: (race: Race) => void, successor = false): void {
    this.#race?.stop();
    const race: Race = new Race(routes, headStart, {
      make: (route) => this.#make(route),
      query: (channel) => this.events.query(channel),
      passedOver: (route, why) =>
          this.#standing.note('passed over', why, route),
      over: () => {
        if (race !== this.#race) return;
        this.#race = undefined;
        this.#successor = false;
        over(race);
      },
    });
    this.#race = race;
    this.#successor = successor;
    const {token} = this.choice;
    if (!token) {
      race.next();
      return;
    }
    token().then((text) => {
      race.token = text;
      if (race === this.#race) race.next();
    }, ({code, message}) => {
      if (race !== this.#race) return;
      this.events.failed(code, message);
      race.refuse(message);
    });
  }

  #make(route: Route): Channel {
    this.#standing.note('trying', '', route);
    return new Channel(route, {
      opened: (channel) => this.events.opened(channel),
      received: (channel, messages) => this.#received(channel, messages),
      broken: (code, reason) => this.events.failed(code, reason),
      ended: (channel, info) => this.#ended(channel, info),
      next: (channel) => this.events.next(channel),
      worn: (channel) => {
        if (channel === this.live && !this.#successor) this.#replace(channel);
      },
    });
  }

  /** No route has led to the gateway. */
  #nobody(race: Race): void {
    if (race.idle) {
      this.#standing.resting();
      return;
    }
    if (race.tooMuch) this.events.failed('too_many_symbols', race.tooMuch);
    if (race.failure !== undefined) {
      this.#pause(race.failure);
    } else if (race.tooMuch) {
      this.#standing.disconnected(race.tooMuch);
    }
  }

  /** By the same transport; what is too much for it a later one may say. */
  #replace({route}: Channel): void {
    clearTimeout(this.#again);
    const later = this.choice.others(route).filter(
        ({transport}) => transport.way !== 'both');
    this.#begin([route, ...later], oneByOne, (race) => {
      if (race.idle) {
        this.rest();
      } else if (race.failure === undefined) {
        if (!race.tooMuch) return;
        this.events.failed('too_many_symbols', race.tooMuch);
      } else {
        this.events.failed('refused', race.failure);
        this.#again = setTimeout(() => {
          if (this.live && !this.#successor) this.ask(this.live);
        }, this.backoff.nextMs());
      }
    }, true);
  }

  /** It is connected, but what it brings comes too late or not for long. */
  #leave(reason: string): void {
    const route = this.live?.route;
    if (!route) return;
    this.choice.spoilt(route, reason);
    this.#standing.note('spoilt', reason, route);
    const others = this.choice.others(route);
    // A successor is watched as well.
    if (others.length === 0 || this.#successor) return;
    this.#begin(others, this.#soon, () => undefined);
  }

  #moveUp(): void {
    clearTimeout(this.#climb);
    this.#climb = undefined;
    const {live} = this;
    if (!live) return;
    const better = this.choice.better(live.route);
    if (better.length === 0) return;
    if (this.#race) {
      this.#climbLater();
    } else {
      this.#begin(better, oneByOne, () => this.#climbLater());
    }
  }

  #climbLater(): void {
    clearTimeout(this.#climb);
    this.#climb = undefined;
    if (!this.live || this.choice.better(this.live.route).length === 0) return;
    this.#climb = setTimeout(() => this.#moveUp(), this.#climbs.nextMs());
  }

  // ---- What channels bring

  #ended(channel: Channel, info: CloseInfo): void {
    this.#heed(channel, retryMsIn(info.reason));
    if (channel === this.live) {
      this.broke(info);
    } else if (this.#race?.has(channel)) {
      if (this.events.refused(channel, info.reason)) {
        this.#race.again(channel);
      } else {
        this.#race.lose(channel, info.reason);
      }
    }
  }

  /** Its server asked for a pause: no other way to it is tried either. */
  #heed({route}: Channel, forMs = 0): void {
    if (forMs <= 0) return;
    this.choice.servers.rest(route.server, forMs);
    this.#race?.leave(route.server);
  }

  #received(channel: Channel, messages: readonly ServerMessage[]): void {
    let first = channel !== this.live && channel.isProvenBy(messages);
    if (first) this.#promote(channel);
    for (const message of messages) {
      if (channel !== this.live) {
        if (message.type === 'closing') this.#heed(channel, message.after_ms);
        return;
      }
      this.events.received(message, channel);
      // A listener may have closed everything.
      if (channel !== this.live) return;
      if (message.type === 'closing') {
        this.#closing(channel, message);
        return;
      }
      if (first || message.type === 'hello') this.#standing.connected(channel);
      first = false;
      this.#watch.see(channel, message);
    }
  }

  #promote(channel: Channel): void {
    const before = this.live;
    const race = this.#race;
    this.live = channel;
    channel.greeted();
    before?.close();
    if (race) this.#standing.won(channel, race, before);
    race?.win(
        channel,
        (other) => this.choice.isBetter(other.route, channel.route));
    this.#successor = false;
    if (race?.running.length === 0) this.#race = undefined;
    this.choice.good(channel.route);
    this.#watch.stop();
    this.events.connected(channel);
    const same = before && sameRoute(before.route, channel.route);
    if (!same || this.#climb === undefined) this.#climbLater();
  }

  #closing(channel: Channel, closing: Closing): void {
    const {code, reason, retry, after_ms: restMs} = closing;
    // Where there is another server, nobody has to wait.
    this.choice.servers.rest(channel.route.server, restMs ?? 0);
    this.lose({code, reason}, {final: !retry});
  }

  // ---- Ends and pauses

  #drop(): void {
    const {live} = this;
    this.live = undefined;
    live?.close();
    this.#race?.stop();
    this.#race = undefined;
    this.#successor = false;
    this.#watch.stop();
    clearTimeout(this.#retry);
    clearTimeout(this.#climb);
    clearTimeout(this.#again);
    this.#retry = this.#climb = undefined;
    this.events.lost();
    if (!live) return;
    const lastedMs = performance.now() - live.helloAt;
    this.backoff.ended(lastedMs);
    this.#climbs.ended(lastedMs);
  }

  #pause(reason: string): void {
    // The jitter comes on top: many were told the same wait.
    const waitMs = this.choice.servers.waitMs + this.backoff.nextMs();
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.start();
    }, waitMs);
    this.#standing.note('waiting', reason);
    this.#standing.disconnected(reason, waitMs);
  }
}
