// How a client gets its messages: over a connection of its own, or over that of
// another tab.

import type {ServerMessage} from './protocol';
import type {PublishRequest} from './publish';
import type {ConnectionState} from './state';

export interface Line {
  readonly state: ConnectionState;
  start(): void;
  /** What the client wants has changed. */
  wantsChanged(): void;
  /** Called often: silence is no event. */
  look(): void;
  /** Something may have happened while nobody looked. */
  wake(): void;
  networkChanged(reason: string): void;
  /** Nothing may be open until resume(). */
  suspend(reason: string): void;
  resume(reason: string): void;
  /** Undefined: this line takes none. */
  publish(request: PublishRequest): Promise<number>|undefined;
  /** For good. */
  close(): void;
}

export interface LineEvents {
  /** A connection stands. Most say hello as well, a poll not always. */
  connected(): void;
  /**
   * `symbols` are those that it speaks for without naming them, `begun` is how
   * much of each that is a topic they began with.
   */
  heard(
      message: ServerMessage, symbols: readonly string[],
      begun: readonly number[]): void;
  /** Nothing is live from here on. */
  lost(): void;
  stateChanged(state: ConnectionState): void;
  failed(code: string, reason: string): void;
}
