import {readText, refusal} from './http';
import type {Transport} from './transport';

/** Server-sent events at /v1/sse (WHATWG HTML, 9.2): towards us only. */
export const sseTransport: Transport = {
  name: 'sse',
  way: 'query',
  available: () => typeof EventSource === 'function',

  open(base, query, events) {
    const url = new URL(`v1/sse?${query}`, base);
    const source = new EventSource(url.href);
    const abort = new AbortController();
    let opened = false;
    source.onopen = () => {
      opened = true;
      events.opened();
    };
    source.onmessage = ({data}) => events.received(String(data));
    source.onerror = () => {
      // It would come back by itself, but with the symbols and cursors of the
      // time it was opened: the client opens another one with today's.
      source.close();
      if (opened) {
        events.closed({reason: 'the event stream ended'});
        return;
      }
      void whyRefused(url, abort.signal).then((reason) => {
        if (!abort.signal.aborted) events.closed({reason});
      });
    };
    return {
      close() {
        source.onopen = source.onmessage = source.onerror = null;
        source.close();
        abort.abort();
      },
    };
  },
};

/** EventSource does not tell why it failed; the gateway does, so ask again. */
async function whyRefused(url: URL, signal: AbortSignal): Promise<string> {
  try {
    const response = await fetch(url, {signal});
    // The link is closed for either reason, and this request with it.
    return response.ok ? 'the event stream ended' :
                         refusal(await readText(response));
  } catch {
    return refusal(undefined);
  }
}
