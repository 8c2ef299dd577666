// Browsers that lack one thing after the other, and what the client takes then.

const noSockets = 'delete window.WebSocket;';
const noEvents = `${noSockets} delete window.EventSource;`;
const noStreams = `${noEvents}
    delete window.ReadableStream; delete Response.prototype.body;`;
const noFetch = `${noStreams} delete window.fetch;`;

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
  {name: 'stream', transport: 'stream', init: noEvents},
  {name: 'poll', transport: 'poll', init: noStreams},
  {name: 'poll-xhr', transport: 'poll', init: noFetch},
];
