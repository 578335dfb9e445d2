// Takes connections from a listener while there is room for them.

#ifndef TUCO_SERVER_BASE_ACCEPTOR_H_
#define TUCO_SERVER_BASE_ACCEPTOR_H_

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/basic_stream_descriptor.hpp>
#include <chrono>
#include <functional>
#include <memory>
#include <optional>
#include <utility>

#include "server/base/listener.h"

namespace tuco::base {

// Waits for connections; when descriptors or memory have run out it pauses
// and tries again, for ever. On the I/O thread.
//
// Held by shared_ptr, since pending operations of the io_context come back to
// it after Close.
class Acceptor : public std::enable_shared_from_this<Acceptor> {
 public:
  struct Owner {
    std::function<bool()> has_room;
    std::function<void(const Accepted&)> open;  // Takes the descriptor over.
  };

  Acceptor(boost::asio::io_context& io, Listener listener, Owner owner);
  Acceptor(const Acceptor&) = delete;
  Acceptor& operator=(const Acceptor&) = delete;
  // NOLINTNEXTLINE(bugprone-exception-escape): no timer fails to be cancelled.
  ~Acceptor() { Close(); }

  void Start();
  // There may be room again.
  void Resume();
  // Takes what waits in the kernel's queue: who is in there has been told
  // that somebody listens. Before Close.
  void TakeQueued();
  // Closes the listener; the owner is not called any more.
  void Close();

 private:
  using Executor = boost::asio::io_context::executor_type;
  using Timer = boost::asio::basic_waitable_timer<
      std::chrono::steady_clock,
      boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;
  using Descriptor = boost::asio::posix::basic_stream_descriptor<Executor>;

  // Takes at most `count`; the error that ended it or 0.
  int Accept(int count);
  void OnAcceptable();
  void Pause(int error);

  std::optional<Listener> listener_;  // None once closed.
  const Owner owner_;
  Descriptor event_;  // The listener's descriptor, which it does not own.
  Timer timer_;
  bool waiting_ = false;
  bool failing_ = false;
};

}  // namespace tuco::base

#endif  // TUCO_SERVER_BASE_ACCEPTOR_H_
