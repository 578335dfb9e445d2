#include "server/http/handler.h"

#include "server/http/connection.h"

namespace tuco::http {

Responder::~Responder() {
  if (connection_) Connection::Send(std::move(connection_), std::nullopt);
}

void Responder::Send(Response response) {
  if (connection_) {
    Connection::Send(std::move(connection_), std::move(response));
  }
}

}  // namespace tuco::http
