// How many bytes the connections of one server hold together.

#ifndef TUCO_SERVER_HTTP_READ_BUDGET_H_
#define TUCO_SERVER_HTTP_READ_BUDGET_H_

#include <cstddef>
#include <deque>

namespace tuco::http {

class Connection;

// Everything is counted, but only who holds much waits: a connection may
// always hold kBytesFree, which is more than a usual delivery, so that large
// bodies never stop small ones. Who must wait stops reading, is not refused,
// and goes on in its turn. One large body goes on in any case, so that bodies
// that wait for each other come to an end. On the I/O thread.
class ReadBudget {
 public:
  static constexpr std::size_t kBytesFree = 16UL * 1024;

  explicit ReadBudget(std::size_t bytes_max) : bytes_max_(bytes_max) {}
  ReadBudget(const ReadBudget&) = delete;
  ReadBudget& operator=(const ReadBudget&) = delete;

  // Whether the buffer of `connection` may grow to `bytes`. If not
  // Connection::ReadOn is called when it may, unless it has left by then.
  bool MayGrow(Connection& connection, std::size_t bytes);
  // It did, by so many bytes.
  void Grow(std::size_t bytes) { bytes_ += bytes; }

  // A request of `connection` is done with, and its buffer shrinks by so much.
  void EndRequest(Connection& connection, std::size_t bytes);
  void StopWaiting(Connection& connection);
  // The connection closes, and its buffer of so many bytes goes.
  void Leave(Connection& connection, std::size_t bytes);

  // What all buffers have.
  std::size_t bytes() const { return bytes_; }

 private:
  const std::size_t bytes_max_;
  std::size_t bytes_ = 0;
  Connection* lone_ = nullptr;  // Who goes on in any case.
  std::deque<Connection*> waiting_;
};

}  // namespace tuco::http

#endif  // TUCO_SERVER_HTTP_READ_BUDGET_H_
