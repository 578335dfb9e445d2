// An HTTP server that answers what the test says, whatever it is asked.

#ifndef TUCO_TESTS_SERVER_CLI_SCRIPTED_SERVER_H_
#define TUCO_TESTS_SERVER_CLI_SCRIPTED_SERVER_H_

#include <string>
#include <thread>
#include <vector>

namespace tuco::cli {

// Listens on 127.0.0.1. Takes one connection after the other, on each reads one
// request for each of the answers meant for it, and closes it then.
class ScriptedServer {
 public:
  // The answers of one connection; an empty one is no answer at all.
  using Answers = std::vector<std::string>;

  explicit ScriptedServer(std::vector<Answers> connections);
  ~ScriptedServer();
  ScriptedServer(const ScriptedServer&) = delete;
  ScriptedServer& operator=(const ScriptedServer&) = delete;

  std::string port() const { return std::to_string(port_); }
  std::string url() const { return "http://127.0.0.1:" + port() + "/hook?a=1"; }
  // Waits until the script has been played; what was asked.
  const std::vector<std::string>& Requests();

 private:
  void Play(const std::vector<Answers>& connections);
  void PlayOne(int fd, const Answers& answers);

  int listener_;
  int port_ = 0;
  std::vector<std::string> requests_;
  std::thread thread_;
};

// A response with a body and a Content-Length.
std::string Respond(const std::string& status, const std::string& body,
                    const std::string& header = "");

}  // namespace tuco::cli

#endif  // TUCO_TESTS_SERVER_CLI_SCRIPTED_SERVER_H_
