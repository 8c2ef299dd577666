// Debian's nginx, HAProxy and Caddy in front of a gateway, each as its own
// process with the configuration that a test gives it.

import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {
  existsSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync,
} from 'node:fs';
import {type AddressInfo, connect, createServer} from 'node:net';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';

export type ProxyName = 'nginx'|'haproxy'|'caddy';

const programs = {
  nginx: '/usr/sbin/nginx',
  haproxy: '/usr/sbin/haproxy',
  caddy: '/usr/bin/caddy',
};

/** Why a test with it cannot run here; undefined: it can. */
export function missing(name: ProxyName): string|undefined {
  return existsSync(programs[name]) ? undefined :
                                      `${programs[name]} is not installed`;
}

/** Where each says on which port it listens, and what a test makes of it. */
const snippets = {
  nginx: {file: 'nginx.conf', listen: 'listen 80;', here: 'listen 127.0.0.1:'},
  haproxy: {file: 'haproxy.cfg', listen: 'bind :80\n', here: 'bind 127.0.0.1:'},
  caddy: {file: 'Caddyfile', listen: '\n:80 {', here: '\n:'},
};

/** Of deploy/proxies, as it is but for the two ports. */
export function snippet(
    name: ProxyName, port: number, gatewayPort: number): string {
  const {file, listen, here} = snippets[name];
  const path = new URL(`../../deploy/proxies/${file}`, import.meta.url);
  const text = readFileSync(fileURLToPath(path), 'utf8')
                   .replace(/^\s*#.*\n/gm, '');
  const end = listen.slice(listen.indexOf('80') + 2);
  return replaceOnce(
      replaceOnce(text, listen, `${here}${port}${end}`), '127.0.0.1:8080',
      `127.0.0.1:${gatewayPort}`);
}

/** With `from` replaced, which is there once. */
function replaceOnce(text: string, from: string, to: string): string {
  const parts = text.split(from);
  if (parts.length !== 2) {
    throw new Error(`${JSON.stringify(from)} is there ${parts.length - 1} ` +
                    `times in:\n${text}`);
  }
  return parts.join(to);
}

/** What Debian's configuration says around ours. */
function whole(name: ProxyName, text: string, folder: string): string {
  switch (name) {
    case 'nginx':
      return `
        pid ${folder}/nginx.pid;
        events { worker_connections 768; }
        http {
          sendfile on;
          tcp_nopush on;
          include /etc/nginx/mime.types;
          default_type application/octet-stream;
          gzip on;
          access_log off;
          ${['client_body', 'proxy', 'fastcgi', 'uwsgi', 'scgi'].map(
              (path) => `${path}_temp_path ${folder}/${path};`).join('\n')}
          ${text}
        }`;
    case 'haproxy':
      return `
defaults
  mode http
  option dontlognull
  timeout connect 5000
  timeout client 50000
  timeout server 50000
${text}`;
    case 'caddy':
      return '{\n admin off\n auto_https off\n default_bind 127.0.0.1\n}\n' +
          text;
  }
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const {port} = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}

/** Does anybody listen there? */
async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  try {
    await once(socket, 'connect');
    return true;
  } catch {
    return false;
  } finally {
    socket.destroy();
  }
}

export class RealProxy {
  private constructor(
      private readonly process: ChildProcess, readonly port: number,
      private readonly folder: string) {}

  get url(): string {
    return `http://127.0.0.1:${this.port}/`;
  }

  /** `text` is its configuration, given the port that it is to listen on. */
  static async start(name: ProxyName, text: (port: number) => string):
      Promise<RealProxy> {
    const port = await freePort();
    const folder = mkdtempSync(join(tmpdir(), `streamhub-${name}-`));
    mkdirSync(join(folder, 'home'));
    const file = join(folder, 'configuration');
    writeFileSync(file, whole(name, text(port), folder));
    const parameters = {
      nginx: ['-p', folder, '-e', 'stderr', '-g',
              'daemon off; master_process off;', '-c', file],
      haproxy: ['-db', '-f', file],
      caddy: ['run', '--config', file, '--adapter', 'caddyfile'],
    }[name];
    const home = join(folder, 'home');
    const child = spawn(programs[name], parameters, {
      stdio: ['ignore', 'ignore', 'pipe'],
      env: {HOME: home, XDG_DATA_HOME: home, XDG_CONFIG_HOME: home},
    });
    let said = '';
    child.stderr.on('data', (piece: Buffer) => {
      said = (said + piece.toString()).slice(-10_000);
    });
    const proxy = new RealProxy(child, port, folder);
    const deadline = performance.now() + 10_000;
    while (!await listens(port)) {
      if (child.exitCode !== null || performance.now() > deadline) {
        await proxy.close();
        throw new Error(`${name} does not listen:\n${said}`);
      }
    }
    return proxy;
  }

  async close(): Promise<void> {
    if (this.process.exitCode === null && !this.process.signalCode) {
      const exited = once(this.process, 'exit');
      this.process.kill('SIGKILL');
      await exited;
    }
    rmSync(this.folder, {recursive: true, force: true});
  }
}
