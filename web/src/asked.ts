// What was asked for over one channel, and so what its answers speak for: they
// name the request, not the symbols.

import type {Want} from './interests';
import type {ServerMessage, SubscribeRequest} from './protocol';
import {symbolOf} from './requests';

/** What is wanted of each symbol. */
export type Wants = ReadonlyMap<string, Want>;

interface Request {
  readonly symbols: readonly string[];
  /** How much of each symbol that is a topic it began with. */
  readonly begun: readonly number[];
  /** In a poll: those that its ack has not named. */
  readonly unnamed: Set<string>|undefined;
}

export class Asked {
  wants: Wants = new Map();
  /** That of the request that was last in sync. */
  begun: readonly number[] = [];
  /** Symbols that were refused: a poll must not ask for them over and over. */
  readonly refused = new Set<string>();
  readonly #requests = new Map<number, Request>();

  /** The request with this id speaks for these symbols. */
  expect({id, symbols: names, history = 0}:
             Pick<SubscribeRequest, 'id'|'symbols'|'history'>,
         polls = false): void {
    const symbols = names.map(symbolOf);
    // What goes on from a cursor brings nothing of before.
    const begun = names.map((name) => /@[1-9]/.test(name) ? 0 : history);
    const unnamed = polls ? new Set(symbols) : undefined;
    this.#requests.set(id, {symbols, begun, unnamed});
  }

  /** These have to be asked for anew. */
  forget(symbols: ReadonlySet<string>): void {
    this.wants = new Map(
        [...this.wants].filter(([symbol]) => !symbols.has(symbol)));
  }

  /** These requests are a poll: all that any answer will speak for. */
  expectPoll(requests: readonly SubscribeRequest[]): void {
    this.#requests.clear();
    for (const request of requests) this.expect(request, true);
  }

  /**
   * The symbols of which an answer says something without naming them: those
   * that are in sync, that are as a poll believed, or that were refused. To be
   * called once for every message.
   */
  speaksFor(message: ServerMessage): readonly string[] {
    if (!('id' in message)) return [];
    const request = this.#requests.get(message.id ?? NaN);
    if (!request) return [];
    switch (message.type) {
      case 'synced':
        this.#requests.delete(message.id ?? NaN);
        this.begun = request.begun;
        return request.symbols;
      case 'error':
        for (const symbol of request.symbols) this.refused.add(symbol);
        return request.symbols;
      case 'ack':
        for (const symbol of Object.keys(message.symbols ?? {})) {
          request.unnamed?.delete(symbol);
        }
        return message.more ? [] : [...request.unnamed ?? []];
      default:
        return [];
    }
  }
}
