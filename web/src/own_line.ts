// A connection of this client's own: asks for what is wanted in the way of the
// transport that the connector found.

import {Asker} from './asker';
import type {Wants} from './asked';
import type {Backoff} from './backoff';
import type {Channel} from './channel';
import type {Choice} from './choice';
import {Connector} from './connector';
import {sameWants, uniform, wantKey} from './interests';
import type {Journal} from './journal';
import type {Line, LineEvents} from './line';
import {parseMessage, type ServerMessage} from './protocol';
import {type PublishRequest, sequenceIn} from './publish';
import type {ConnectionState} from './state';
import type {Store} from './store';
import {errorIn} from './transports/http';
import type {Way} from './transports/transport';

/** What waits in the queue of a page that slept comes within this time. */
const catchUpMs = 1000;

export interface Connecting {
  readonly choice: Choice;
  readonly backoff: Backoff;
  readonly random: () => number;
  readonly journal: Journal;
}

export class OwnLine implements Line {
  readonly #asker: Asker;
  readonly #connector: Connector;
  readonly #journal: Journal;
  /** Settles what was published, by the id of its request. */
  readonly #published =
      new Map<number, (answer: ServerMessage|undefined) => void>();
  /** Symbols that a whole request was refused for, and how each was wanted. */
  readonly #refused = new Map<string, string>();
  #tokenIgnored = false;
  #staleSince: number|undefined;
  #catchUp: ReturnType<typeof setTimeout>|undefined;

