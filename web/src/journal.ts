// What the client did and why, for those who have to find out.

export interface Occurrence {
  /** As Date.now(). */
  readonly at: number;
  /** trying, connected, passed over, moved up, ... */
  readonly what: string;
  readonly server?: string;
  readonly transport?: string;
  readonly why: string;
}

/** Older ones are forgotten. */
const keptMax = 100;

export class Journal {
  readonly #kept: Occurrence[] = [];

  constructor(private readonly logger?: (occurrence: Occurrence) => void) {}

  get kept(): readonly Occurrence[] {
    return this.#kept;
  }

  note(what: Omit<Occurrence, 'at'>): void {
    const occurrence = {at: Date.now(), ...what};
    this.#kept.push(occurrence);
    if (this.#kept.length > keptMax) this.#kept.shift();
    try {
      this.logger?.(occurrence);
    } catch {
      // The logger's mistake is not the connection's loss.
    }
  }
}
