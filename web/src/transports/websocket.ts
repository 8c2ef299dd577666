import type {Link, LinkEvents, ReadMessage, Transport} from './transport';

/** RFC 6455 at /v1/ws: both ways over one connection. */
export const webSocketTransport: Transport = {
  name: 'websocket',
  way: 'both',
  available: () => typeof WebSocket === 'function',

  carriesToken: true,

  open: (base, _query, events, token) => openSocket(
      base, 'streamhub.v1.json',
      (data) => typeof data === 'string' ? data : undefined, events, token),
};

/** `form` makes a message of what came, or undefined: it is passed over. */
export function openSocket(
    base: URL, subprotocol: string,
    form: (data: unknown) => string|ReadMessage|undefined,
    events: LinkEvents, token?: string): Link {
  const url = new URL('v1/ws', base);
  url.protocol = url.protocol.replace('http', 'ws');
  const socket = new WebSocket(url.href, subprotocol);
  socket.binaryType = 'arraybuffer';
  socket.onopen = () => {
    if (token) socket.send(JSON.stringify({type: 'auth', token}));
    events.opened();
  };
  socket.onmessage = ({data}) => {
    const message = form(data);
    if (message !== undefined) events.received(message);
  };
  socket.onclose = ({code, reason}) =>
      events.closed({code, reason: reason || `closed with code ${code}`});
  return {
    send: (text) => socket.send(text),
    close() {
      socket.onopen = socket.onmessage = socket.onclose = null;
      socket.close();
    },
  };
}
