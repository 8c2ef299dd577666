// The package as others get it: its size, its forms, its types, and Node.

import {spawn, spawnSync} from 'node:child_process';
import {
  mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync,
} from 'node:fs';
import {createServer, type ServerResponse} from 'node:http';
import type {AddressInfo} from 'node:net';
import {createRequire} from 'node:module';
import {tmpdir} from 'node:os';
import {join} from 'node:path';
import {fileURLToPath, pathToFileURL} from 'node:url';

import {afterAll, beforeAll, expect, test} from 'vitest';

import {buildPackage} from '../build.mjs';

const maxBytes = 15 * 1024;
const web = fileURLToPath(new URL('..', import.meta.url));
let folder: string;
let packed: string;
let sizes: Record<string, number>;

beforeAll(async () => {
  folder = mkdtempSync(join(tmpdir(), 'streamhub-package-'));
  packed = join(folder, 'node_modules/@streamhub/client');
  mkdirSync(packed, {recursive: true});
  writeFileSync(
      join(packed, 'package.json'), readFileSync(join(web, 'package.json')));
  sizes = await buildPackage(join(packed, 'dist'));
}, 60_000);

afterAll(() => rmSync(folder, {recursive: true, force: true}));

test('the client is below 15 KB with gzip', () => {
  console.log(Object.entries(sizes).map(
      ([name, bytes]) => `${name}: ${bytes} bytes with gzip`).join('\n'));
  expect(sizes['streamhub.js']).toBeLessThan(maxBytes);
  expect(sizes['streamhub.umd.cjs']).toBeLessThan(maxBytes);
});

test('it needs nothing else', () => {
  for (const name of Object.keys(sizes)) {
    const code = readFileSync(join(packed, 'dist', name), 'utf8');
    expect(code).not.toMatch(/\brequire\(|\bimport\s*[("'{]|\bfrom\s*["']/);
  }
});

test('every form has the same names', async () => {
  const module = await import(
      /* @vite-ignore */ pathToFileURL(join(packed, 'dist/streamhub.js')).href);
  const required = createRequire(join(folder, 'page.js'))('@streamhub/client');
  const code = readFileSync(join(packed, 'dist/streamhub.umd.cjs'), 'utf8');
  const global = new Function(`${code}; return StreamHub;`)();
  const names = Object.keys(module).sort();
  expect(names).toContain('connect');
  expect(Object.keys(required).sort()).toEqual(names);
  expect(Object.keys(global).sort()).toEqual(names);
});

test('its types are those of the code', () => {
  writeFileSync(join(folder, 'page.ts'), `
    import {connect, type Client, type Occurrence} from '@streamhub/client';
    import {flatTransports} from '@streamhub/client/fb';
    const kept: Occurrence[] = [];
    const client: Client = connect({
      url: ['https://a/', 'https://b/'], serverOrder: 'priority',
      transports: flatTransports, logger: (entry) => void kept.push(entry),
    });
    client.subscribe(['AAPL'], {fields: ['bid'], maxRate: 4}, ({quote}) => {
      const bid: number|string|null|undefined = quote.get('bid');
      console.log(bid, client.state.reason);
    }).unsubscribe();
    // @ts-expect-error: there is no such order.
    connect({serverOrder: 'nearest'});
  `);
  const tsc = join(web, 'node_modules/typescript/bin/tsc');
  const options = [
    '--noEmit', '--strict', '--target', 'es2022', '--module', 'nodenext',
    '--lib', 'es2022,dom', join(folder, 'page.ts'),
  ];
  writeFileSync(join(folder, 'package.json'), '{"type": "module"}');
  const {stdout} = spawnSync(
      process.execPath, [tsc, ...options], {encoding: 'utf8', cwd: folder});
  expect(stdout).toBe('');
}, 60_000);

/** One symbol over /v1/stream, then nothing. */
function stream(response: ServerResponse): void {
  const time = Date.now() * 1000;
  const messages = [
    {type: 'hello', version: 1, epoch: 'e', time, heartbeat_ms: 2000,
     feeds: {f: {status: 'live', source: 'simulated'}}},
    {type: 'ack', id: 1, at: 'e.x.0', symbols: {AAPL: {feed: 'f'}}},
    {type: 'update', epoch: 'e', time,
     quotes: {AAPL: {v: 1, snapshot: true, bid: 189.5}}},
  ];
  for (const each of messages) response.write(`${JSON.stringify(each)}\n`);
}

test.each(['import', 'require'])('Node gets a price by %s', async (how) => {
  const server = createServer((request, response) => {
    response.writeHead(request.url === '/v1/stream' ? 200 : 404);
    if (request.url === '/v1/stream') {
      stream(response);
    } else {
      response.end();
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const {port} = server.address() as AddressInfo;
  const load = how === 'import' ?
      `import {connect} from '@streamhub/client';` :
      `const {connect} = require('@streamhub/client');`;
  const file = join(folder, how === 'import' ? 'page.mjs' : 'page.cjs');
  writeFileSync(file, `${load}
    const client = connect({url: 'http://127.0.0.1:${port}/'});
    client.subscribe(['AAPL'], {fields: ['bid']}, ({quote}) => {
      if (quote.freshness !== 'live') return;
      console.log(client.state.transport, quote.get('bid'));
      client.close();
    });
  `);
  const child = spawn(process.execPath, [file], {timeout: 20_000});
  let text = '';
  child.stdout.on('data', (piece) => (text += piece));
  child.stderr.on('data', (piece) => (text += piece));
  // A client that is closed keeps no process alive.
  expect(await new Promise((resolve) => child.on('close', resolve))).toBe(0);
  server.closeAllConnections();
  server.close();
  expect(text).toBe('stream 189.5\n');
}, 30_000);
