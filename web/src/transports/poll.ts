import {type Answer, type Post, post, refusal} from './http';
import type {Link, LinkEvents, Transport} from './transport';

/**
 * Even at the fastest rate a page asks no more often than this. (It is the
 * gateway that holds an answer back until there is news.)
 */
const betweenPollsMs = 10;

/** Long polling at /v1/poll: stateless, each request says what we hold. */
export const pollTransport: Transport = {
  name: 'poll',
  way: 'poll',
  available: () =>
      typeof fetch === 'function' || typeof XMLHttpRequest === 'function',

  carriesToken: true,

  open(base, query, events, token) {
    return new PollLink(
        new URL('v1/poll', base).href, post, query, events, token);
  },
};

export class PollLink implements Link {
  /** Abandons the request or the pause in progress: one or the other is. */
  #abandon: () => void = () => undefined;
  #began = 0;
  #opened = false;
  #closed = false;
  /** Counts the requests, to know an answer that was overtaken. */
  #turn = 0;

  constructor(
      private readonly url: string, private readonly post: Post,
      query: string, private readonly events: LinkEvents,
      private readonly token?: string) {
    this.#ask(query);
  }

  /** The server knows only the request that waits: replace that. */
  changed(query: string): void {
    this.#abandon();
    this.#ask(query);
  }

  close(): void {
    this.#closed = true;
    this.#abandon();
  }

  #ask(query: string): void {
    this.#began = performance.now();
    const turn = ++this.#turn;
    this.#abandon =
        this.post(this.url, query, (answer) => this.#answered(answer, turn),
                  this.token);
  }

  #answered(answer: Answer|undefined, turn: number): void {
    if (answer?.status !== 200) {
      this.#closed = true;
      this.events.closed({reason: refusal(answer)});
      return;
    }
    if (!this.#opened) this.events.opened();
    this.#opened = true;
    this.events.received(answer.message ?? answer.text);
    // What was received may have ended this link, or asked anew.
    if (this.#closed || turn !== this.#turn) return;
    const pauseMs = this.#began + betweenPollsMs - performance.now();
    if (pauseMs <= 0) {
      this.#ask(this.events.next());
      return;
    }
    const timer = setTimeout(() => this.#ask(this.events.next()), pauseMs);
    this.#abandon = () => clearTimeout(timer);
  }
}
