// Somebody on the way who changes a file: one byte at its end.

import {once} from 'node:events';
import {createServer, type Server} from 'node:http';
import type {AddressInfo} from 'node:net';

export class ChangingProxy {
  private constructor(private readonly server: Server) {}

  get url(): string {
    const {port} = this.server.address() as AddressInfo;
    return `http://127.0.0.1:${port}/`;
  }

  static async start(target: string): Promise<ChangingProxy> {
    const server = createServer(async ({url}, to) => {
      const answer = await fetch(new URL(url ?? '/', target));
      const body = Buffer.from(await answer.arrayBuffer());
      // Still the same program: a line's end becomes a blank.
      body[body.length - 1] = 0x20;
      to.writeHead(answer.status, {
        'Content-Type': answer.headers.get('content-type') ?? '',
        'Access-Control-Allow-Origin': '*',
      });
      to.end(body);
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    return new ChangingProxy(server);
  }

  async close(): Promise<void> {
    this.server.closeAllConnections();
    this.server.close();
    await once(this.server, 'close');
  }
}
