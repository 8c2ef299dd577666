// The page's head: is it connected, by what, how true is what one sees.

import type {Client, ConnectionState, FeedState} from '../src/index';

import {byId, set, write} from './dom';
import {formatTime} from './format';

const transportNames: Readonly<Record<string, string>> = {
  websocket: 'WebSocket',
  sse: 'Server-sent events',
  stream: 'HTTP stream',
  poll: 'Long polling',
};

export class Header {
  readonly #status = byId('status');
  readonly #sources = byId('sources');
  readonly #clock = byId('clock').querySelector('time') as HTMLElement;
  readonly #alarm = byId('alarm');

  constructor(private readonly client: Client) {
    client.onStatus((state) => this.#onStatus(state));
    client.onFeed((feeds) => this.#onFeeds(feeds));
  }

  /** What changes with time alone. */
  tick(): void {
    const {client} = this;
    const now = client.fresh ? client.serverNowMs : undefined;
    write(this.#clock, now === undefined ? '--:--:--' : formatTime(now));
    const {status, transport, reason, retryAt} = client.state;
    let alarm = '';
    if (status === 'disconnected') {
      const seconds = Math.ceil(((retryAt ?? 0) - Date.now()) / 1000);
      const next = retryAt === undefined ? 'Reload to try again.' :
          seconds > 0                    ? `Next attempt in ${seconds} s.` :
                                           'Reconnecting…';
      alarm = `Not connected: no price below is live. ${next} (${reason})`;
    } else if (status === 'connected' && !client.fresh) {
      alarm = 'The gateway is silent: no price below is live.';
    }
    write(this.#alarm, alarm);
    this.#alarm.hidden = alarm === '';
    const name = transportNames[transport] ?? transport;
    write(
        this.#status,
        reason === 'nothing is subscribed' ? 'Nothing to ask for' :
            status === 'connecting'   ? 'Connecting…' :
            status === 'disconnected' ? 'Disconnected' :
            client.fresh              ? `Connected · ${name}` :
                                        `Silent · ${name}`);
    set(document.documentElement, 'fresh', `${client.fresh}`);
    document.title = alarm ? '⚠ Not live · StreamHub' : 'StreamHub quotes';
  }

  #onStatus({status, transport, reason}: ConnectionState): void {
    this.#status.title = reason;
    set(document.documentElement, 'status', status);
    set(document.documentElement, 'transport', transport);
    this.tick();
  }

  #onFeeds(feeds: ReadonlyMap<string, FeedState>): void {
    const badges = [...feeds].map(([name, feed]) => {
      const badge = document.createElement('span');
      badge.textContent = badgeText(feed);
      badge.title = `Feed ${name}`;
      badge.dataset['source'] = feed.source;
      badge.dataset['freshness'] = feed.status;
      return badge;
    });
    this.#sources.replaceChildren(...badges);
  }
}

function badgeText({source, delay_s, status}: FeedState): string {
  const text = source === 'delayed' ? `DELAYED ${delay_s ?? 0} s` :
      source === 'realtime'         ? 'REAL TIME' :
                                      source.toUpperCase();
  return status === 'live' ? text : `${text} · ${status.toUpperCase()}`;
}
