#include "server/http/mailbox.h"

#include <boost/asio/post.hpp>

#include "server/http/connection.h"

namespace tuco::http {

void Mailbox::Send(std::shared_ptr<Connection> connection,
                   std::optional<Response> response) {
  {
    const std::lock_guard lock(mutex_);
    if (io_ == nullptr) return;
    if (!io_->get_executor().running_in_this_thread()) {
      letters_.push_back({std::move(connection), std::move(response)});
      if (letters_.size() == 1) {
        boost::asio::post(*io_,
                          [self = shared_from_this()] { self->Deliver(); });
      }
      return;
    }
  }
  connection->Answer(std::move(response));
}

void Mailbox::Deliver() {
  {
    const std::lock_guard lock(mutex_);
    delivering_.swap(letters_);
  }
  for (Letter& letter : delivering_) {
    letter.connection->Answer(std::move(letter.response));
  }
  delivering_.clear();
}

void Mailbox::Close() {
  std::vector<Letter> dropped;  // Destroyed without the lock.
  const std::lock_guard lock(mutex_);
  io_ = nullptr;
  dropped.swap(letters_);
}

}  // namespace tuco::http
