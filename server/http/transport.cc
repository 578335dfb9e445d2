#include "server/http/transport.h"

namespace tuco::http {

namespace asio = boost::asio;

void Transport::ShutdownSend(ErrorCode& error) {
  if (tls_ != nullptr) tls_->ShutdownSend();
  socket_->shutdown(Socket::shutdown_send, error);
}

void Transport::Close() {
  if (tls_ != nullptr) tls_->ShutdownSend();
  tls_.reset();
  ErrorCode ignored;
  socket_->close(ignored);
  // A closed socket still refers to the io_context, which may go first.
  socket_.reset();
}

Transport::ErrorCode Transport::ErrorOf(TlsSession::Outcome outcome) {
  switch (outcome) {
    case TlsSession::Outcome::kDone:
      return {};
    case TlsSession::Outcome::kWantsRead:
    case TlsSession::Outcome::kWantsWrite:
      return asio::error::would_block;
    case TlsSession::Outcome::kEnded:
      return asio::error::eof;
    case TlsSession::Outcome::kFailed:
      break;
  }
  return asio::error::connection_reset;
}

std::size_t Transport::WriteTls(std::span<const char> bytes, ErrorCode& error) {
  std::size_t size = 0;
  const TlsSession::Outcome outcome = tls_->Write(bytes, size);
  if (IsWanting(outcome)) write_wants_ = outcome;
  // What went before the socket was full counts first.
  error = size > 0 && IsWanting(outcome) ? ErrorCode() : ErrorOf(outcome);
  return size;
}

}  // namespace tuco::http
