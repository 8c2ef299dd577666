// What a page is told of its connection.

export type Status = 'connecting'|'connected'|'disconnected';

export interface ConnectionState {
  readonly status: Status;
  /** The transport in use, or `none`. */
  readonly transport: string;
  /** The gateway in use. */
  readonly server?: string;
  /** Why it is not connected, or not by the most preferred transport. */
  readonly reason: string;
  /** When the next attempt comes, as Date.now(); absent: none is waiting. */
  readonly retryAt?: number;
  /** Whose connection it is, where tabs share one. */
  readonly tab?: 'own'|'other';
}
