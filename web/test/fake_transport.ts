// A transport whose other end is the test.

import type {
  PingRequest, ServerMessage, SubscribeRequest,
} from '../src/protocol';
import type {
  CloseInfo, Link, LinkEvents, Transport, Way,
} from '../src/transports/transport';

export class FakeLink implements Link {
  readonly requests: SubscribeRequest[] = [];
  closed = false;
  /** It answers no ping. */
  deaf = false;
  pings = 0;
  lastPing: PingRequest|undefined;

  constructor(
      readonly server: string, private readonly text: string,
      private readonly events: LinkEvents, readonly token?: string) {}

  /** Of a transport that asks by the query of a GET. */
  get query(): URLSearchParams {
    return new URLSearchParams(this.text);
  }

  /** Of a transport that asks by the body of a POST. */
  get asked(): readonly SubscribeRequest[] {
    return JSON.parse(this.text) as SubscribeRequest[];
  }

  send(text: string): void {
    const request = JSON.parse(text) as SubscribeRequest|PingRequest;
    if (request.type !== 'ping') {
      this.requests.push(request);
      return;
    }
    ++this.pings;
    this.lastPing = request;
    if (!this.deaf) this.say({type: 'pong', time: Date.now() * 1000});
  }

  close(): void {
    this.closed = true;
  }

  open(): void {
    this.events.opened();
  }

  say(...messages: ServerMessage[]): void {
    this.sayText(messages.map((m) => JSON.stringify(m)).join('\n'));
  }

  sayText(text: string): void {
    this.events.received(text);
  }

  hello(epoch = 'e1'): void {
    this.say({
      type: 'hello', version: 1, epoch, time: Date.now() * 1000,
      heartbeat_ms: 2000, feeds: {f: {status: 'live', source: 'simulated'}},
    });
  }

  /** Acks request `id` and sends `v` with `bid` of each of the symbols. */
  snapshot(id: number, symbols: readonly string[], v = 1, epoch = 'e1'): void {
    const each = <T>(value: T) =>
        Object.fromEntries(symbols.map((symbol) => [symbol, value]));
    this.say(
        {type: 'ack', id, at: `${epoch}.x.0`, symbols: each({feed: 'f'})},
        {
          type: 'update', epoch, time: Date.now() * 1000,
          quotes: each({v, snapshot: true, n: v, bid: v}),
        },
        {type: 'synced', id});
  }

  /** What a poll asks with next. */
  next(): unknown {
    return JSON.parse(this.events.next());
  }

  wear(): void {
    this.events.worn();
  }

  fail(info: CloseInfo = {reason: 'gone', code: 1006}): void {
    this.events.closed(info);
  }
}

export class FakeTransport implements Transport {
  readonly links: FakeLink[] = [];
  present = true;
  carriesToken = false;

  constructor(readonly name: string, readonly way: Way) {}

  available(): boolean {
    return this.present;
  }

  open(base: URL, query: string, events: LinkEvents, token?: string): Link {
    const link = new FakeLink(base.href, query, events, token);
    this.links.push(link);
    return link;
  }

  /** The newest link. */
  get link(): FakeLink {
    const link = this.links.at(-1);
    if (!link) throw new Error(`${this.name} was never opened`);
    return link;
  }
}
