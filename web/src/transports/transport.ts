// What the client needs of a transport. One small file per transport
// implements it; none knows what the messages mean.

export interface CloseInfo {
  readonly reason: string;
  /** The close code, where the transport has one. */
  readonly code?: number;
}

/** Called by a link; nothing is called after `closed`, or after close(). */
export interface LinkEvents {
  /** Bytes can travel: a two-way link takes send() from here on. */
  opened(): void;
  /** One message: JSON objects, one per line. */
  received(text: string): void;
  closed(info: CloseInfo): void;
}

export interface Link {
  /** Only on a two-way transport, after `opened`. */
  send(text: string): void;
  /** Ends it silently: no event follows. */
  close(): void;
}

export interface Transport {
  readonly name: string;
  /** One-way: the subscriptions are in the query, a change reopens. */
  readonly twoWay: boolean;
  /** Without a hello for so long, the transport counts as refused. */
  readonly patienceMs: number;
  /** Does this browser have it? */
  available(): boolean;
  /** `base` is the gateway's address, `query` that of streamQuery(). */
  open(base: URL, query: string, events: LinkEvents): Link;
}
