// The demo page in a headless Chromium, as a test looks at it. Everything that
// the browser complains of on its console is kept.

import {mkdirSync, mkdtempSync, rmSync} from 'node:fs';
import {tmpdir} from 'node:os';
import {join} from 'node:path';

import {type BrowserContext, chromium, type Page} from 'playwright-core';

export class DemoPage {
  readonly errors: string[] = [];

  private constructor(
      private readonly context: BrowserContext, readonly page: Page,
      private readonly profile: string) {}

  /**
   * A browser with an empty profile; `init` runs before the page's scripts,
   * `prepare` before the page is there. It `keepsPages` for going back if a
   * test is about that.
   */
  static async open(
      url: string, init?: string, prepare?: (page: Page) => Promise<void>,
      {keepsPages = false} = {}): Promise<DemoPage> {
    const profile = mkdtempSync(join(tmpdir(), 'streamhub-browser-'));
    const context = await chromium.launchPersistentContext(profile, {
      executablePath: process.env['CHROMIUM'] ?? '/usr/bin/chromium',
      headless: true,
      ignoreDefaultArgs:
          keepsPages ? ['--disable-back-forward-cache'] : [],
      viewport: {width: 1440, height: 900},
      args: [
        '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run',
        '--disable-background-networking', '--disable-component-update',
        '--disable-sync',
      ],
    });
    const page = await context.newPage();
    if (init) await page.addInitScript(init);
    await prepare?.(page);
    const demo = new DemoPage(context, page, profile);
    page.on('console', (message) => {
      if (message.type() === 'error' || message.type() === 'warning') {
        demo.errors.push(message.text());
      }
    });
    page.on('pageerror', (error) => demo.errors.push(String(error)));
    await page.goto(url);
    return demo;
  }

  async close(): Promise<void> {
    await this.context.close();
    rmSync(this.profile, {recursive: true, force: true});
  }

  /** Waits for an attribute of the root element, without its `data-`. */
  async root(key: string, value: string, timeoutMs = 20_000): Promise<void> {
    await this.page.waitForSelector(
        `html[data-${key}="${value}"]`,
        {state: 'attached', timeout: timeoutMs});
  }

  /** Waits until there are rows, and every one's freshness is one of these. */
  async rows(freshness: readonly string[], timeoutMs = 20_000): Promise<void> {
    await this.page.waitForFunction((allowed) => {
      const rows =
          [...document.querySelectorAll<HTMLElement>('#quotes tbody tr')];
      return rows.length > 0 && rows.every(
          (row) => allowed.includes(row.dataset['freshness'] ?? ''));
    }, freshness, {timeout: timeoutMs});
  }

  /** Waits until a symbol's field reads otherwise than now; returns both. */
  async change(symbol: string, field: string): Promise<[string, string]> {
    const cell = this.page.locator(
        `#quotes td[data-symbol="${symbol}"][data-field="${field}"]`);
    await this.page.waitForFunction(
        (element) => /\d/.test(element?.textContent ?? ''),
        await cell.elementHandle());
    const before = await cell.innerText();
    await this.page.waitForFunction(
        ([element, text]) => {
          const now = element?.textContent ?? '';
          return now !== text && /\d/.test(now);
        }, [await cell.elementHandle(), before] as const);
    return [before, await cell.innerText()];
  }

  /** Into the folder of STREAMHUB_SCREENSHOTS, if that is set. */
  async screenshot(name: string): Promise<void> {
    const folder = process.env['STREAMHUB_SCREENSHOTS'];
    if (!folder) return;
    mkdirSync(folder, {recursive: true});
    await this.page.screenshot({path: join(folder, `${name}.png`)});
  }
}
