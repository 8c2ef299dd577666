// Browsers that lack one thing after the other, and what the client takes then.

const noSockets = 'delete window.WebSocket;';
const noEvents = `${noSockets} delete window.EventSource;`;
const noStreams = `${noEvents}
    delete window.ReadableStream; delete Response.prototype.body;`;
const onlyXhr = `${noStreams} delete window.fetch;`;
/** No stream of any kind comes through. */
const streamsForbidden = `
    const {open} = XMLHttpRequest.prototype;
    XMLHttpRequest.prototype.open = function(method, url, ...others) {
      if (/v1.stream/.test(url)) throw new Error('forbidden');
      return open.call(this, method, url, ...others);
    };`;
/** They are there, but something between here and the gateway refuses. */
const refused = `
    window.WebSocket = class extends EventTarget {
      constructor() {
        super();
        setTimeout(() => this.onclose?.({code: 1006, reason: ''}));
      }
      close() {}
    };`;

/** A page may make no request of its own. */
const noRequests = `${onlyXhr} delete window.XMLHttpRequest;`;
const noFrames = `
    const {createElement} = Document.prototype;
    Document.prototype.createElement = function(name, ...others) {
      if (name === 'iframe') throw new Error('forbidden');
      return createElement.call(this, name, ...others);
    };`;

export interface Browser {
  /** What the test is called, and its screenshot. */
  readonly name: string;
  readonly transport: string;
  /** Runs before the page's scripts. */
  readonly init: string|undefined;
}

export const browsers: readonly Browser[] = [
  {name: 'websocket', transport: 'websocket', init: undefined},
  {name: 'sse', transport: 'sse', init: noSockets},
  {name: 'refused', transport: 'sse', init: refused},
  {name: 'stream', transport: 'stream', init: noEvents},
  {name: 'stream-xhr', transport: 'stream', init: noStreams},
  {name: 'only-xhr', transport: 'stream', init: onlyXhr},
  {name: 'poll', transport: 'poll', init: noStreams + streamsForbidden},
  {name: 'poll-xhr', transport: 'poll', init: onlyXhr + streamsForbidden},
];

/** Of the client alone: the demo page needs more. */
export const bareBrowsers: readonly Browser[] = [
  {name: 'frame', transport: 'frame', init: noRequests},
  {name: 'jsonp', transport: 'jsonp', init: noRequests + noFrames},
];
