#include "server/base/acceptor.h"

#include <boost/system/error_code.hpp>
#include <cerrno>
#include <system_error>

#include "server/base/logging.h"

namespace tuco::base {
namespace {

using boost::system::error_code;

// After the process or the machine ran out of descriptors or memory.
constexpr std::chrono::milliseconds kPause{100};
// Connections taken in a row before those that are open get their turn.
constexpr int kAcceptsPerTurn = 32;
constexpr int kAcceptsAtEnd = 4'096;

}  // namespace

Acceptor::Acceptor(boost::asio::io_context& io, Listener listener, Owner owner)
    : listener_(std::move(listener)),
      owner_(std::move(owner)),
      event_(io),
      timer_(io) {}

void Acceptor::Start() {
  if (!listener_ || event_.is_open()) return;
  event_.assign(listener_->descriptor());
  Resume();
}

void Acceptor::Resume() {
  if (waiting_ || !listener_ || !event_.is_open() || !owner_.has_room()) {
    return;
  }
  waiting_ = true;
  event_.async_wait(
      Descriptor::wait_read,
      [self = shared_from_this()](const error_code&) { self->OnAcceptable(); });
}

void Acceptor::OnAcceptable() {
  if (!listener_) return;
  // Not before: a connection that is closed for a new one calls Resume.
  const int error = Accept(kAcceptsPerTurn);
  waiting_ = false;
  if (error != 0) return Pause(error);
  Resume();
}

int Acceptor::Accept(int count) {
  while (count-- > 0 && owner_.has_room()) {
    const Accepted accepted = listener_->Accept();
    if (accepted.descriptor >= 0) {
      failing_ = false;
      owner_.open(accepted);
      continue;
    }
    if (accepted.error == EAGAIN || accepted.error == EWOULDBLOCK) return 0;
    // Of a connection that its peer has given up already.
    if (accepted.error == ECONNABORTED || accepted.error == EPROTO) continue;
    return accepted.error;
  }
  return 0;
}

void Acceptor::Pause(int error) {
  if (!std::exchange(failing_, true)) {
    Log(Severity::kError, "cannot accept connections, will retry",
        {{"address", listener_->address().ToString()},
         {"error", std::generic_category().message(error)}});
  }
  waiting_ = true;
  timer_.expires_after(kPause);
  timer_.async_wait(
      [self = shared_from_this()](const error_code&) { self->OnAcceptable(); });
}

void Acceptor::TakeQueued() {
  if (listener_) Accept(kAcceptsAtEnd);
}

void Acceptor::Close() {
  if (event_.is_open()) event_.release();
  timer_.cancel();
  listener_.reset();
}

}  // namespace tuco::base
