#include "server/rpc/grpc_door.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>

#include <boost/asio/post.hpp>
#include <boost/system/error_code.hpp>
#include <utility>

namespace tuco::rpc {
namespace {

using boost::system::error_code;

// How often a full door looks whether a connection has ended.
constexpr std::chrono::milliseconds kLook{100};

}  // namespace

GrpcDoor::GrpcDoor(base::Listener listener, Options options)
    : options_(std::move(options)),
      io_(1),
      work_(io_.get_executor()),
      room_timer_(io_),
      acceptor_(std::make_shared<base::Acceptor>(
          io_, std::move(listener),
          base::Acceptor::Owner{
              [this] {
                return given_.CountMax() < options_.connections_max ||
                       given_.CountOpen() < options_.connections_max;
              },
              [this](const base::Accepted& accepted) { Open(accepted); }})) {}

void GrpcDoor::Start() {
  acceptor_->Start();
  thread_ = std::thread([this] { io_.run(); });
}

void GrpcDoor::Close() {
  if (thread_.joinable()) {
    boost::asio::post(io_, [this] { io_.stop(); });
    thread_.join();
  }
  acceptor_->Close();
}

void GrpcDoor::Open(const base::Accepted& accepted) {
  if (accepted.family != AF_UNIX) {
    const int on = 1;
    ::setsockopt(accepted.descriptor, IPPROTO_TCP, TCP_NODELAY, &on,
                 sizeof(on));
  }
  given_.Add(accepted.descriptor);
  options_.hand_over(accepted.descriptor);
  if (given_.CountMax() >= options_.connections_max) WaitForRoom();
}

void GrpcDoor::WaitForRoom() {
  room_timer_.expires_after(kLook);
  room_timer_.async_wait([this](const error_code& error) {
    if (error) return;
    acceptor_->Resume();
    if (given_.CountMax() >= options_.connections_max) WaitForRoom();
  });
}

}  // namespace tuco::rpc
