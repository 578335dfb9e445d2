#include "server/app/io_thread.h"

#include <boost/asio/post.hpp>

namespace tuco::app {

void IoThread::Stop() {
  if (!thread_.joinable()) return;
  boost::asio::post(io_, [this] { io_.stop(); });
  thread_.join();
}

}  // namespace tuco::app
