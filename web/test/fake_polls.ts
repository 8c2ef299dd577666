// A small gateway behind /v1/poll, as docs/protocol.md describes it. It sees
// the requests that wait, and breaks off when a test says so.

import type {FeedState, ServerMessage, SubscribeRequest} from '../src/protocol';

interface Held {
  v: number;
  quiet: boolean;
  bid: number|null;
}

interface Waiting {
  readonly requests: readonly SubscribeRequest[];
  readonly answer: (status: number, text: string) => void;
  readonly fail: () => void;
  timer: ReturnType<typeof setTimeout>|undefined;
}

/** What a request says about a symbol: nothing, or a version and a belief. */
interface Belief {
  readonly v: number;
  readonly quiet: boolean;
}

export class FakePolls {
  /** Every request that came. */
  readonly polls: (readonly SubscribeRequest[])[] = [];
  epoch = 'e1';
  readonly quotes = new Map<string, Held>();
  feed: FeedState = {status: 'live', source: 'simulated'};
  down = false;
  silent = false;
  heartbeatMs = 2000;
  /** Requests that name a field of this name are refused. */
  readonly badField = 'bidd';
  waiting: Waiting[] = [];
  mostWaiting = 0;

  /** What came last, as names. */
  get names(): readonly string[] {
    return this.polls.at(-1)?.flatMap(({symbols}) => symbols) ?? [];
  }

  /** One tick of a symbol. */
  tick(symbol: string, bid: number|null, quiet = false): void {
    const v = this.quotes.get(symbol)?.v ?? 0;
    this.quotes.set(symbol, {v: v + 1, bid, quiet});
    this.answerDue();
  }

  quieten(symbol: string): void {
    const held = this.quotes.get(symbol);
    if (held) held.quiet = true;
    this.answerDue();
  }

  setFeed(status: string): void {
    this.feed = {...this.feed, status};
    this.answerDue();
  }

