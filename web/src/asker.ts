// What the widgets want and the store holds, said in the way of a transport:
// messages, the query of a GET, the body of a POST, or a poll's body.

import {type Interests, newWants, uniform, type Want} from './interests';
import type {SubscribeRequest} from './protocol';
import {
  type CursorOf, refuseMore, requestBody, streamQuery, subscribeRequests,
  symbolsMax, unsubscribeRequests,
} from './requests';
import type {Store} from './store';
import {scopeOf} from './token';
import type {Way} from './transports/transport';

export type Wants = ReadonlyMap<string, Want>;

/** The most that one body may hold. */
const requestsMax = 64;

export class Asker {
  #lastId = 0;
  readonly #nextId = () => ++this.#lastId;
  readonly #held: CursorOf = (symbol) => this.store.cursorOf(symbol);
  readonly #believed: CursorOf = (symbol) => this.store.beliefOf(symbol);
  /** As believed, but without what the server told us when. */
  readonly #anew: CursorOf = (symbol) => {
    const cursor = this.store.beliefOf(symbol);
    return cursor && {...cursor, at: scopeOf(cursor.at)};
  };

  constructor(
      private readonly interests: Interests<Want>,
      private readonly store: Store) {}

  /** What is wanted, as exactly as this way can say it. */
  wants(way: Way): Wants {
    const wants = this.interests.perSymbol();
    return way === 'query' ? uniform(wants) : wants;
  }

  /** Messages that bring what was sent to what is wanted. */
  messages(sent: Wants, wants: Wants): string[] {
    const gone = [...sent.keys()].filter((symbol) => !wants.has(symbol));
    const requests = subscribeRequests(
        newWants(sent, wants), this.#held, this.#nextId);
    for (const request of requests) this.store.expect(request);
    return [...unsubscribeRequests(gone, this.#nextId), ...requests].map(
        (request) => JSON.stringify(request));
  }

  /**
   * What a one-way transport asks with for `wants`. Throws a RangeError if
   * that is more than it can say. The first poll of a link is `first`: it is
   * answered at once, with all that a page has to know.
   */
  query(way: Way, wants: Wants, first: boolean): string {
    if (way === 'query') {
      const id = this.#nextId();
      const query = streamQuery(wants, this.#held, id);
      this.store.expect({id, symbols: [...wants.keys()]});
      return query;
    }
    const polls = way === 'poll';
    if (polls) refuseMore(wants.size, symbolsMax, 'symbols for a poll');
    const cursorOf = !polls ? this.#held : first ? this.#anew : this.#believed;
    const requests = this.#requests(wants, cursorOf);
    const body = requestBody(requests);
    if (polls) {
      this.store.expectPoll(requests);
    } else {
      for (const request of requests) this.store.expect(request);
    }
    return body;
  }

  /** The next poll for `wants`, but for those that were refused. */
  nextPoll(wants: Wants, refused: ReadonlySet<string>): string {
    const left = new Map([...wants].filter(
        ([symbol]) => this.interests.has(symbol) && !refused.has(symbol)));
    const requests = this.#requests(left, this.#believed);
    this.store.expectPoll(requests);
    return JSON.stringify(requests);
  }

  #requests(wants: Wants, cursorOf: CursorOf): readonly SubscribeRequest[] {
    const requests = subscribeRequests(wants, cursorOf, this.#nextId);
    return requests.length <= requestsMax ?
        requests : subscribeRequests(uniform(wants), cursorOf, this.#nextId);
  }
}
