// Browsers of other engines than Chromium's, one program each, driven by what
// the W3C specifies: Firefox by WebDriver BiDi, WebKit by WebDriver.

import {type ChildProcess, spawn} from 'node:child_process';
import {once} from 'node:events';
import {existsSync} from 'node:fs';
import {createServer} from 'node:net';
import {createInterface} from 'node:readline';

import puppeteer from 'puppeteer-core';

/** One page of a browser that was started for it. */
export interface EnginePage {
  goto(url: string): Promise<void>;
  /** The JavaScript expression's value, or what its promise resolves to. */
  evaluate(expression: string): Promise<unknown>;
  /** Ends the browser. */
  close(): Promise<void>;
}

export interface Engine {
  readonly name: string;
  /** The programs it takes; where one is missing its tests skip themselves. */
  readonly programs: readonly string[];
  open(): Promise<EnginePage>;
}

const firefoxProgram = process.env['FIREFOX'] ?? '/usr/bin/firefox-esr';
const webKitDriver = process.env['WEBKIT_DRIVER'] ?? '/usr/bin/WebKitWebDriver';
const xvfb = '/usr/bin/Xvfb';

/** A program of ours, ended with the browser. */
async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode) return;
  const exited = once(child, 'exit');
  child.kill();
  await exited;
}

async function openFirefox(): Promise<EnginePage> {
  const browser = await puppeteer.launch({
    browser: 'firefox', executablePath: firefoxProgram, headless: true,
  });
  const page = await browser.newPage();
  return {
    goto: async (url) => void await page.goto(url),
    evaluate: (expression) => page.evaluate(expression),
    close: () => browser.close(),
  };
}

/** A screen that is not there; resolves to its name. */
async function startScreen(): Promise<[ChildProcess, string]> {
  const child = spawn(
      xvfb, ['-displayfd', '1', '-screen', '0', '1440x900x24', '-nolisten',
             'tcp'],
      {stdio: ['ignore', 'pipe', 'ignore']});
  const failed = once(child, 'exit').then(([code]) => {
    throw new Error(`${xvfb} ended with ${code} before it had a screen`);
  });
  failed.catch(() => undefined);
  const lines = createInterface(child.stdout);
  const [screen] =
      await Promise.race([once(lines, 'line') as Promise<[string]>, failed]);
  return [child, `:${screen}`];
}

/** The driver takes no port 0. */
async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (typeof address !== 'object' || !address) throw new Error('no port');
  return address.port;
}

/** A command of WebDriver; returns its value. */
async function command(
    url: string, method: 'POST'|'DELETE', body: object = {}): Promise<unknown> {
  const answer = await fetch(url, {
    method,
    ...(method === 'POST' ? {body: JSON.stringify(body)} : {}),
  });
  const {value} = await answer.json() as {value: unknown};
  if (answer.ok) return value;
  const {error, message} = value as {error: string, message: string};
  throw new Error(`${method} ${url}: ${error}: ${message}`);
}

/** Resolves when it answers. */
async function answers(url: string, driver: ChildProcess): Promise<void> {
  while (driver.exitCode === null) {
    const answer = await fetch(url).catch(() => undefined);
    if (answer?.ok) return;
  }
  throw new Error(`${webKitDriver} ended with ${driver.exitCode}`);
}

async function openWebKit(): Promise<EnginePage> {
  const [screen, display] = await startScreen();
  const port = await freePort();
  const driver = spawn(webKitDriver, [`--port=${port}`], {
    stdio: ['ignore', 'ignore', 'ignore'],
    env: {
      ...process.env,
      DISPLAY: display,
      // Its sandbox takes namespaces, which containers do not grant; the
      // pages are ours.
      WEBKIT_DISABLE_SANDBOX_THIS_IS_DANGEROUS: '1',
      GDK_BACKEND: 'x11',
    },
  });
  const endAll = async () => {
    await end(driver);
    await end(screen);
  };
  try {
    const url = `http://127.0.0.1:${port}`;
    await answers(`${url}/status`, driver);
    const {sessionId} = await command(`${url}/session`, 'POST', {
      capabilities: {alwaysMatch: {timeouts: {script: 30_000}}},
    }) as {sessionId: string};
    const session = `${url}/session/${sessionId}`;
    return {
      goto: async (url) => void await command(`${session}/url`, 'POST', {url}),
      evaluate: async (expression) => {
        // A promise that is refused is told as a value: else it is a timeout.
        const result = await command(`${session}/execute/async`, 'POST', {
          script: `const done = arguments[0];
            Promise.resolve().then(() => (${expression})).then(
                (value) => done({value}),
                (error) => done({error: String(error)}));`,
          args: [],
        }) as {value?: unknown, error?: string};
        if (result.error !== undefined) throw new Error(result.error);
        return result.value;
      },
      close: async () => {
        await command(session, 'DELETE');
        await endAll();
      },
    };
  } catch (error) {
    await endAll();
    throw error;
  }
}

export const engines: readonly Engine[] = [
  {name: 'Firefox', programs: [firefoxProgram], open: openFirefox},
  {name: 'WebKit', programs: [webKitDriver, xvfb], open: openWebKit},
];

/** Of an engine, what this machine lacks. */
export const missing = ({programs}: Engine): readonly string[] =>
    programs.filter((program) => !existsSync(program));
