// Keeps a connection to the gateway: chooses the transport, falls back, comes
// back after a jittered pause. Knows of messages only `hello`, which proves a
// connection, and `closing`, which ends it.
//
// A channel is one attempt. It is the candidate until it says hello, and live
// from then on; a live one that is replaced (most one-way transports reopen to
// change their subscriptions) goes on until its successor has said hello. A
// poll's answer needs no hello where the client has been told everything.

import type {Backoff} from './backoff';
import type {Want} from './interests';
import {type Closing, parseMessage, type ServerMessage} from './protocol';
import type {
  CloseInfo, Link, ReadMessage, Transport,
} from './transports/transport';

export type Status = 'connecting'|'connected'|'disconnected';

export interface ConnectionState {
  readonly status: Status;
  /** The transport in use, or `none`. */
  readonly transport: string;
  /** Why it is not connected. */
  readonly reason: string;
  /** When the next attempt comes, as Date.now(); absent: none is waiting. */
  readonly retryAt?: number;
}

export interface Channel {
  readonly transport: Transport;
  link: Link|undefined;
  open: boolean;
  /** When it said hello, as performance.now(). */
  helloAt: number;
  /** What was asked for over it. */
  sent: ReadonlyMap<string, Want>;
  /** Symbols that were refused: a poll must not ask for them over and over. */
  readonly refused: Set<string>;
  patience: ReturnType<typeof setTimeout>|undefined;
}

export interface ConnectorEvents {
  /**
   * The query of a one-way channel; undefined if there is nothing to ask for.
   * Throws a RangeError if there is too much.
   */
  query(channel: Channel): string|undefined;
  /** A two-way channel takes requests. */
  opened(): void;
  /** What a poll asks for after an answer. */
  next(channel: Channel): string;
  /** A channel has become the live one. */
  connected(): void;
  /** From the live channel only. */
  received(message: ServerMessage, channel: Channel): void;
  /** The connection is gone: nothing is live from here on. */
  lost(): void;
  stateChanged(state: ConnectionState): void;
  failed(code: string, reason: string): void;
  /** A successor was refused; reopen() after this pause. */
  reopenAfter(waitMs: number): void;
}

/** Close codes after which coming back would end the same way. */
const finalCodes = new Set([1002, 1007, 1009, 4005]);

export class Connector {
  live: Channel|undefined;
  candidate: Channel|undefined;
  #state: ConnectionState =
      {status: 'connecting', transport: 'none', reason: ''};
  #retry: ReturnType<typeof setTimeout>|undefined;
  /** There is no coming back. */
  #over = false;
  /** Transports that said hello once in this page's life. */
  readonly #proven = new Set<Transport>();

  constructor(
      private readonly base: URL,
      private readonly transports: readonly Transport[],
      private readonly backoff: Backoff,
      private readonly events: ConnectorEvents) {}

  get state(): ConnectionState {
    return this.#state;
  }

