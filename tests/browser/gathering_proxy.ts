// A proxy as some networks have it: it knows no WebSocket, and gathers what
// comes before it passes it on. What ends it passes on at once.

import {once} from 'node:events';
import {createServer, request, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';

export class GatheringProxy {
  private constructor(private readonly server: Server) {}

  get url(): string {
    const {port} = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/`;
  }

  /** In front of `target`; what goes on is passed on every `everyMs`. */
  static async start(target: string, everyMs: number): Promise<GatheringProxy> {
    const server = createServer((from, to) => {
      const {method, headers, url} = from;
      const onward = request(
          new URL(url ?? '/', target), {method, headers}, (answer) => {
            to.writeHead(answer.statusCode ?? 502, answer.headers);
            let held: Buffer[] = [];
            const passOn = () => {
              for (const piece of held) to.write(piece);
              held = [];
            };
            const timer = setInterval(passOn, everyMs);
            answer.on('data', (piece: Buffer) => void held.push(piece));
            answer.on('close', () => {
              clearInterval(timer);
              passOn();
              to.end();
            });
          });
      onward.on('error', () => to.destroy());
      to.on('close', () => onward.destroy());
      from.pipe(onward);
    });
    server.on('upgrade', (_request, socket) => {
      socket.end('HTTP/1.1 501 Not Implemented\r\nContent-Length: 0\r\n\r\n');
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new GatheringProxy(server);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
