// The gateways that serve the same prices, and in which order to try them.

/**
 * `ordered`: from the one in use to the next, and round again; `random`: the
 * same over a list that every client shuffles, so that clients spread;
 * `priority`: always the first one that can be had, and back to it.
 */
export type ServerOrder = 'ordered'|'random'|'priority';

export class Servers {
  /** Without names of pages and queries. */
  readonly #list: readonly string[];
  readonly #restUntil = new Map<string, number>();
  #first = 0;

  constructor(
      urls: readonly string[], private readonly order: ServerOrder,
      random: () => number) {
    this.#list = urls.map((url) => new URL('.', url).href);
    if (order === 'random') this.#list = shuffled(this.#list, random);
  }

  /** The one in use, or the next to be. */
  get first(): string {
    return this.#list[this.#first] as string;
  }

  /** Those to try now, in order: none while all were told to be left alone. */
  get awake(): readonly string[] {
    const now = performance.now();
    const list = this.order === 'priority' ? this.#list : [
      ...this.#list.slice(this.#first), ...this.#list.slice(0, this.#first),
    ];
    return list.filter((each) => (this.#restUntil.get(each) ?? 0) <= now);
  }

  /** How long until one of them may be tried; 0: now. */
  get waitMs(): number {
    const until = this.#list.map((each) => this.#restUntil.get(each) ?? 0);
    return Math.max(0, Math.min(...until) - performance.now());
  }

  /** Those that are worth leaving `server` for, and may be tried. */
  better(server: string): readonly string[] {
    if (this.order !== 'priority') return [];
    const awake = this.awake;
    const rank = this.#list.indexOf(server);
    return awake.filter((each) => this.#list.indexOf(each) < rank);
  }

  /** It works. */
  use(server: string): void {
    this.#first = Math.max(0, this.#list.indexOf(server));
  }

  /** It asked to be left alone for so long. */
  rest(server: string, forMs: number): void {
    this.#restUntil.set(server, performance.now() + forMs);
  }
}

/** Fisher and Yates. */
function shuffled<T>(list: readonly T[], random: () => number): readonly T[] {
  const all = [...list];
  for (let i = all.length - 1; i > 0; --i) {
    const j = Math.min(i, Math.floor(random() * (i + 1)));
    [all[i], all[j]] = [all[j] as T, all[i] as T];
  }
  return all;
}
