// Goes through all doors of the gateway at once, by what the browser itself
// has: what the client of src/ would mend is what is looked for here.

import {Lines, TextLines} from '../src/lines';
import {type Door, Facts} from './facts';

/** Tries one door until it is told to stop. */
type Probe = (facts: Facts, symbols: readonly string[], stop: AbortSignal) =>
    void;

const query = (symbols: readonly string[]) =>
    `symbols=${symbols.map(encodeURIComponent).join(',')}&max_rate=4`;
const path = (door: string) => new URL(`v1/${door}`, location.href).href;

function cursors(facts: Facts, symbols: readonly string[]): string {
  if (!facts.at) return query(symbols);
  const held =
      symbols.map((name) => `${encodeURIComponent(name)}@${
          facts.versions.get(name) ?? 0}`).join(',');
  return `symbols=${held}&max_rate=4&at=${encodeURIComponent(facts.at)}`;
}

const webSocket: Probe = (facts, symbols, stop) => {
  const url = new URL(path('ws'));
  url.protocol = url.protocol === 'https:' ? 'wss:' : 'ws:';
  const socket = new WebSocket(url, 'streamhub.v1.json');
  const say = (request: object) => socket.send(JSON.stringify(request));
  socket.onopen = () => {
    facts.opened = facts.now();
    say({type: 'subscribe', id: 1, symbols, max_rate: 4});
    facts.pinged = facts.now();
    say({type: 'ping', id: 2});
  };
  socket.onmessage = ({data}) => facts.take(`${data}`);
  socket.onclose = ({code, reason}) =>
      facts.end(`closed with code ${code}${reason ? `: ${reason}` : ''}`);
  stop.addEventListener('abort', () => socket.close());
};

const events: Probe = (facts, symbols, stop) => {
  const source = new EventSource(`${path('sse')}?${query(symbols)}`);
  source.onopen = () => void (facts.opened ??= facts.now());
  source.onmessage = ({data}) => facts.take(`${data}`);
  // It would come back by itself.
  source.onerror = () => {
    facts.end('the event stream ended');
    source.close();
  };
  stop.addEventListener('abort', () => source.close());
};

const fetchStream: Probe = (facts, symbols, stop) => {
  const run = async () => {
    const response =
        await fetch(`${path('stream')}?${query(symbols)}`, {signal: stop});
    facts.opened = facts.now();
    facts.status = response.status;
    facts.headers = response.headers;
    if (response.status !== 200) {
      facts.end(`status ${response.status}`);
      return;
    }
    const reader = response.body!.getReader();
    const lines = new Lines();
    for (;;) {
      const {done, value} = await reader.read();
      if (done) break;
      facts.take(lines.push(value));
    }
    facts.end('the response ended');
  };
  run().catch((error: unknown) => facts.end(`${error}`));
};

const xhrStream: Probe = (facts, symbols, stop) => {
  const request = new XMLHttpRequest();
  request.open('GET', `${path('stream')}?${query(symbols)}`);
  const lines = new TextLines();
  let taken = 0;
  request.onprogress = () => {
    if (request.status !== 200) return;
    const text = request.responseText.slice(taken);
    taken += text.length;
    facts.take(lines.push(text));
  };
  request.onreadystatechange = () => {
    if (request.readyState !== XMLHttpRequest.HEADERS_RECEIVED) return;
    facts.opened = facts.now();
    facts.status = request.status;
    facts.headers = {get: (name) => request.getResponseHeader(name)};
  };
  request.onload = () => facts.end(
      request.status === 200 ? 'the response ended' :
                               `status ${request.status}`);
  request.onerror = () => facts.end('the connection failed');
  request.send();
  stop.addEventListener('abort', () => request.abort());
};

const poll: Probe = (facts, symbols, stop) => {
  const run = async () => {
    while (!stop.aborted) {
      const response = await fetch(
          `${path('poll')}?${cursors(facts, symbols)}`, {signal: stop});
      facts.opened ??= facts.now();
      facts.status = response.status;
      facts.headers ??= response.headers;
      if (response.status !== 200) {
        facts.end(`status ${response.status}`);
        return;
      }
      facts.take(await response.text());
      // What answers something else at once must not be asked without end.
      if (!facts.at) {
        facts.end('the answer is none');
        return;
      }
    }
  };
  run().catch((error: unknown) => facts.end(`${error}`));
};

/** Script elements tell nothing of a refusal: one answer has to do. */
const jsonp: Probe = (facts, symbols, stop) => {
  const name = 'streamhubDoctor';
  const globals = window as unknown as Record<string, unknown>;
  globals[name] = (messages: unknown) => {
    if (!Array.isArray(messages)) return;
    facts.opened ??= facts.now();
    facts.take(messages.map((one) => JSON.stringify(one)).join('\n'));
  };
  const script = document.createElement('script');
  script.src = `${path('jsonp')}?callback=${name}&${query(symbols)}`;
  script.onerror = () => facts.end('refused');
  document.head.append(script);
  stop.addEventListener('abort', () => script.remove());
};

const frame: Probe = (facts, symbols, stop) => {
  const element = document.createElement('iframe');
  element.hidden = true;
  element.src = `${path('frame')}?${query(symbols)}`;
  const listen = ({source, data}: MessageEvent) => {
    if (source !== element.contentWindow || typeof data !== 'string') return;
    facts.opened ??= facts.now();
    facts.take(data);
  };
  window.addEventListener('message', listen);
  element.onload = () => facts.end('the document ended');
  document.body.append(element);
  stop.addEventListener('abort', () => {
    window.removeEventListener('message', listen);
    element.remove();
  });
};

const doors: ReadonlyArray<[Door, Probe, () => boolean]> = [
  ['websocket', webSocket, () => 'WebSocket' in window],
  ['sse', events, () => 'EventSource' in window],
  ['stream', fetchStream, () => 'ReadableStream' in window],
  ['stream by XHR', xhrStream, () => 'XMLHttpRequest' in window],
  ['poll', poll, () => 'fetch' in window],
];
const scriptDoors: ReadonlyArray<[Door, Probe]> =
    [['frame', frame], ['jsonp', jsonp]];

/** Tries all doors. `stop` ends it; the facts fill until then. */
export function probeAll(
    symbols: readonly string[], stop: AbortSignal): readonly Facts[] {
  const all = [...doors, ...scriptDoors.map(
      ([door, probe]) => [door, probe, () => true] as const)];
  return all.map(([door, probe, exists]) => {
    const facts = new Facts(door);
    try {
      facts.missing = !exists();
      if (!facts.missing) probe(facts, symbols, stop);
    } catch (error) {
      facts.end(`${error}`);
    }
    return facts;
  });
}
