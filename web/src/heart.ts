// Does the gateway hear us? Its heartbeats prove only the way towards us. Asks
// now and then over a two-way connection, and misses an answer.

export class Heart {
  #next: ReturnType<typeof setTimeout>|undefined;
  #missed: ReturnType<typeof setTimeout>|undefined;
  #patienceMs = Infinity;

  constructor(
      private readonly ping: () => void, private readonly dead: () => void) {}

  /** An answer may take `patienceMs`; it is asked for every two of that. */
  start(patienceMs: number): void {
    this.stop();
    this.#patienceMs = patienceMs;
    this.#wait();
  }

  /** Asks at once, unless an answer is due already. */
  beat(): void {
    if (this.#patienceMs === Infinity || this.#missed !== undefined) return;
    clearTimeout(this.#next);
    this.#missed = setTimeout(this.dead, this.#patienceMs);
    this.ping();
  }

  /** There was an answer. */
  heard(): void {
    if (this.#missed === undefined) return;
    clearTimeout(this.#missed);
    this.#missed = undefined;
    this.#wait();
  }

  stop(): void {
    clearTimeout(this.#next);
    clearTimeout(this.#missed);
    this.#next = this.#missed = undefined;
    this.#patienceMs = Infinity;
  }

  #wait(): void {
    this.#next = setTimeout(() => this.beat(), 2 * this.#patienceMs);
  }
}
