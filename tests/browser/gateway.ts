// A gateway process for a test: started, killed and started again by it.

import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {createInterface} from 'node:readline';
import {fileURLToPath} from 'node:url';

const builtBinary =
    fileURLToPath(new URL('../../build/release/streamhub', import.meta.url));

export class Gateway {
  private constructor(
      private readonly process: ChildProcess, readonly port: number,
      private readonly adminPort: number) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  get adminUrl(): string {
    return `http://127.0.0.1:${this.adminPort}/`;
  }

  /** Resolves when it listens; port 0 is one that is free. */
  static async start(
      port = 0, settings: readonly string[] = []): Promise<Gateway> {
    const binary = process.env['STREAMHUB_BINARY'] ?? builtBinary;
    const child = spawn(
        binary,
        [
          'serve', '--port', `${port}`, '--admin-port', '0',
          '--script-doors', 'frame,jsonp', ...settings,
        ],
        {stdio: ['ignore', 'pipe', 'inherit']});
    const failed = once(child, 'exit').then(([code]) => {
      throw new Error(`${binary} ended with ${code} before it listened`);
    });
    const ports: number[] = [];
    const listens = new Promise<void>((resolve) => {
      createInterface(child.stdout).on('line', (line) => {
        const match =
            /^(listening on|admin at) http:\/\/127\.0\.0\.1:(\d+)/.exec(line);
        if (match && ports.push(Number(match[2])) === 2) resolve();
      });
    });
    failed.catch(() => undefined);
    await Promise.race([listens, failed]);
    return new Gateway(child, ports[0] ?? 0, ports[1] ?? 0);
  }

  /** The value of a metric without labels, by its name after `streamhub_`. */
  async metric(name: string): Promise<number> {
    const answer = await fetch(`http://127.0.0.1:${this.adminPort}/metrics`);
    const text = await answer.text();
    const value = new RegExp(`^streamhub_${name} (\\S+)$`, 'm').exec(text)?.[1];
    if (value === undefined) throw new Error(`there is no metric ${name}`);
    return Number(value);
  }

  signal(name: NodeJS.Signals): void {
    this.process.kill(name);
  }

  /** Without a goodbye, as a crash would. */
  async kill(): Promise<void> {
    if (this.process.exitCode !== null || this.process.signalCode) return;
    const exited = once(this.process, 'exit');
    this.process.kill('SIGKILL');
    await exited;
  }
}
