// An io_context and the one thread that runs it.

#ifndef TUCO_SERVER_APP_IO_THREAD_H_
#define TUCO_SERVER_APP_IO_THREAD_H_

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <thread>
#include <utility>

namespace tuco::app {

// The thread starts with Start and ends with Stop or the destructor. Start and
// Stop from one thread.
class IoThread {
 public:
  IoThread() : io_(1), work_(io_.get_executor()) {}
  ~IoThread() { Stop(); }
  IoThread(const IoThread&) = delete;
  IoThread& operator=(const IoThread&) = delete;

  boost::asio::io_context& io() { return io_; }

  void Start() {
    thread_ = std::thread([this] { io_.run(); });
  }

  // Runs what was posted before, then ends the thread.
  void Stop();

 private:
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<boost::asio::io_context::executor_type>
      work_;
  std::thread thread_;
};

}  // namespace tuco::app

#endif  // TUCO_SERVER_APP_IO_THREAD_H_
