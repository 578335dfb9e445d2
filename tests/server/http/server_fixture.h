// A server on its own I/O thread, a handler made of functions, and a client
// that sends raw bytes.

#ifndef TUCO_TESTS_SERVER_HTTP_SERVER_FIXTURE_H_
#define TUCO_TESTS_SERVER_HTTP_SERVER_FIXTURE_H_

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <functional>
#include <future>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

#include "server/base/net_address.h"
#include "server/http/server.h"

namespace tuco::http {

// Longer than anything takes; reached only by a test that fails.
inline constexpr std::chrono::seconds kPatience{20};

// Answers 200 with the body it was sent, unless told otherwise. The functions
// are set before the server starts and run on the I/O thread.
class FunctionHandler final : public Handler {
 public:
  std::function<std::optional<Response>(const RequestHead&)> admit;
  std::function<void(const Request&, Responder)> handle;

  std::optional<Response> Admit(const RequestHead& head) override {
    return admit ? admit(head) : std::nullopt;
  }
  void Handle(const Request& request, Responder responder) override;
  void OnRefused(int status) override;

  // The statuses that the connection answered by itself.
  std::vector<int> refused() const;

 private:
  mutable std::mutex mutex_;
  std::vector<int> refused_;
};

Response TextResponse(std::string_view body);

// The I/O thread and its server; stops both when destroyed.
class RunningServer {
 public:
  RunningServer(const Limits& limits, FunctionHandler& handler);
  RunningServer(FunctionHandler& handler, ServerOptions options);
  ~RunningServer();
  RunningServer(const RunningServer&) = delete;
  RunningServer& operator=(const RunningServer&) = delete;

  Server& server() { return *server_; }
  base::NetAddress address() const { return server_->address(); }
  // Runs `task` on the I/O thread and waits for it.
  void OnIoThread(const std::function<void()>& task);
  // Drains; ready when the server says so.
  std::future<void> Drain(std::chrono::milliseconds quiet,
                          std::chrono::milliseconds limit);
  // Destroys the server, on its thread.
  void Destroy();

 private:
  boost::asio::io_context io_{1};
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
      work_{io_.get_executor()};
  std::unique_ptr<Server> server_;
  std::thread thread_;
};

// Waits for the future; false when patience ran out.
bool IsReady(const std::future<void>& future);

base::NetAddress LoopbackV4();

// A response as it came over the wire.
struct RawResponse {
  std::string head;  // With its empty line; empty: nothing came.
  std::string body;

  int status() const;
  bool closes() const;
};

// A blocking socket with kPatience on everything. The reading functions give
// what there was when the peer closed, failed, or patience ran out.
class RawClient {
 public:
  explicit RawClient(const base::NetAddress& address);
  ~RawClient();
  RawClient(const RawClient&) = delete;
  RawClient& operator=(const RawClient&) = delete;

  bool connected() const { return connected_; }
  // Whether everything went out.
  bool Send(std::string_view bytes) const;
  void CloseSending() const;
  void Reset();  // Closes so that the peer is told at once.
  // The next response; `head` is the answer to HEAD, which has no body.
  RawResponse Receive(bool head = false);
  // Whether the peer closes in order, after nothing but what was received.
  bool IsClosedByPeer();

 private:
  // One more read; false at the end.
  bool Fill();

  int descriptor_ = -1;
  bool connected_ = false;
  bool failed_ = false;
  std::string buffer_;
};

}  // namespace tuco::http

#endif  // TUCO_TESTS_SERVER_HTTP_SERVER_FIXTURE_H_