  /** The process is gone. */
  kill(): void {
    this.down = true;
    for (const each of this.#take()) each.fail();
  }

  restart(epoch: string): void {
    this.down = false;
    this.epoch = epoch;
    this.quotes.clear();
  }

  /** Says goodbye to whoever waits. */
  stop(): void {
    this.down = true;
    const closing: ServerMessage = {
      type: 'closing', code: 4001, reason: 'stopping', retry: true,
      after_ms: 3000,
    };
    for (const {answer} of this.#take()) answer(200, JSON.stringify(closing));
  }

  /** Answers everyone who waits with this. */
  refuse(status: number, text: string): void {
    for (const {answer} of this.#take()) answer(status, text);
  }

  /** A request arrives; returns what its client does by hanging up. */
  arrive(
      body: string, answer: (status: number, text: string) => void,
      fail: () => void): () => void {
    if (this.down) {
      queueMicrotask(fail);
      return () => undefined;
    }
    const requests = JSON.parse(body) as SubscribeRequest[];
    this.polls.push(requests);
    const each: Waiting = {requests, answer, fail, timer: undefined};
    this.waiting.push(each);
    this.mostWaiting = Math.max(this.mostWaiting, this.waiting.length);
    const leave = () => {
      clearTimeout(each.timer);
      this.waiting = this.waiting.filter((other) => other !== each);
    };
    const due = () => {
      leave();
      answer(200, this.#answer(requests));
    };
    if (this.silent) return leave;
    if (this.#isDue(requests)) {
      queueMicrotask(() => {
        if (this.waiting.includes(each)) due();
      });
    } else {
      each.timer = setTimeout(due, this.heartbeatMs);
    }
    return leave;
  }

  answerDue(): void {
    for (const each of this.waiting) {
      if (this.silent || !this.#isDue(each.requests)) continue;
      clearTimeout(each.timer);
      this.waiting = this.waiting.filter((other) => other !== each);
      each.answer(200, this.#answer(each.requests));
    }
  }

  #take(): readonly Waiting[] {
    const waiting = this.waiting;
    this.waiting = [];
    for (const {timer} of waiting) clearTimeout(timer);
    return waiting;
  }

  #isDue(requests: readonly SubscribeRequest[]): boolean {
    return requests.some(
        (request) => this.#isFaulty(request) ||
            request.at?.split('.')[3] !== this.feed.status ||
            request.symbols.some((name) => this.#isNews(name, request)));
  }

  #isFaulty({fields}: SubscribeRequest): boolean {
    return fields?.includes(this.badField) ?? false;
  }

  #scope({fields}: SubscribeRequest): string {
    return `${this.epoch}.${fields?.join('') ?? 'all'}.0`;
  }

  #belief(name: string, request: SubscribeRequest): Belief|undefined {
    const [, version] = name.split('@');
    const scope = request.at?.split('.', 3).join('.');
    if (version === undefined || scope !== this.#scope(request)) {
      return undefined;
    }
    return {v: parseInt(version), quiet: version.endsWith('q')};
  }

  #isNews(name: string, request: SubscribeRequest): boolean {
    const belief = this.#belief(name, request);
    const held = this.quotes.get(name.split('@')[0] as string);
    return !belief || (held?.v ?? 0) !== belief.v ||
        (held?.quiet ?? false) !== belief.quiet;
  }

  #answer(requests: readonly SubscribeRequest[]): string {
    const time = Date.now() * 1000;
    const feeds = {f: this.feed};
    const messages: ServerMessage[] = [];
    if (requests.every(({at}) => at?.split('.')[0] !== this.epoch)) {
      messages.push({
        type: 'hello', version: 1, epoch: this.epoch, time, feeds,
        heartbeat_ms: this.heartbeatMs,
      });
    } else if (requests.some(
                   ({at}) => at?.split('.')[3] !== this.feed.status)) {
      messages.push({type: 'feed', feeds, time});
    }
    for (const request of requests) messages.push(...this.#ack(request, time));
    if (messages.every(({type}) => type !== 'update')) {
      messages.push({type: 'heartbeat', time});
    }
    return messages.map((each) => `${JSON.stringify(each)}\n`).join('');
  }

  #ack(request: SubscribeRequest, time: number): ServerMessage[] {
    const {id} = request;
    if (this.#isFaulty(request)) {
      return [{type: 'error', id, code: 'unknown_field', reason: 'no'}];
    }
    const symbols: Record<string, object> = {};
    const quotes: Record<string, Record<string, number|boolean|null>> = {};
    for (const name of request.symbols) {
      if (!this.#isNews(name, request)) continue;
      const symbol = name.split('@')[0] as string;
      const belief = this.#belief(name, request);
      const held = this.quotes.get(symbol);
      if (!belief?.v) symbols[symbol] = held ? {feed: 'f'} : {unknown: true};
      if (!held) continue;
      const {v, bid, quiet} = held;
      quotes[symbol] = {
        v,
        ...(!belief?.v && {snapshot: true}),
        ...(v !== belief?.v && {bid, n: v}),
        ...(quiet !== belief?.quiet && {quiet}),
      };
    }
    const at = `${this.#scope(request)}.${this.feed.status}.${Date.now()}`;
    const messages: ServerMessage[] = [{type: 'ack', id, at, symbols}];
    const {epoch} = this;
    if (Object.keys(quotes).length > 0) {
      messages.push({type: 'update', epoch, time, quotes});
    }
    if (Object.keys(symbols).length > 0) messages.push({type: 'synced', id});
    return messages;
  }
}

/** A fetch() whose other end is `polls`. */
export function fakeFetch(polls: FakePolls): typeof fetch {
  return (_url, init) => new Promise((resolve, reject) => {
    const leave = polls.arrive(
        String(init?.body),
        (status, text) => resolve(new Response(text, {status})),
        () => reject(new TypeError('failed')));
    init?.signal?.addEventListener('abort', () => {
      leave();
      reject(new DOMException('aborted', 'AbortError'));
    });
  });
}

/** An XMLHttpRequest whose other end is `polls`. */
export function fakeXhr(polls: FakePolls): typeof XMLHttpRequest {
  class Xhr {
    onload: (() => void)|null = null;
    onerror: (() => void)|null = null;
    status = 0;
    responseText = '';
    #leave: () => void = () => undefined;

    open(method: string, url: string): void {
      if (method !== 'POST') throw new Error(`${method} ${url}`);
    }

    send(body: string): void {
      this.#leave = polls.arrive(body, (status, text) => {
        this.status = status;
        this.responseText = text;
        this.onload?.();
      }, () => this.onerror?.());
    }

    abort(): void {
      this.#leave();
      this.onerror?.();
    }
  }
  return Xhr as unknown as typeof XMLHttpRequest;
}
