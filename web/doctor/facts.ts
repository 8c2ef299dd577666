// What came over one transport, and when.

export type Door =
    'websocket'|'sse'|'stream'|'stream by XHR'|'poll'|'frame'|'jsonp';

export type Code = 'upgrade_refused'|'upgrade_silent'|'refused'|'deaf'|
    'buffered'|'silent'|'cut'|'idle_cut'|'compressed'|'type_changed'|
    'cache_changed'|'accel_taken'|'host_changed'|'clock'|'closed'|'missing';

/** What comes within so long came at once. */
const onceMs = 100;

/** Times are in ms since the door was tried. */
export class Facts {
  readonly beganAt = performance.now();
  /** A WebSocket or an EventSource is open, a response has a head. */
  opened: number|undefined;
  hello: number|undefined;
  update: number|undefined;
  last: number|undefined;
  ended: number|undefined;
  failure = '';
  /** This browser has no such thing. */
  missing = false;
  goodbye = false;
  heartbeatMs = 2000;
  messages = 0;
  /** Characters. */
  size = 0;
  silenceMs = 0;
  pinged: number|undefined;
  ponged: number|undefined;
  /** This machine's clock at the arrival less the message's `time`. */
  lagMin = Infinity;
  lagMax = -Infinity;
  burst: {size: number, at: number} = {size: 0, at: -Infinity};
  status = 0;
  headers: Pick<Headers, 'get'>|undefined;
  /** For the next poll. */
  at = '';
  readonly versions = new Map<string, number>();

  constructor(readonly door: Door) {}

  now(): number {
    return performance.now() - this.beganAt;
  }

  end(failure: string): void {
    if (this.ended !== undefined) return;
    this.ended = this.now();
    this.failure = failure;
  }

  /** Lines of JSON that came together. */
  take(lines: string): void {
    this.size += lines.length;
    // Of a burst every event comes for itself.
    if (this.now() - this.burst.at < onceMs) this.burst.size += lines.length;
    for (const line of lines.split('\n')) {
      if (line.trim() === '') continue;
      let message: unknown;
      try {
        message = JSON.parse(line);
      } catch {
        continue;
      }
      if (message !== null && typeof message === 'object') {
        this.#takeMessage(message as Record<string, unknown>, lines.length);
      }
    }
  }

  #takeMessage(message: Record<string, unknown>, size: number): void {
    const {type, time} = message;
    if (typeof type !== 'string') return;
    const now = this.now();
    ++this.messages;
    this.silenceMs = Math.max(this.silenceMs, now - (this.last ?? now));
    this.last = now;
    if (typeof time === 'number') {
      // performance.now() keeps its pace when the clock is set.
      const lag = performance.timeOrigin + performance.now() - time / 1000;
      this.lagMin = Math.min(this.lagMin, lag);
      if (lag > this.lagMax) {
        this.lagMax = lag;
        this.burst = {size, at: now};
      }
    }
    if (type === 'hello') {
      this.hello ??= now;
      const beat = message['heartbeat_ms'];
      if (typeof beat === 'number' && beat > 0) this.heartbeatMs = beat;
    } else if (type === 'closing') {
      this.goodbye = true;
    } else if (type === 'pong') {
      this.ponged = now;
    } else if (type === 'ack') {
      if (typeof message['at'] === 'string') this.at = message['at'];
    } else if (type === 'update') {
      this.update ??= now;
      const quotes = (message['quotes'] ?? {}) as Record<string, {v?: unknown}>;
      for (const [name, {v}] of Object.entries(quotes)) {
        if (typeof v === 'number') this.versions.set(name, v);
      }
    }
  }
}
