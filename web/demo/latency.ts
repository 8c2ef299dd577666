// Where the time goes from the feed to this page: the gateway's own stamps,
// and how late what it says gets here.

import type {Client} from '../src/index';

import {byId, write} from './dom';
import {dash, formatDurations} from './format';
import {get} from './get';

interface Stage {
  readonly p50_us: number;
  readonly p99_us: number;
}

type Stages = Readonly<Record<string, Readonly<Record<string, Stage>>>>;

interface Latencies {
  readonly feeds: Stages;
  readonly transports: Stages;
}

/** What the newest messages are judged by. */
const kept = 500;
const askMs = 2000;
/** A gateway that does not tell is not asked for ever. */
const failuresMax = 3;

/** The smallest value that this part of all does not exceed. */
export function percentile(
    values: readonly number[], part: number): number|undefined {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(Math.ceil(part * sorted.length) - 1, 0)];
}

export class LatencyLine {
  readonly #element = byId('latency');
  /** Behind the fastest message, in microseconds. */
  #delays: number[] = [];
  #newestUs = 0;
  /** Half the way there and back, at its fastest. */
  #halfUs = Infinity;
  #told: Latencies|undefined;
  #failures = 0;

  constructor(private readonly client: Client) {
    setInterval(() => void this.#ask(), askMs);
    void this.#ask();
    let transport = '';
    client.onStatus((state) => {
      if (state.transport === transport) return;
      transport = state.transport;
      this.#delays = [];
    });
  }

  /** Something came just now. */
  arrived(): void {
    const {newest, serverNowMs} = this.client;
    // Of one message many quotes may change.
    if (!newest || serverNowMs === undefined) return;
    if (newest.timeUs === this.#newestUs) return;
    this.#newestUs = newest.timeUs;
    this.#delays.push(Math.max(serverNowMs * 1000 - newest.timeUs, 0));
    if (this.#delays.length > kept) this.#delays.shift();
  }

  /** Writes the line; empty where the gateway does not tell. */
  show(): void {
    const feed = Object.values(this.#told?.feeds ?? {})[0];
    const by = this.#told?.transports[this.client.state.transport];
    const parts = [
      ['cache', feed?.['cache']],
      ['encode', feed?.['encode']],
      ['socket', by?.['write']],
      ['here', this.#here()],
    ] as const;
    const text = this.#told === undefined ? '' :
        'p50/p99 feed' + parts.map(([name, stage]) => ` → ${name} ` +
            (stage ? formatDurations(stage.p50_us, stage.p99_us) : dash))
            .join('');
    write(this.#element, text);
  }

  #here(): Stage|undefined {
    const p50 = percentile(this.#delays, 0.5);
    const p99 = percentile(this.#delays, 0.99);
    if (p50 === undefined || p99 === undefined) return undefined;
    if (this.#halfUs === Infinity) return undefined;
    return {p50_us: this.#halfUs + p50, p99_us: this.#halfUs + p99};
  }

  async #ask(): Promise<void> {
    if (document.hidden || this.#failures === failuresMax) return;
    const begin = performance.now();
    try {
      this.#told = await get<Latencies>('v1/latency');
      this.#failures = 0;
    } catch {
      ++this.#failures;
      this.#told = undefined;
      return;
    }
    const entry = performance.getEntriesByType('resource').reverse().find(
        ({name}) => name.endsWith('v1/latency'));
    const timing = entry as PerformanceResourceTiming|undefined;
    // The page's own work is in what the script sees, not in this.
    const roundMs = timing && timing.requestStart > 0 ?
        timing.responseStart - timing.requestStart :
        performance.now() - begin;
    this.#halfUs = Math.min(this.#halfUs, roundMs * 1000 / 2);
    performance.clearResourceTimings();
  }
}
