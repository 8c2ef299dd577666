// A TCP proxy with the faults of real networks, on command of a test. It knows
// nothing of what it carries.

import {once} from 'node:events';
import {type AddressInfo, connect, createServer, type Server, Socket} from
    'node:net';

/** How often what trickles is passed on. */
const trickleMs = 20;

interface Pair {
  readonly client: Socket;
  readonly gateway: Socket;
}

export class FaultyProxy {
  readonly #pairs = new Set<Pair>();
  /** Takes connections, and ends them at once. */
  #refuses = false;
  /** Towards the client; 0: nothing in either direction. */
  #bytesPerS = Infinity;

  private constructor(
      private readonly server: Server, private readonly target: number) {}

  static async start(target: number): Promise<FaultyProxy> {
    const server = createServer({allowHalfOpen: true});
    const proxy = new FaultyProxy(server, target);
    server.on('connection', (client) => proxy.#join(client));
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  get url(): string {
    const {port} = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/`;
  }

  get connections(): number {
    return this.#pairs.size;
  }

  /** Nothing passes any more, and nobody is told. */
  stall(): void {
    this.trickle(0);
  }

  /** So little passes towards the clients; what waits, waits here. */
  trickle(bytesPerS: number): void {
    this.#bytesPerS = bytesPerS;
    for (const pair of this.#pairs) this.#pace(pair);
  }

  /** Every connection ends in good order, and so does every new one. */
  cut(): void {
    this.#refuses = true;
    for (const {client, gateway} of this.#pairs) {
      client.end();
      gateway.end();
      client.destroySoon();
      gateway.destroySoon();
    }
  }

  /** Every connection ends with an RST to both. New ones are welcome. */
  reset(): void {
    for (const {client, gateway} of this.#pairs) {
      client.resetAndDestroy();
      gateway.resetAndDestroy();
    }
  }

  /**
   * The clients are told that nothing more comes, the gateway that nothing is
   * wrong: it goes on into the void. New connections are welcome.
   */
  halfClose(): void {
    for (const {client, gateway} of this.#pairs) {
      gateway.unpipe(client);
      gateway.removeAllListeners('data');
      gateway.resume();
      client.end();
    }
  }

  /** All is well again. */
  goOn(): void {
    this.#refuses = false;
    this.trickle(Infinity);
  }

  async close(): Promise<void> {
    this.reset();
    this.server.close();
    await once(this.server, 'close');
  }

  #join(client: Socket): void {
    if (this.#refuses) {
      client.destroy();
      return;
    }
    const gateway =
        connect({port: this.target, host: '127.0.0.1', allowHalfOpen: true});
    client.setNoDelay(true);
    gateway.setNoDelay(true);
    const pair = {client, gateway};
    this.#pairs.add(pair);
    const over = () => {
      this.#pairs.delete(pair);
      client.destroy();
      gateway.destroy();
    };
    for (const end of [client, gateway]) {
      // Both are gone then; 'close' follows.
      end.on('error', () => undefined);
      end.on('close', over);
    }
    this.#pace(pair);
  }

  #pace({client, gateway}: Pair): void {
    client.unpipe(gateway);
    gateway.unpipe(client);
    client.pause();
    gateway.pause();
    if (this.#bytesPerS === 0) return;
    client.pipe(gateway);
    if (this.#bytesPerS === Infinity) {
      gateway.pipe(client);
      return;
    }
    const bytesPerS = this.#bytesPerS;
    const timer = setInterval(() => {
      if (client.destroyed || this.#bytesPerS !== bytesPerS) {
        clearInterval(timer);
        return;
      }
      const most = Math.ceil(bytesPerS * trickleMs / 1000);
      const piece: Buffer|null =
          gateway.read(Math.min(most, gateway.readableLength || 1)) as
              Buffer|null;
      if (piece) client.write(piece);
    }, trickleMs);
    timer.unref();
  }
}
