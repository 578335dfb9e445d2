// What a server of HTTP does with requests.

#ifndef TUCO_SERVER_HTTP_HANDLER_H_
#define TUCO_SERVER_HTTP_HANDLER_H_

#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <utility>

#include "server/http/message.h"

namespace tuco::http {

class Connection;

// Answers one request: call Send exactly once, from any thread, at any time,
// also after the connection has gone. Dropped without Send, the answer is 500.
// Move-only.
class Responder {
 public:
  explicit Responder(std::shared_ptr<Connection> connection)
      : connection_(std::move(connection)) {}
  Responder(Responder&&) = default;
  Responder& operator=(Responder&&) = delete;
  Responder(const Responder&) = delete;
  ~Responder();

  void Send(Response response);

 private:
  std::shared_ptr<Connection> connection_;  // Null once sent.
};

// Called on the server's I/O thread only, so it must not block.
class Handler {
 public:
  virtual ~Handler() = default;

  // Called when the header block is complete, before `100 Continue` is sent
  // and any of the body is read. A response refuses the request there and
  // then; the connection is closed behind it when a body was announced.
  virtual std::optional<Response> Admit(const RequestHead& head) = 0;

  // How large the body of a request that was admitted may be, where that is
  // less than the server takes. A larger one is refused as those are.
  virtual std::size_t BodyBytesMax(const RequestHead& /*head*/) const {
    return SIZE_MAX;
  }

  // Called with the whole request. `request` is valid during the call.
  virtual void Handle(const Request& request, Responder responder) = 0;

  // Told of every response that the connection gives by itself (400, 408,
  // 413, 414, 431, 500), for the metrics.
  virtual void OnRefused(int status) = 0;
};

}  // namespace tuco::http

#endif  // TUCO_SERVER_HTTP_HANDLER_H_
