// Which transport last worked with a server, for the next page of this browser:
// for a day, or until the network changes.

const key = 'streamhub.transports';
const keptMs = 24 * 3600 * 1000;

/** Node has one as well, which is not meant for that. */
const storage = () =>
    typeof document === 'object' ? globalThis.localStorage : undefined;

interface Entry {
  readonly transport: string;
  /** As Date.now(). */
  readonly at: number;
}

export class Memory {
  /** What this page knows; where there is no storage, that is all. */
  #entries: Record<string, Entry> = {};

  transportOf(server: string): string|undefined {
    const entry = this.#read()[server];
    const ageMs = Date.now() - (entry?.at ?? 0);
    return ageMs >= 0 && ageMs < keptMs ? entry?.transport : undefined;
  }

  good(server: string, transport: string): void {
    const entries = this.#read();
    entries[server] = {transport, at: Date.now()};
    this.#write(entries);
  }

  /** It does not work any more. */
  bad(server: string, transport: string): void {
    const entries = this.#read();
    if (entries[server]?.transport !== transport) return;
    delete entries[server];
    this.#write(entries);
  }

  forget(): void {
    this.#write({});
  }

  #read(): Record<string, Entry> {
    try {
      const text = storage()?.getItem(key);
      const entries: unknown = text ? JSON.parse(text) : undefined;
      if (entries && typeof entries === 'object') {
        this.#entries = entries as Record<string, Entry>;
      }
    } catch {
      // Forbidden, or not ours.
    }
    return {...this.#entries};
  }

  #write(entries: Record<string, Entry>): void {
    this.#entries = entries;
    try {
      storage()?.setItem(key, JSON.stringify(entries));
    } catch {
      // Forbidden, or full.
    }
  }
}
