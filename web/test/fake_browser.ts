// A browser with several tabs: its locks, and the channel between its tabs.

import {vi} from 'vitest';

type Callback = () => unknown;

interface Request {
  readonly name: string;
  readonly tab: Tab;
  readonly run: Callback;
  readonly resolve: (value: unknown) => void;
  readonly reject: (error: Error) => void;
  /** It waits no more: nothing can abort it. */
  readonly granted: () => void;
}

const aborted = () => new DOMException('aborted', 'AbortError');

export class Tab {
  crashed = false;
  readonly channels: Channel[] = [];
}

class Channel {
  onmessage: ((event: {data: unknown}) => void)|null = null;
  closed = false;

  constructor(private readonly name: string) {
    all.push(this);
    current?.channels.push(this);
  }

  postMessage(data: unknown): void {
    if (this.closed) return;
    const copy = structuredClone(data);
    for (const other of all) {
      if (other === this || other.name !== this.name) continue;
      queueMicrotask(() => {
        if (!other.closed) other.onmessage?.({data: copy});
      });
    }
  }

  close(): void {
    this.closed = true;
  }
}

let all: Channel[] = [];
let current: Tab|undefined;

export class FakeBrowser {
  #held = new Map<string, Request>();
  #waiting: Request[] = [];
  #first: Tab|undefined;
  readonly #document = {
    visibilityState: 'visible',
    addEventListener: () => undefined,
    removeEventListener: () => undefined,
  };

  constructor() {
    all = [];
    vi.stubGlobal('BroadcastChannel', Channel);
    vi.stubGlobal('document', this.#document);
    vi.stubGlobal('navigator', {
      locks: {
        request: (
            name: string, options: {signal?: AbortSignal, steal?: boolean},
            run: Callback) => this.#request(name, options, run),
      },
    });
  }

  /** What `make` makes lives in a tab of its own. */
  tab<T>(make: () => T): [Tab, T] {
    const tab = current = new Tab();
    const made = make();
    // What is requested later is the first one's: it leads.
    current = this.#first ??= tab;
    return [tab, made];
  }

  hide(): void {
    this.#document.visibilityState = 'hidden';
  }

  /** Without a goodbye. */
  crash(tab: Tab): void {
    tab.crashed = true;
    for (const channel of tab.channels) channel.close();
    this.#waiting = this.#waiting.filter((each) => each.tab !== tab);
    for (const [name, {tab: holder}] of [...this.#held]) {
      if (holder === tab) this.#release(name);
    }
  }

  #request(
      name: string, {signal, steal}: {signal?: AbortSignal, steal?: boolean},
      run: Callback): Promise<unknown> {
    if (signal && steal) throw new Error('both a signal and steal');
    const tab = current as Tab;
    return new Promise((resolve, reject) => {
      const abort = () => {
        if (!this.#waiting.includes(request)) return;
        this.#waiting = this.#waiting.filter((each) => each !== request);
        reject(aborted());
      };
      const granted = () => signal?.removeEventListener('abort', abort);
      const request = {name, tab, run, resolve, reject, granted};
      if (steal) {
        this.#held.get(name)?.reject(aborted());
        this.#held.delete(name);
        this.#waiting.unshift(request);
      } else {
        this.#waiting.push(request);
      }
      signal?.addEventListener('abort', abort);
      queueMicrotask(() => this.#grant(name));
    });
  }

  #grant(name: string): void {
    if (this.#held.has(name)) return;
    const request = this.#waiting.find((each) => each.name === name);
    if (!request) return;
    this.#waiting = this.#waiting.filter((each) => each !== request);
    this.#held.set(name, request);
    request.granted();
    void Promise.resolve(request.run()).then((value) => {
      request.resolve(value);
      if (this.#held.get(name) === request) this.#release(name);
    });
  }

  #release(name: string): void {
    this.#held.delete(name);
    queueMicrotask(() => this.#grant(name));
  }
}
