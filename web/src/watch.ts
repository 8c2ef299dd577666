// Watches the live channel: whether the gateway hears us, and whether what it
// says comes when it is said.

import type {Channel} from './channel';
import {Heart} from './heart';
import type {ServerMessage} from './protocol';
import {Pulse} from './pulse';

/** Messages sent further apart than this part of a heartbeat come apart. */
const spreadPart = 0.5;
/** So many heartbeats may pass until an answer is missed. */
const silentHeartbeats = 2.5;

export interface WatchEvents {
  ping(): void;
  /** The gateway does not answer. */
  dead(): void;
  /** Something on the way gathers what is said. */
  heldBack(): void;
}

export class Watch {
  readonly #heart: Heart;
  #pulse: Pulse|undefined;

  constructor(private readonly events: WatchEvents) {
    this.#heart = new Heart(() => events.ping(), () => events.dead());
  }

  /** A message came over the live channel. */
  see({route: {transport: {way}}}: Channel, message: ServerMessage): void {
    switch (message.type) {
      case 'hello': {
        const {heartbeat_ms: heartbeatMs} = message;
        // A poll's answers come one by one, whatever is on the way.
        if (way !== 'poll') this.#pulse = new Pulse(heartbeatMs * spreadPart);
        if (way === 'both') this.#heart.start(heartbeatMs * silentHeartbeats);
        break;
      }
      case 'pong':
        this.#heart.heard();
        break;
    }
    if (typeof message.time !== 'number') return;
    if (!this.#pulse?.heldBack(message.time / 1000, performance.now())) return;
    this.#pulse = undefined;
    this.events.heldBack();
  }

  /** Is the gateway still there? */
  ask(): void {
    this.#heart.beat();
  }

  stop(): void {
    this.#heart.stop();
    this.#pulse = undefined;
  }
}
