import type {Transport} from './transport';

/** RFC 6455 at /v1/ws: both ways over one connection. */
export const webSocketTransport: Transport = {
  name: 'websocket',
  way: 'both',
  // A proxy that swallows upgrades says nothing at all.
  patienceMs: 1500,
  available: () => typeof WebSocket === 'function',

  open(base, _query, events) {
    const url = new URL('v1/ws', base);
    url.protocol = url.protocol.replace('http', 'ws');
    const socket = new WebSocket(url.href, 'streamhub.v1.json');
    socket.onopen = () => events.opened();
    socket.onmessage = ({data}) => {
      if (typeof data === 'string') events.received(data);
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
  },
};
