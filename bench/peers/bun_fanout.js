// The fan-out that one would write with Bun: its own WebSocket server and its
// own topics do the work. line_peer.h says what it speaks. Prints its two ports
// and serves until it is killed.

const newest = new Map();

const server = Bun.serve({
  hostname: "127.0.0.1",
  port: 0,
  fetch(request, self) {
    if (self.upgrade(request)) return undefined;
    return new Response("WebSocket only", { status: 426 });
  },
  websocket: {
    idleTimeout: 0,
    perMessageDeflate: false,
    message(socket, names) {
      for (const name of names.split(" ")) {
        socket.subscribe(name);
        const message = newest.get(name);
        if (message !== undefined) socket.send(message);
      }
      socket.send('{"type":"synced"}');
    },
  },
});

const publishers = Bun.listen({
  hostname: "127.0.0.1",
  port: 0,
  socket: {
    open(socket) {
      socket.data = "";
    },
    // All is ASCII, so that no character can be cut.
    data(socket, bytes) {
      const text = socket.data + bytes.latin1Slice();
      let from = 0;
      for (let end; (end = text.indexOf("\n", from)) >= 0; from = end + 1) {
        const blank = text.indexOf(" ", from);
        const topic = text.slice(from, blank);
        const message = text.slice(blank + 1, end);
        newest.set(topic, message);
        server.publish(topic, message);
      }
      socket.data = text.slice(from);
    },
  },
});

console.log(`${server.port} ${publishers.port}`);