  /** Connects, unless a channel or a pause is there already, or it is over. */
  start(): void {
    if (this.live || this.candidate || this.#over) return;
    if (this.#retry !== undefined) return;
    this.#attempt(this.#order());
  }

  /** Has this one-way channel ask anew, or one that replaces it. */
  ask(channel: Channel): void {
    const {transport, link} = channel;
    if (!link?.changed) {
      // What is too much for this one may be possible for a later one.
      const later = this.#order().filter(
          (each) => each.way !== 'both' && each !== transport);
      this.#attempt([transport, ...later]);
      return;
    }
    try {
      const query = this.events.query(channel);
      if (query !== undefined) link.changed(query);
    } catch (error) {
      this.#tooMuch(error as Error);
    }
  }

  /** A one-way channel with nothing to ask for ends; start() comes back. */
  rest(): void {
    this.#drop();
    this.#setState({
      status: 'connecting', transport: 'none', reason: 'nothing is subscribed',
    });
  }

  /** Ends the connection; unless that is final, another one follows. */
  lose(info: CloseInfo, how: {final?: boolean, afterMs?: number} = {}): void {
    this.#drop();
    if (how.final || finalCodes.has(info.code ?? 0)) {
      this.#over = true;
      this.#setState(
          {status: 'disconnected', transport: 'none', reason: info.reason});
    } else {
      this.#pause(info.reason, how.afterMs);
    }
  }

  #drop(): void {
    const {live} = this;
    this.live = undefined;
    this.#abandon(live);
    this.#abandon(this.candidate);
    this.candidate = undefined;
    clearTimeout(this.#retry);
    this.#retry = undefined;
    this.events.lost();
    if (live) this.backoff.ended(performance.now() - live.helloAt);
  }

  /** The usable transports; one that never worked where another did is last. */
  #order(): Transport[] {
    const usable = this.transports.filter((each) => each.available());
    const proven = usable.filter((each) => this.#proven.has(each));
    return [...proven, ...usable.filter((each) => !this.#proven.has(each))];
  }

  #attempt(transports: readonly Transport[]): void {
    const [transport, ...others] = transports;
    if (!transport) {
      this.lose({reason: 'no transport that this browser has'}, {final: true});
      return;
    }
    const channel: Channel = {
      transport,
      link: undefined,
      open: false,
      helloAt: 0,
      sent: new Map(),
      refused: new Set(),
      patience: undefined,
    };
    let query: string|undefined = '';
    try {
      if (transport.way !== 'both') query = this.events.query(channel);
    } catch (error) {
      if (others.length > 0) {
        this.#attempt(others);
      } else {
        this.#tooMuch(error as Error);
      }
      return;
    }
    if (query !== undefined) this.#open(channel, query, others);
  }

  #open(channel: Channel, query: string, others: readonly Transport[]): void {
    const {transport} = channel;
    this.#abandon(this.candidate);
    this.candidate = channel;
    const closed = (info: CloseInfo) => this.#ended(channel, info, others);
    channel.patience = setTimeout(
        () => closed({reason: `${transport.name} stays silent`}),
        transport.patienceMs);
    try {
      channel.link = transport.open(this.base, query, {
        opened: () => {
          channel.open = true;
          if (transport.way === 'both') this.events.opened();
        },
        received: (message) => this.#received(channel, message, others),
        closed,
        next: () => this.events.next(channel),
      });
    } catch (error) {
      // A page's policy may forbid what its browser has.
      closed({reason: (error as Error).message});
    }
  }

  /** What is asked for is more than the transport can say. */
  #tooMuch({message: reason}: Error): void {
    this.events.failed('too_many_symbols', reason);
    if (this.live) return;
    this.#setState({status: 'disconnected', transport: 'none', reason});
  }

  #ended(
      channel: Channel, info: CloseInfo, others: readonly Transport[]): void {
    if (channel === this.live) {
      this.lose(info);
      return;
    }
    if (channel !== this.candidate) return;
    this.#abandon(channel);
    this.candidate = undefined;
    if (finalCodes.has(info.code ?? 0)) {
      this.lose(info, {final: true});
    } else if (this.live) {
      this.events.failed('refused', info.reason);
      this.events.reopenAfter(this.backoff.nextMs());
    } else if (others.length > 0) {
      this.#attempt(others);
    } else {
      this.#pause(info.reason);
    }
  }

  #received(
      channel: Channel, message: string|ReadMessage,
      others: readonly Transport[]): void {
    const json = typeof message === 'string';
    let messages: readonly ServerMessage[];
    try {
      messages = json ? parseMessage(message) : message();
    } catch (error) {
      // What it said is unknown: were it passed over, an old price would stay.
      const what = json ? message.slice(0, 80) : (error as Error).message;
      const reason = `not a message: ${what}`;
      this.events.failed(json ? 'bad_json' : 'bad_message', reason);
      this.#ended(channel, {reason}, others);
      return;
    }
    let first = channel === this.candidate &&
        messages.some((message) => proves(message, channel.transport));
    if (first) this.#promote(channel);
    for (const message of messages) {
      if (channel !== this.live) return;
      this.events.received(message, channel);
      // A listener may have closed everything.
      if (channel !== this.live) return;
      if (message.type === 'closing') {
        this.#closing(message);
      } else if (first || message.type === 'hello') {
        first = false;
        const transport = channel.transport.name;
        this.#setState({status: 'connected', transport, reason: ''});
      }
    }
  }

  #promote(channel: Channel): void {
    clearTimeout(channel.patience);
    this.#abandon(this.live);
    this.candidate = undefined;
    this.live = channel;
    channel.helloAt = performance.now();
    this.#proven.add(channel.transport);
    this.events.connected();
  }

  #closing({code, reason, retry, after_ms}: Closing): void {
    this.lose({code, reason}, {final: !retry, afterMs: after_ms ?? 0});
  }

  #pause(reason: string, atLeastMs = 0): void {
    // The jitter comes on top: many were told the same wait.
    const waitMs = atLeastMs + this.backoff.nextMs();
    this.#retry = setTimeout(() => {
      this.#retry = undefined;
      this.start();
    }, waitMs);
    this.#setState({
      status: 'disconnected',
      transport: 'none',
      reason,
      retryAt: Date.now() + waitMs,
    });
  }

  #abandon(channel: Channel|undefined): void {
    clearTimeout(channel?.patience);
    channel?.link?.close();
  }

  #setState(state: ConnectionState): void {
    this.#state = state;
    this.events.stateChanged(state);
  }
}

/** Does it show that the gateway is there, and serves us this way? */
function proves({type}: ServerMessage, {way}: Transport): boolean {
  if (way !== 'poll') return type === 'hello';
  return type === 'hello' || type === 'feed' || type === 'ack' ||
      type === 'closing';
}