  /** `wants` says what is wanted now. */
  constructor(
      private readonly store: Store, private readonly wants: () => Wants,
      {choice, backoff, random, journal}: Connecting,
      private readonly events: LineEvents) {
    this.#journal = journal;
    this.#asker = new Asker(store);
    this.#connector = new Connector(choice, backoff, random, journal, {
      query: (channel) => this.#query(channel),
      opened: (channel) => this.#tell(channel),
      refused: (channel, reason) => this.#leaveOut(channel, reason),
      next: ({asked}) => this.#asker.nextPoll(asked, this.wants()),
      ping: () => this.#asker.ping(),
      connected: () => {
        this.#unanswered();
        events.connected();
        this.wantsChanged();
      },
      received: (message, {asked}) => {
        if (this.#answered(message)) return;
        events.heard(message, asked.speaksFor(message), asked.begun);
      },
      lost: () => {
        this.#unanswered();
        events.lost();
      },
      stateChanged: (state) => events.stateChanged(state),
      failed: (code, reason) => events.failed(code, reason),
    });
  }

  get state(): ConnectionState {
    return this.#connector.state;
  }

  start(): void {
    this.#connector.start();
  }

  /** Brings what was asked for to what is wanted. */
  wantsChanged(): void {
    const connector = this.#connector;
    const {torn} = this.store;
    connector.live?.asked.forget(torn);
    torn.clear();
    this.store.keep(this.wants());
    for (const channel of [...connector.candidates]) {
      const {way} = channel.route.transport;
      if (way === 'both' || channel.changeable) this.#bring(channel);
    }
    if (connector.live && connector.asking) {
      this.#bring(connector.asking);
    } else {
      connector.start();
    }
  }

  look(): void {
    const {clock} = this.store;
    const slept = clock.slept();
    if (!this.#connector.live) return;
    if (slept) {
      this.#connector.lose({reason: 'this machine slept'});
      return;
    }
    const now = performance.now();
    this.#staleSince = clock.fresh ? undefined : this.#staleSince ?? now;
    if (now - (this.#staleSince ?? now) > clock.thresholdMs) this.#silent();
  }

  wake(): void {
    this.look();
    this.#connector.wake();
    clearTimeout(this.#catchUp);
    this.#catchUp = setTimeout(() => {
      if (this.#connector.live && !this.store.clock.fresh) this.#silent();
    }, catchUpMs);
  }

  networkChanged(reason: string): void {
    this.#connector.networkChanged(reason);
    this.wake();
  }

  suspend(reason: string): void {
    clearTimeout(this.#catchUp);
    this.#connector.suspend(reason);
  }

  resume(reason: string): void {
    this.#connector.resume(reason);
  }

  publish(request: PublishRequest): Promise<number>|undefined {
    const {live} = this.#connector;
    if (live?.route.transport.way !== 'both') return undefined;
    const id = this.#asker.nextId();
    live.send(JSON.stringify({...request, id}));
    return new Promise<ServerMessage|undefined>((resolve) => {
      this.#published.set(id, resolve);
    }).then(sequenceIn);
  }

  close(): void {
    clearTimeout(this.#catchUp);
    this.#connector.lose({reason: 'closed by the page'}, {final: true});
  }

  /** Is it an answer to what only this line asked? */
  #answered(message: ServerMessage): boolean {
    if (message.type === 'error' && message.key === 'auth' &&
        message.code === 'not_supported') {
      if (!this.#tokenIgnored) {
        this.#journal.note({what: 'token ignored', why: message.reason});
      }
      return this.#tokenIgnored = true;
    }
    const id = 'id' in message && message.id || 0;
    const settle = this.#published.get(id);
    this.#published.delete(id);
    settle?.(message);
    return settle !== undefined;
  }

  /** The connection is gone on which the answers would have come. */
  #unanswered(): void {
    for (const settle of this.#published.values()) settle(undefined);
    this.#published.clear();
  }

  #silent(): void {
    this.#staleSince = undefined;
    this.#connector.broke({reason: 'the gateway has gone silent'});
  }

  /**
   * What is wanted, as exactly as this way can say it, without what is refused
   * until it is wanted otherwise.
   */
  #sayable(way: Way): Wants {
    const wants = this.wants();
    for (const symbol of this.#refused.keys()) {
      if (!wants.has(symbol)) this.#refused.delete(symbol);
    }
    if (way === 'both') return wants;
    const left = new Map([...wants].filter(
        ([symbol, want]) => this.#refused.get(symbol) !== wantKey(want)));
    return way === 'query' ? uniform(left) : left;
  }

  /**
   * The gateway may have refused all that was asked, with an error. Leaves out
   * what is to blame: was there any? Of a GET, one request for everything, it
   * is what wants the field, or is the symbol, that the error names.
   */
  #leaveOut({asked, route: {transport: {way}}}: Channel, reason: string):
      boolean {
    let error: ServerMessage|undefined;
    try {
      [error] = parseMessage(errorIn(reason));
    } catch {
      // Something on the way answered.
    }
    if (error?.type !== 'error') return false;
    const {key = ''} = error;
    const said = asked.speaksFor(error);
    const faulty: string[] = [];
    for (const [symbol, want] of this.#sayable('body')) {
      if (said.includes(symbol) && (way !== 'query' || symbol === key ||
                                    want.fields?.includes(key))) {
        faulty.push(symbol);
        this.#refused.set(symbol, wantKey(want));
      }
    }
    if (faulty.length === 0) return false;
    this.events.heard(error, faulty, []);
    return true;
  }

  #query({asked, helloAt, route: {transport: {way}}}: Channel):
      string|undefined {
    const wants = this.#sayable(way);
    if (wants.size === 0) return undefined;
    return this.#asker.query(way, asked, wants, helloAt === 0);
  }

  /** Has this channel ask for what is wanted now. */
  #bring(channel: Channel): void {
    const {asked, route: {transport: {way}}} = channel;
    const wants = this.#sayable(way);
    if (way === 'both') {
      this.#tell(channel);
    } else if (wants.size === 0) {
      this.#connector.rest();
    } else if (!sameWants(asked.wants, wants)) {
      this.#connector.ask(channel);
    }
  }

  /** A two-way channel is told what changed. */
  #tell(channel: Channel): void {
    if (!channel.open) return;
    for (const text of this.#asker.messages(channel.asked, this.wants())) {
      channel.send(text);
    }
  }
}
