import type {ServerMessage} from '../protocol';

import type {Post} from './http';
import {PollLink} from './poll';
import type {Transport} from './transport';

/** What a request line takes, the gateway's and most proxies'. */
const urlLengthMax = 30_000;

let lastCallback = 0;

/**
 * Long polling by script elements at /v1/jsonp, where nothing else is left; the
 * gateway has to be told to open it (`script_doors`).
 */
export const jsonpTransport: Transport = {
  name: 'jsonp',
  way: 'poll',
  available: () => typeof document === 'object',

  open(base, query, events) {
    return new PollLink(
        new URL('v1/jsonp', base).href, postByScript, query, events);
  },
};

const postByScript: Post = (url, body, done) => {
  const callback = `streamhub_jsonp_${++lastCallback}`;
  const globals = globalThis as unknown as Record<string, unknown>;
  const script = document.createElement('script');
  const end = () => {
    script.onload = script.onerror = null;
    script.remove();
    // A script that comes all the same has to find somebody.
    globals[callback] = () => delete globals[callback];
  };
  globals[callback] = (objects: readonly ServerMessage[]) => {
    end();
    delete globals[callback];
    const [first] = objects;
    if (objects.length === 1 && first?.type === 'error') {
      done({status: 400, text: JSON.stringify(first)});
    } else {
      done({status: 200, text: '', message: () => objects});
    }
  };
  // The answer was no call, or there was none.
  script.onload = script.onerror = () => {
    end();
    delete globals[callback];
    done(undefined);
  };
  script.referrerPolicy = 'origin';
  script.src =
      `${url}?callback=${callback}&requests=${encodeURIComponent(body)}`;
  if (script.src.length > urlLengthMax) {
    queueMicrotask(() => done({status: 414, text: 'too much'}));
  } else {
    document.head.append(script);
  }
  return end;
};
