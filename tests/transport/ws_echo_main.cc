// ws_echo PORT: a WebSocket server for suites that want one which says back
// what it is told, such as the public Autobahn suite.

#include <cstdio>
#include <cstdlib>

#include "tests/transport/ws_echo.h"

int main(int argc, char** argv) {
  constexpr int kPortMax = 65535;
  const int port = argc == 2 ? std::atoi(argv[1]) : 0;
  if (port < 1 || port > kPortMax) {
    std::fprintf(stderr, "usage: ws_echo PORT\n");
    return 2;
  }
  streamhub::WsEchoServer server(port);
  if (server.port() == 0) {
    std::fprintf(stderr, "ws_echo: cannot listen on port %d\n", port);
    return 1;
  }
  std::printf("ws://127.0.0.1:%d\n", server.port());
  std::fflush(stdout);
  server.Run();
  return 0;
}
