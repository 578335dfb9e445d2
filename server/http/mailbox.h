// How answers come from other threads to the I/O thread.

#ifndef TUCO_SERVER_HTTP_MAILBOX_H_
#define TUCO_SERVER_HTTP_MAILBOX_H_

#include <boost/asio/io_context.hpp>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <utility>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "server/http/message.h"

namespace tuco::http {

class Connection;

// The answers of one server's responders. They gather, so that a batch of
// them, such as one committer makes, wakes the I/O thread once. After Close,
// which comes before the io_context goes, letters are thrown away: this is
// what makes a late responder harmless. Safe for concurrent use.
//
// Held by shared_ptr, since responders outlive the server.
class Mailbox : public std::enable_shared_from_this<Mailbox> {
 public:
  explicit Mailbox(boost::asio::io_context& io) : io_(&io) {}
  Mailbox(const Mailbox&) = delete;
  Mailbox& operator=(const Mailbox&) = delete;

  // Hands the answer to the connection: at once on the I/O thread, soon from
  // any other. None: the request was dropped without an answer.
  void Send(std::shared_ptr<Connection> connection,
            std::optional<Response> response);

  void Close();

 private:
  struct Letter {
    std::shared_ptr<Connection> connection;
    std::optional<Response> response;
  };

  // On the I/O thread: hands out everything that has gathered.
  void Deliver();

  std::mutex mutex_;
  boost::asio::io_context* io_ ABSL_GUARDED_BY(mutex_);
  std::vector<Letter> letters_ ABSL_GUARDED_BY(mutex_);
  std::vector<Letter> delivering_;  // I/O thread; kept for its capacity.
};

}  // namespace tuco::http

#endif  // TUCO_SERVER_HTTP_MAILBOX_H_
