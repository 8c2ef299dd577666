// What the page is told of the connection, and the journal of how it came to
// that.

import type {Channel} from './channel';
import {type Choice, type Route, sameRoute} from './choice';
import type {Journal} from './journal';
import type {Race} from './race';
import type {ConnectionState} from './state';

export class Standing {
  #state: ConnectionState =
      {status: 'connecting', transport: 'none', reason: ''};
  /** Why the connection is not of the most preferred transport. */
  #why = '';

  constructor(
      private readonly choice: Choice, private readonly journal: Journal,
      private readonly tell: (state: ConnectionState) => void) {}

  get state(): ConnectionState {
    return this.#state;
  }

  note(what: string, why: string, route?: Route): void {
    this.journal.note({
      what, why,
      ...(route && {server: route.server, transport: route.transport.name}),
    });
  }

  resting(): void {
    const reason = 'nothing is subscribed';
    this.#set({status: 'connecting', transport: 'none', reason});
  }

  /** `waitMs`: until the next attempt, if there is one. */
  disconnected(reason: string, waitMs?: number): void {
    this.#set({
      status: 'disconnected', transport: 'none', reason,
      ...(waitMs !== undefined && {retryAt: Date.now() + waitMs}),
    });
  }

  /** A channel said hello; it was in a race, and takes the place of another. */
  won({route}: Channel, race: Race, before: Channel|undefined): void {
    const late = race.running.map((each) => each.route)
        .filter((each) => this.choice.isBetter(each, route));
    const notes = [
      ...this.choice.spoiltBefore(route),
      ...race.notes,
      ...late.map(({transport: {name}}) => `${name}: no answer yet`),
    ].join('; ');
    if (this.choice.better(route).length === 0) {
      this.#why = '';
    } else if (!before || notes) {
      this.#why = notes || 'it worked last time';
    }
    this.note(this.#change(route, before?.route), this.#why, route);
  }

  connected({route: {server, transport: {name}}}: Channel): void {
    this.#set({
      status: 'connected', transport: name, server, reason: this.#why,
    });
  }

  #change(route: Route, before: Route|undefined): string {
    if (!before) return 'connected';
    if (this.choice.isBetter(route, before)) return 'moved up';
    return sameRoute(route, before) ? 'reopened' : 'fell back';
  }

  #set(state: ConnectionState): void {
    this.#state = state;
    this.tell(state);
  }
}
