// What a page may say to connect(), and what holds where it says nothing.

import {Backoff, type BackoffLimits, defaultLimits} from './backoff';
import {Choice} from './choice';
import type {ServerClock} from './clock';
import {Journal, type Occurrence} from './journal';
import type {Connecting} from './own_line';
import {fault} from './publish';
import {type ServerOrder, Servers} from './servers';
import {tabsCanShare} from './tabs';
import {frameTransport} from './transports/frame';
import {jsonpTransport} from './transports/jsonp';
import {pollTransport} from './transports/poll';
import {sseTransport} from './transports/sse';
import {streamTransport} from './transports/stream';
import type {Transport} from './transports/transport';
import {webSocketTransport} from './transports/websocket';

export interface Options {
  /**
   * The gateway's address, or several of gateways with the same prices;
   * default: where the page came from.
   */
  readonly url?: string|readonly string[];
  /** In which order several are tried; default: ordered. */
  readonly serverOrder?: ServerOrder;
  /** In order of preference, by name or made; default: defaultTransports. */
  readonly transports?: readonly (Transport|TransportName)[];
  /**
   * One connection for all tabs that ask for the same servers; default: where
   * there is a page and the browser can do it.
   */
  readonly shareTabs?: boolean;
  /** Told what the client does and why, as it happens. */
  readonly logger?: (occurrence: Occurrence) => void;
  readonly backoff?: BackoffLimits;
  /**
   * Shown to the gateway, the same in all tabs that share a connection. A
   * function is asked anew for every connection.
   */
  readonly token?: string|(() => Promise<string>);
  readonly random?: () => number;
  readonly clock?: ServerClock;
}

/** In order of preference. */
export const defaultTransports: readonly Transport[] =
    [webSocketTransport, sseTransport, streamTransport, pollTransport];

/** How long the page may take to find a token. */
const tokenMs = 8000;

/** For browsers that have none of those; gateways open them if told to. */
const lastTransports: readonly Transport[] = [frameTransport, jsonpTransport];

export type TransportName =
    'websocket'|'sse'|'stream'|'poll'|'frame'|'jsonp';

function transportOf(wanted: Transport|TransportName): Transport {
  if (typeof wanted !== 'string') return wanted;
  const all = [...defaultTransports, ...lastTransports];
  const found = all.find(({name}) => name === wanted);
  if (found) return found;
  const names = all.map(({name}) => name).join(', ');
  throw new Error(`no transport ${wanted}; there are ${names}`);
}

export interface Settings extends Connecting {
  /** Under which tabs find each other; undefined: they do not share. */
  readonly tabsName: string|undefined;
}

export function settingsOf(options: Options): Settings {
  const url = options.url ?? globalThis.location?.href;
  const urls = typeof url === 'string' ? [url] : url ?? [];
  if (urls.length === 0) throw new Error('connect() needs a url');
  const random = options.random ?? Math.random;
  const transports = options.transports?.map(transportOf) ??
      (defaultTransports.some((each) => each.available()) ? defaultTransports :
                                                            lastTransports);
  const {token} = options;
  const order = options.serverOrder ?? 'ordered';
  const shares = options.shareTabs ?? typeof document === 'object';
  const names = transports.map(({name}) => name);
  // Another version of what tabs say is another name.
  const name = `streamhub tabs 3 ${urls.map(folderOf)} ${order} ${names}` +
      (token ? ' token' : '');
  return {
    choice: new Choice(
        new Servers(urls, order, random),
        token ? transports.filter((each) => each.carriesToken) : transports,
        token ? () => ask(token) : undefined),
    backoff: new Backoff(options.backoff ?? defaultLimits, random),
    random,
    journal: new Journal(options.logger),
    tabsName: shares && tabsCanShare() ? name : undefined,
  };
}

/** A token that does not come is no token. */
async function ask(token: string|(() => Promise<string>)): Promise<string> {
  if (typeof token === 'string') return token;
  let timer: ReturnType<typeof setTimeout>|undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error('no token came')), tokenMs);
  });
  try {
    return await Promise.race([token(), late]);
  } catch (error) {
    throw fault('no_token', `no token: ${(error as Error)?.message ?? error}`);
  } finally {
    clearTimeout(timer);
  }
}

/** Pages with other names and queries have the same gateway. */
const folderOf = (url: string) => new URL('.', url).href;
