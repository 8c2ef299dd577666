// A server that says what a test tells it to, to one client or one after the
// other: how a client takes
// what our own server never says.

#ifndef STREAMHUB_TESTS_CLI_SCRIPTED_SERVER_H_
#define STREAMHUB_TESTS_CLI_SCRIPTED_SERVER_H_

#include <functional>
#include <string>
#include <thread>

#include "gateway/cli/watch_url.h"

namespace streamhub {

class ScriptedServer {
 public:
  // What it answers to the head of a request, on a thread of its own.
  using Answer = std::function<std::string(const std::string& head)>;

  // Listens on a free port of loopback and answers one request of a client.
  // Then it ends its direction and reads on until the client is gone. It takes
  // up to `clients`; the next one waits meanwhile.
  explicit ScriptedServer(Answer answer, int clients = 1);
  explicit ScriptedServer(const std::string& answer)
      : ScriptedServer([answer](const std::string&) { return answer; }) {}

  // Waits for the end of what it does; a client must be gone.
  ~ScriptedServer();

  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  WatchUrl url() const;

  // Waits like the destructor. All that the client sent.
  const std::string& Received();

 private:
  // False: no client will come.
  bool Serve(const Answer& answer);

  int listener_ = -1;
  int port_ = 0;
  std::string received_;  // its thread's, until that has ended
  std::thread thread_;
};

}  // namespace streamhub

#endif  // STREAMHUB_TESTS_CLI_SCRIPTED_SERVER_H_
