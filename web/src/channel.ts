// One attempt to reach the gateway by one route, and the connection that it
// becomes once the gateway has said hello.

import {Asked} from './asked';
import type {Route} from './choice';
import {parseMessage, type ServerMessage} from './protocol';
import type {CloseInfo, Link, ReadMessage} from './transports/transport';

/** Without a first message for so long, an attempt has failed. */
const patienceMs = 8000;

export interface ChannelEvents {
  /** A two-way one takes requests. */
  opened(channel: Channel): void;
  received(channel: Channel, messages: readonly ServerMessage[]): void;
  /** It said what is no message; it ends next. */
  broken(code: string, reason: string): void;
  ended(channel: Channel, info: CloseInfo): void;
  /** What a poll asks for after an answer. */
  next(channel: Channel): string;
  worn(channel: Channel): void;
}

export class Channel {
  readonly asked = new Asked();
  /** When it said hello, as performance.now(). */
  helloAt = 0;
  #link: Link|undefined;
  #open = false;
  #closed = false;
  #patience: ReturnType<typeof setTimeout>|undefined;

  constructor(
      readonly route: Route, private readonly events: ChannelEvents) {}

  get open(): boolean {
    return this.#open;
  }

  start(query: string, token?: string): void {
    this.#patience =
        setTimeout(() => this.#end({reason: 'stays silent'}), patienceMs);
    const {server, transport} = this.route;
    try {
      this.#link = transport.open(new URL(server), query, {
        opened: () => {
          this.#open = true;
          if (transport.way === 'both') this.events.opened(this);
        },
        received: (message) => this.#received(message),
        closed: (info) => this.#end(info),
        next: () => this.events.next(this),
        worn: () => this.events.worn(this),
      }, token);
    } catch (error) {
      // A page's policy may forbid what its browser has.
      this.#end({reason: (error as Error).message});
    }
  }

  /** Do they show that the gateway is there, and serves us this way? */
  isProvenBy(messages: readonly ServerMessage[]): boolean {
    const polls = this.route.transport.way === 'poll';
    return messages.some(
        ({type}) => type === 'hello' ||
            polls && (type === 'feed' || type === 'ack' || type === 'closing'));
  }

  /** The gateway said hello: it is a connection. */
  greeted(): void {
    clearTimeout(this.#patience);
    this.helloAt = performance.now();
  }

  send(text: string): void {
    this.#link?.send?.(text);
  }

  /** Can it ask for something else without another attempt? */
  get changeable(): boolean {
    return this.#link?.changed !== undefined;
  }

  change(query: string): void {
    this.#link?.changed?.(query);
  }

  /** Silently: no event follows. */
  close(): void {
    this.#closed = true;
    clearTimeout(this.#patience);
    this.#link?.close();
  }

  #received(message: string|ReadMessage): void {
    if (this.#closed) return;
    const json = typeof message === 'string';
    let messages: readonly ServerMessage[];
    try {
      messages = json ? parseMessage(message) : message();
    } catch (error) {
      // What it said is unknown: were it passed over, an old price would stay.
      const what = json ? message.slice(0, 80) : (error as Error).message;
      const reason = `not a message: ${what}`;
      this.events.broken(json ? 'bad_json' : 'bad_message', reason);
      this.#end({reason});
      return;
    }
    this.events.received(this, messages);
  }

  #end(info: CloseInfo): void {
    if (this.#closed) return;
    this.close();
    this.events.ended(this, info);
  }
}
