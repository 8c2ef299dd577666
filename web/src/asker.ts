// What the widgets want and the store holds, said in the way of a transport:
// messages, the query of a GET, the body of a POST, or a poll's body.

import type {Asked, Wants} from './asked';
import {newWants, uniform} from './interests';
import type {SubscribeRequest} from './protocol';
import {
  type CursorOf, pingRequest, refuseMore, requestBody, streamQuery,
  subscribeRequests, symbolsMax, unsubscribeRequests,
} from './requests';
import type {Store} from './store';
import {scopeOf} from './token';
import type {Way} from './transports/transport';

/** The most that one body may hold. */
const requestsMax = 64;

export class Asker {
  #lastId = 0;
  readonly nextId = () => ++this.#lastId;
  readonly #held: CursorOf = (...of) => this.store.cursorOf(...of);
  readonly #believed: CursorOf = (...of) => this.store.beliefOf(...of);
  /** As believed, but without what the server told us when. */
  readonly #anew: CursorOf = (...of) => {
    const cursor = this.store.beliefOf(...of);
    return cursor && {...cursor, at: cursor.at && scopeOf(cursor.at)};
  };

  constructor(private readonly store: Store) {}

  /** Messages that bring what was asked for to `wants`. */
  messages(asked: Asked, wants: Wants): string[] {
    const gone = [...asked.wants.keys()].filter((symbol) => !wants.has(symbol));
    const requests = subscribeRequests(
        newWants(asked.wants, wants), this.#held, this.nextId);
    for (const request of requests) asked.expect(request);
    asked.wants = wants;
    return [...unsubscribeRequests(gone, this.nextId), ...requests].map(
        (request) => JSON.stringify(request));
  }

  /** Is anybody there? */
  ping(): string {
    return JSON.stringify(pingRequest(this.nextId(), this.store.clock.newest));
  }

  /**
   * What a one-way transport asks with for `wants`. Throws a RangeError if
   * that is more than it can say. The first poll of a link is `first`: it is
   * answered at once, with all that a page has to know.
   */
  query(way: Way, asked: Asked, wants: Wants, first: boolean): string {
    const query = way === 'query' ? this.#get(asked, wants) :
                                    this.#post(way, asked, wants, first);
    asked.wants = wants;
    asked.refused.clear();
    return query;
  }

  /** The next poll, for what of `wants` was not refused. */
  nextPoll(asked: Asked, wants: Wants): string {
    const left = new Map([...asked.wants].filter(
        ([symbol]) => wants.has(symbol) && !asked.refused.has(symbol)));
    const requests = this.#requests(left, this.#believed);
    asked.expectPoll(requests);
    return JSON.stringify(requests);
  }

  #get(asked: Asked, wants: Wants): string {
    const id = this.nextId();
    const query = streamQuery(wants, this.#held, id);
    const history = wants.values().next().value?.history ?? 0;
    const names = new URLSearchParams(query).get('symbols') ?? '';
    asked.expect({id, symbols: names.split(','), history});
    return query;
  }

  #post(way: Way, asked: Asked, wants: Wants, first: boolean): string {
    const polls = way === 'poll';
    if (polls) refuseMore(wants.size, symbolsMax, 'symbols');
    const cursorOf = !polls ? this.#held : first ? this.#anew : this.#believed;
    const requests = this.#requests(wants, cursorOf);
    const body = requestBody(requests);
    if (polls) {
      asked.expectPoll(requests);
    } else {
      for (const request of requests) asked.expect(request);
    }
    return body;
  }

  #requests(wants: Wants, cursorOf: CursorOf): readonly SubscribeRequest[] {
    const requests = subscribeRequests(wants, cursorOf, this.nextId);
    return requests.length <= requestsMax ?
        requests : subscribeRequests(uniform(wants), cursorOf, this.nextId);
  }
}
