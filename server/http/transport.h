// What a connection reads from and writes to: a socket, with TLS on it or not.
//
// Without TLS every call is the socket's own; one branch is all that the other
// way costs it. With TLS a read waits until the socket has something, since a
// session needs no buffer then, and goes on for as long as what came was no
// content; a write that the socket does not take goes on when it does.

#ifndef TUCO_SERVER_HTTP_TRANSPORT_H_
#define TUCO_SERVER_HTTP_TRANSPORT_H_

#include <utility>

// Asio 1.74 needs <utility> and does not include it.
#include <boost/asio/basic_stream_socket.hpp>
#include <boost/asio/buffer.hpp>
#include <boost/asio/error.hpp>
#include <boost/asio/generic/stream_protocol.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>
#include <cstddef>
#include <memory>
#include <optional>
#include <span>

#include "server/http/tls.h"

namespace tuco::http {

// On the I/O thread. A `done` is called once, never within the call that
// passes it, with `operation_aborted` where Close came first; it must keep the
// transport alive.
class Transport {
 public:
  // With the executor's own type: the type-erased default costs time.
  using Socket =
      boost::asio::basic_stream_socket<boost::asio::generic::stream_protocol,
                                       boost::asio::io_context::executor_type>;
  using ErrorCode = boost::system::error_code;

  // `socket` does not block; `tls` is a session on it, null without TLS.
  Transport(Socket socket, std::unique_ptr<TlsSession> tls)
      : socket_(std::move(socket)), tls_(std::move(tls)) {}
  Transport(const Transport&) = delete;
  Transport& operator=(const Transport&) = delete;

  bool has_tls() const { return tls_ != nullptr; }
  Socket::executor_type executor() { return socket_->get_executor(); }

  // Goes on with the handshake, if there is one: kDone before anything is read
  // or written, else kFailed or what to wait for.
  TlsSession::Outcome Handshake() {
    return tls_ == nullptr ? TlsSession::Outcome::kDone : tls_->Handshake();
  }
  // Calls `done` with an error or none when the handshake may go on, which
  // wanted `what`.
  template <typename Done>
  void Wait(TlsSession::Outcome what, Done done) {
    socket_->async_wait(what == TlsSession::Outcome::kWantsWrite
                            ? Socket::wait_write
                            : Socket::wait_read,
                        std::move(done));
  }

  // Reads from below TLS, before the handshake.
  template <typename Done>
  void AsyncReadPlain(std::span<char> area, Done done) {
    socket_->async_read_some(boost::asio::buffer(area.data(), area.size()),
                             std::move(done));
  }

  // Calls `done` with an error and how much was read into `area`, which must
  // stay where it is until then.
  template <typename Done>
  void AsyncRead(std::span<char> area, Done done) {
    if (tls_ == nullptr) {
      AsyncReadPlain(area, std::move(done));
    } else if (tls_->HasPending()) {
      boost::asio::post(executor(),
                        [this, area, done = std::move(done)]() mutable {
                          ReadTls(area, std::move(done));
                        });
    } else {
      WaitToRead(TlsSession::Outcome::kWantsRead, area, std::move(done));
    }
  }

  // Writes what can be written at once, and returns how much that was; the
  // error is `would_block` when it was nothing.
  std::size_t WriteSome(std::span<const char> bytes, ErrorCode& error) {
    return tls_ == nullptr
               ? socket_->write_some(
                     boost::asio::buffer(bytes.data(), bytes.size()), error)
               : WriteTls(bytes, error);
  }

  // Calls `done` with an error and how much was written of `bytes`: those that
  // the last WriteSome or AsyncWrite left over, which must stay until then.
  template <typename Done>
  void AsyncWrite(std::span<const char> bytes, Done done) {
    if (tls_ == nullptr) {
      socket_->async_write_some(boost::asio::buffer(bytes.data(), bytes.size()),
                                std::move(done));
    } else {
      WaitToWrite(bytes, std::move(done));
    }
  }

  // Tells the peer that nothing more comes.
  void ShutdownSend(ErrorCode& error);

  // At once; the peer is told as far as the socket takes it. Pending
  // operations are aborted.
  void Close();

 private:
  template <typename Done>
  void WaitToRead(TlsSession::Outcome what, std::span<char> area, Done done) {
    Wait(what,
         [this, area, done = std::move(done)](const ErrorCode& error) mutable {
           if (error) return done(error, std::size_t{0});
           ReadTls(area, std::move(done));
         });
  }

  template <typename Done>
  void ReadTls(std::span<char> area, Done done) {
    if (!socket_) {  // Closed after it had become ready.
      return done(boost::asio::error::operation_aborted, std::size_t{0});
    }
    std::size_t size = 0;
    const TlsSession::Outcome outcome = tls_->Read(area, size);
    if (IsWanting(outcome)) return WaitToRead(outcome, area, std::move(done));
    done(ErrorOf(outcome), size);
  }

  template <typename Done>
  void WaitToWrite(std::span<const char> bytes, Done done) {
    Wait(write_wants_,
         [this, bytes, done = std::move(done)](ErrorCode error) mutable {
           if (!error && !socket_)
             error = boost::asio::error::operation_aborted;
           const std::size_t size = error ? 0 : WriteTls(bytes, error);
           if (error == boost::asio::error::would_block) {
             return WaitToWrite(bytes, std::move(done));
           }
           done(error, size);
         });
  }

  static bool IsWanting(TlsSession::Outcome outcome) {
    return outcome == TlsSession::Outcome::kWantsRead ||
           outcome == TlsSession::Outcome::kWantsWrite;
  }
  static ErrorCode ErrorOf(TlsSession::Outcome outcome);
  std::size_t WriteTls(std::span<const char> bytes, ErrorCode& error);

  std::optional<Socket> socket_;  // None once closed.
  std::unique_ptr<TlsSession> tls_;
  // What a write that did not go on waits for.
  TlsSession::Outcome write_wants_ = TlsSession::Outcome::kWantsWrite;
};

}  // namespace tuco::http

#endif  // TUCO_SERVER_HTTP_TRANSPORT_H_
