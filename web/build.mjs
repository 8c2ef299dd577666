// Builds the npm package: `node build.mjs FOLDER`. An ES module, the same for
// plain scripts, AMD and CommonJS, the transports of binary messages, types.
// (The pages that the gateway serves are built by CMakeLists.txt.)

import {execFileSync} from 'node:child_process';
import {createHash} from 'node:crypto';
import {readdirSync, readFileSync, writeFileSync} from 'node:fs';
import {join} from 'node:path';
import {fileURLToPath} from 'node:url';
import {gzipSync} from 'node:zlib';

import {build} from 'esbuild';
import {minify} from 'terser';

const here = fileURLToPath(new URL('.', import.meta.url));
/** Long or frequent names that no page, message or other tab ever sees. */
const inner = [
  'acked', 'adopt', 'adopted', 'again', 'apply', 'ask', 'asked', 'asking',
  'awake', 'bad', 'begun', 'beliefOf', 'better', 'broke', 'broken',
  'candidates', 'change', 'changeable', 'choice', 'connect', 'cursorOf', 'dead',
  'disconnect', 'disconnected', 'drop', 'ended', 'events', 'everything',
  'expect', 'expectPoll', 'failed', 'failure', 'feedOf', 'first', 'forget',
  'freshnessOf', 'good', 'greeted', 'headStart', 'headStartMs', 'heard',
  'heldBack', 'heldUs', 'helloAt', 'idle', 'isBetter', 'isProvenBy', 'keep', 'leave', 'limits',
  'listener', 'live', 'local', 'look', 'lose', 'make', 'makeOwn', 'monotonic',
  'names', 'networkChanged', 'nextId', 'nextMs', 'nextPoll', 'note', 'observe',
  'order', 'others', 'over', 'passedOver', 'perSymbol', 'ping', 'possible',
  'post', 'query', 'reach', 'refuse', 'refused', 'reset', 'rest', 'restart',
  'resting', 'resume', 'route', 'routes', 'running', 'sayable', 'see',
  'servers', 'silenceMs', 'slept', 'speaksFor', 'spoilt', 'spoiltBefore',
  'start', 'stateChanged', 'stop', 'store', 'suspend', 'synced', 'tabsName',
  'take', 'thresholdMs', 'timeUs', 'tooMuch', 'topicListener', 'torn', 'track',
  'transportOf', 'unnamed', 'use', 'waitMs', 'waiting', 'wake', 'wall', 'want',
  'wantsChanged', 'win', 'won',
];
const common = {
  bundle: true, minify: true, charset: 'utf8', target: 'es2022',
  mangleProps: new RegExp(`^(${inner.join('|')})$`),
  logLevel: 'warning', sourcemap: 'external', absWorkingDir: here,
};
/** Around a module that returns what it exports, for UMD. */
const universal = [
  `(m=>{typeof module=="object"?module.exports=m():` +
      `typeof define=="function"&&define.amd?define(m):` +
      `globalThis.StreamHub=m()})(()=>{`,
  `});`,
];

/** The bundles, by name. */
const bundles = {
  'streamhub.js': {entryPoints: ['src/index.ts'], format: 'esm'},
  'streamhub.umd.cjs': {entryPoints: ['src/index.ts'], format: 'esm'},
  'streamhub-fb.js': {entryPoints: ['src/flat/index.ts'], format: 'esm'},
};

/** Makes UMD of an ES module; the lines of its map move by one. */
function makeUniversal(outfile) {
  const [begin, end] = universal;
  const code = readFileSync(outfile, 'utf8').replace(
      /export\{([^}]*)\};/, (_, names) => `return{${
          names.replace(/([\w$]+) as ([\w$]+)/g, '$2:$1')}}${end}`);
  writeFileSync(outfile, `${begin}\n${code}`);
  const map = JSON.parse(readFileSync(`${outfile}.map`, 'utf8'));
  map.mappings = `;${map.mappings}`;
  writeFileSync(`${outfile}.map`, JSON.stringify(map));
}

/** What esbuild leaves to gain: 4 % of the compressed bytes. */
async function squeeze(outfile) {
  const {code, map} = await minify(readFileSync(outfile, 'utf8'), {
    module: !outfile.endsWith('.cjs'), ecma: 2020,
    compress: {ecma: 2020, passes: 3},
    sourceMap: {content: readFileSync(`${outfile}.map`, 'utf8')},
  });
  writeFileSync(outfile, code);
  writeFileSync(`${outfile}.map`, map);
}

/** Node's rules for types want names of files; the sources leave them out. */
function nameFiles(folder) {
  for (const name of readdirSync(folder, {recursive: true})) {
    if (!name.endsWith('.d.ts')) continue;
    const file = join(folder, name);
    const text = readFileSync(file, 'utf8');
    writeFileSync(
        file, text.replace(/\b(from|import\()( ?)'(\.[^']+)'/g, "$1$2'$3.js'"));
  }
}

/** What a page says to take these very bytes and no others. */
export const integrityOf = (bytes) =>
    `sha384-${createHash('sha384').update(bytes).digest('base64')}`;

/** Returns the size of each, compressed, in bytes. */
export async function buildPackage(folder) {
  const sizes = {};
  for (const [name, options] of Object.entries(bundles)) {
    const outfile = join(folder, name);
    await build({...common, ...options, outfile});
    if (name.endsWith('.umd.cjs')) makeUniversal(outfile);
    await squeeze(outfile);
    sizes[name] = gzipSync(readFileSync(outfile), {level: 9}).length;
  }
  execFileSync(process.execPath, [
    join(here, 'node_modules/typescript/bin/tsc'), '-p',
    join(here, 'tsconfig.build.json'), '--outDir', join(folder, 'types'),
  ], {stdio: 'inherit'});
  nameFiles(join(folder, 'types'));
  return sizes;
}

if (process.argv[1] === fileURLToPath(import.meta.url)) {
  const folder = process.argv[2] ?? join(here, 'dist');
  for (const [name, bytes] of Object.entries(await buildPackage(folder))) {
    console.log(`${name}: ${bytes} bytes with gzip, integrity=${
        integrityOf(readFileSync(join(folder, name)))}`);
  }
}
