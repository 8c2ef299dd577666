// How long to wait before the next attempt to connect: exponential, so that a
// gateway that is down is left in peace, and jittered, so that the thousands of
// pages that lost it in the same instant do not come back in the same instant.

export interface BackoffLimits {
  readonly firstMs: number;
  readonly maxMs: number;
  /** Only a connection that lasted this long proves that all is well. */
  readonly stableMs: number;
}

export const defaultLimits: BackoffLimits = {
  firstMs: 500,
  maxMs: 10_000,
  stableMs: 10_000,
};

/** Between attempts to move up; short-lived success does not shorten them. */
export const moveUpLimits: BackoffLimits = {
  firstMs: 60_000,
  maxMs: 3_600_000,
  stableMs: 300_000,
};

export class Backoff {
  #failures = 0;

  constructor(
      private readonly limits: BackoffLimits = defaultLimits,
      private readonly random: () => number = Math.random) {}

  /** A connection ended after `lastedMs`. */
  ended(lastedMs: number): void {
    if (lastedMs >= this.limits.stableMs) this.#failures = 0;
  }

  /** The world has changed: what failed before proves nothing. */
  reset(): void {
    this.#failures = 0;
  }

  /** The wait before the next attempt, half of it random. */
  nextMs(): number {
    const {firstMs, maxMs} = this.limits;
    const ceiling = Math.min(maxMs, firstMs * 2 ** this.#failures);
    this.#failures = Math.min(this.#failures + 1, 30);
    return ceiling * (0.5 + this.random() / 2);
  }
}
