// Where connections for gRPC come in: our own accept loop, since that of gRPC
// 1.51 ends for ever once the process has run out of descriptors
// (CVE-2023-4785).

#ifndef TUCO_SERVER_RPC_GRPC_DOOR_H_
#define TUCO_SERVER_RPC_GRPC_DOOR_H_

#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>
#include <thread>

#include "server/base/acceptor.h"
#include "server/base/listener.h"
#include "server/rpc/given_sockets.h"

namespace tuco::rpc {

// Accepts on a thread of its own, from Start until Close. While
// `connections_max` are open it takes no more: who comes then waits in the
// kernel's queue until one has ended. Out of descriptors or memory it tries
// again, ten times a second, for as long as it takes.
class GrpcDoor {
 public:
  struct Options {
    std::size_t connections_max = 0;
    // Takes an accepted descriptor over.
    std::function<void(int descriptor)> hand_over;
  };

  GrpcDoor(base::Listener listener, Options options);
  ~GrpcDoor() { Close(); }
  GrpcDoor(const GrpcDoor&) = delete;
  GrpcDoor& operator=(const GrpcDoor&) = delete;

  void Start();
  // Returns when nothing is handed over any more. Start and Close from one
  // thread; nothing happens the second time.
  void Close();

  // How many of the connections that were handed over are open. Safe for
  // concurrent use.
  std::size_t connections() { return given_.CountOpen(); }

 private:
  using Executor = boost::asio::io_context::executor_type;
  using Timer = boost::asio::basic_waitable_timer<
      std::chrono::steady_clock,
      boost::asio::wait_traits<std::chrono::steady_clock>, Executor>;

  // On the door's thread.
  void Open(const base::Accepted& accepted);
  void WaitForRoom();

  const Options options_;
  GivenSockets given_;
  boost::asio::io_context io_;
  boost::asio::executor_work_guard<Executor> work_;
  Timer room_timer_;
  const std::shared_ptr<base::Acceptor> acceptor_;
  std::thread thread_;
};

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_GRPC_DOOR_H_
