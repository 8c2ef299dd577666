// A TCP proxy that can be told to cut whatever goes through it, and to let
// nothing new through for a while.

import {once} from 'node:events';
import {type AddressInfo, connect, createServer, type Server, type Socket,
} from 'node:net';

export class CuttingProxy {
  /** New connections are cut at once. */
  closed = false;
  readonly #sockets = new Set<Socket>();

  private constructor(private readonly server: Server) {}

  get url(): string {
    const {port} = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/`;
  }

  static async start(target: string): Promise<CuttingProxy> {
    const port = Number(new URL(target).port);
    const server = createServer();
    const proxy = new CuttingProxy(server);
    server.on('connection', (from) => {
      if (proxy.closed) {
        from.destroy();
        return;
      }
      const onward = connect(port, '127.0.0.1');
      for (const [one, other] of [[from, onward], [onward, from]] as const) {
        proxy.#sockets.add(one);
        one.pipe(other);
        one.on('error', () => undefined);
        one.on('close', () => {
          proxy.#sockets.delete(one);
          other.destroy();
        });
      }
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return proxy;
  }

  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  async close(): Promise<void> {
    this.cut();
    this.server.close();
    await once(this.server, 'close');
  }
}
