// One symbol on one client, in Node or in a page of Chromium's, and at any
// moment whether it is shown as live: for tests of what must never be.

import type {Options} from '../../web/src/index';

import {DemoPage} from './demo_page';
import {Follower, type Seen, Witness} from './follower';
import type {Gateway} from './gateway';

const sampleMs = 10;

/** A client as it was a moment ago. */
interface Sample {
  readonly live: boolean;
  /** Of the server's newest time that it had, if it was live. */
  readonly ageMs: number;
  readonly status: string;
  /** Entries of its journal. */
  readonly occurrences: number;
}

export interface Viewer {
  readonly witness: Witness;
  readonly sample: Sample;
  /** The greatest age of what was shown as live. */
  readonly oldestMs: number;
  close(): Promise<void>;
}

export function viewInNode(options: Options, symbol: string): Viewer {
  const follower = new Follower(options, [symbol], 'unlimited');
  const {client, witness} = follower;
  const ageMs = () =>
      follower.live ? Date.now() - (client.newest?.timeUs ?? 0) / 1000 : 0;
  let oldestMs = 0;
  const sampler = setInterval(() => {
    oldestMs = Math.max(oldestMs, ageMs());
  }, sampleMs);
  return {
    witness,
    get sample() {
      return {
        live: follower.live, ageMs: ageMs(), status: client.state.status,
        occurrences: client.journal.length,
      };
    },
    get oldestMs() {
      return oldestMs;
    },
    close: () => {
      clearInterval(sampler);
      client.close();
      return Promise.resolve();
    },
  };
}

/** The gateway must let pages of other origins in. */
export async function viewInPage(
    gateway: Gateway, options: Options, symbol: string): Promise<Viewer> {
  const demo = await DemoPage.open(`${gateway.url}demo.css`);
  const witness = new Witness(symbol);
  let sample: Sample =
      {live: false, ageMs: 0, status: 'connecting', occurrences: 0};
  let oldestMs = 0;
  await demo.page.exposeFunction('see', (seen: Seen) => witness.see(seen));
  await demo.page.exposeFunction('take', (taken: Sample) => {
    sample = taken;
    oldestMs = Math.max(oldestMs, taken.ageMs);
  });
  await demo.page.addScriptTag({type: 'module', content: `
    import {connect} from '/streamhub.js';
    const symbol = ${JSON.stringify(symbol)};
    const client = connect(${JSON.stringify(options)});
    client.subscribe(
        [symbol], {maxRate: 'unlimited'},
        ({quote, changed, snapshot, folded}) => see({
          epoch: client.epoch, changed: changed.length, snapshot, folded,
          held: {
            v: quote.version, n: quote.ticks,
            fields: Object.fromEntries(quote.fields),
          },
        }));
    setInterval(() => {
      const live =
          ['live', 'quiet'].includes(client.quote(symbol)?.freshness);
      take({
        live, status: client.state.status, occurrences: client.journal.length,
        ageMs: live ? Date.now() - client.newest.timeUs / 1000 : 0,
      });
    }, ${sampleMs});
  `});
  return {
    witness,
    get sample() {
      return sample;
    },
    get oldestMs() {
      return oldestMs;
    },
    close: () => demo.close(),
  };
}
