#include "server/http/server.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <boost/asio/basic_waitable_timer.hpp>
#include <boost/asio/post.hpp>
#include <optional>

#include "server/base/acceptor.h"
#include "server/base/listener.h"
#include "server/base/logging.h"
#include "server/base/status_macros.h"
#include "server/http/connection.h"
#include "server/http/connection_set.h"
#include "server/http/descriptor_limit.h"
#include "server/http/mailbox.h"

namespace tuco::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;
using std::chrono::milliseconds;
using std::chrono::steady_clock;

using Timer =
    asio::basic_waitable_timer<steady_clock, asio::wait_traits<steady_clock>,
                               asio::io_context::executor_type>;

// What the server is made of. Held by shared_ptr, since pending operations of
// the io_context come back to it after Stop. On the I/O thread.
class Core : public std::enable_shared_from_this<Core> {
 public:
  // Of `options` all but `tls`, which is null without it.
  Core(asio::io_context& io, base::Listener listener, ServerOptions options,
       std::unique_ptr<TlsContext> tls, Handler& handler);

  const base::NetAddress& address() const { return address_; }
  TlsContext* tls() const { return tls_.get(); }
  std::size_t connections() const { return connections_->size(); }

  void Start() { acceptor_->Start(); }
  void set_body_bytes_max(std::size_t bytes) {
    if (!stopped_) connections_->set_body_bytes_max(bytes);
  }
  void Drain(milliseconds quiet, milliseconds limit,
             std::function<void()> drained);
  void Stop();

 private:
  struct Draining {
    milliseconds quiet;
    ConnectionSet::TimePoint begin;
    ConnectionSet::TimePoint end;
    std::function<void()> drained;  // Null once called.
  };

  void Open(const base::Accepted& accepted);
  Peer::Says SaysOf(const std::string& source) const;
  void OnRemoved();
  void WaitToTick();
  void OnTick();
  void CheckDrained();
  void PostCheckDrained();

  asio::io_context& io_;
  const base::NetAddress address_;
  const std::unique_ptr<TlsContext> tls_;
  const bool proxy_protocol_;
  const std::shared_ptr<Mailbox> mailbox_;
  const std::shared_ptr<base::Acceptor> acceptor_;
  Timer tick_timer_;
  bool ticking_ = false;
  bool stopped_ = false;
  std::optional<Draining> draining_;
  std::optional<ConnectionSet> connections_;  // None once stopped.
};

Core::Core(asio::io_context& io, base::Listener listener, ServerOptions options,
           std::unique_ptr<TlsContext> tls, Handler& handler)
    : io_(io),
      address_(listener.address()),
      tls_(std::move(tls)),
      proxy_protocol_(options.proxy_protocol),
      mailbox_(std::make_shared<Mailbox>(io)),
      acceptor_(std::make_shared<base::Acceptor>(
          io, std::move(listener),
          base::Acceptor::Owner{
              [this] { return connections_->HasRoom(); },
              [this](const base::Accepted& accepted) { Open(accepted); }})),
      tick_timer_(io),
      connections_(std::in_place, options.limits,
                   std::move(options.trusted_peers), handler, mailbox_) {
  connections_->set_on_removed([this] { OnRemoved(); });
}

void Core::Open(const base::Accepted& accepted) {
  connections_->MakeRoom();
  if (accepted.family != AF_UNIX) {
    const int on = 1;
    ::setsockopt(accepted.descriptor, IPPROTO_TCP, TCP_NODELAY, &on,
                 sizeof(on));
  }
  Transport::Socket socket(io_);
  error_code error;
  socket.assign(asio::generic::stream_protocol(accepted.family, 0),
                accepted.descriptor, error);
  if (error) {
    ::close(accepted.descriptor);
    return;
  }
  socket.non_blocking(true, error);
  std::unique_ptr<TlsSession> session;
  if (tls_ != nullptr) {
    session = tls_->NewSession(accepted.descriptor);
    if (session == nullptr) return;
  }
  WaitToTick();
  std::make_shared<Connection>(std::move(socket), std::move(session),
                               Peer{accepted.source, SaysOf(accepted.source)},
                               *connections_)
      ->Start();
}

Peer::Says Core::SaysOf(const std::string& source) const {
  const TrustedPeers& trusted = connections_->trusted_peers();
  if (trusted.empty() || !trusted.Contains(source)) {
    return Peer::Says::kNothing;
  }
  return proxy_protocol_ ? Peer::Says::kProxyHeader : Peer::Says::kForwardedFor;
}

void Core::OnRemoved() {
  acceptor_->Resume();
  if (draining_ && connections_->size() == 0) PostCheckDrained();
}

// The clock stands still while there is nothing to look at.
void Core::WaitToTick() {
  if (ticking_) return;
  ticking_ = true;
  connections_->set_now(steady_clock::now());
  tick_timer_.expires_after(connections_->tick());
  tick_timer_.async_wait([self = shared_from_this()](const error_code&) {
    self->ticking_ = false;
    if (!self->stopped_) self->OnTick();
  });
}

void Core::OnTick() {
  connections_->Tick(steady_clock::now());
  acceptor_->Resume();  // One that was busy may be idle, and go.
  CheckDrained();
  if (stopped_) return;  // By who was told of the end.
  if (connections_->size() > 0 || draining_) WaitToTick();
}

void Core::Drain(milliseconds quiet, milliseconds limit,
                 std::function<void()> drained) {
  if (stopped_ || draining_) return;
  acceptor_->TakeQueued();
  acceptor_->Close();
  const auto now = steady_clock::now();
  draining_ = Draining{quiet, now, now + limit, std::move(drained)};
  connections_->set_draining();
  WaitToTick();
  if (connections_->size() == 0) PostCheckDrained();
}

// Not from within the connection that leaves.
void Core::PostCheckDrained() {
  asio::post(io_, [self = shared_from_this()] { self->CheckDrained(); });
}

void Core::CheckDrained() {
  if (stopped_ || !draining_ || !draining_->drained) return;
  const auto now = connections_->now();
  const auto last = std::max(draining_->begin, connections_->last_bytes()) +
                    connections_->tick();
  const bool quiet =
      now - last >= draining_->quiet && !connections_->OwesAnswer();
  if (connections_->size() == 0 || quiet || now >= draining_->end) {
    std::exchange(draining_->drained, nullptr)();
  }
}

void Core::Stop() {
  stopped_ = true;
  acceptor_->Close();
  tick_timer_.cancel();
  mailbox_->Close();
  connections_.reset();
  draining_.reset();
}

Limits WithinDescriptors(Limits limits, const base::NetAddress& address) {
  const std::size_t wanted = limits.connections_max;
  limits.connections_max = ReserveDescriptors(wanted);
  if (limits.connections_max < wanted) {
    base::Log(base::Severity::kWarning,
              "fewer connections than there might be, since the process may "
              "not have more descriptors (ulimit -n)",
              {{"address", address.ToString()},
               {"connections", std::to_string(limits.connections_max)}});
  }
  return limits;
}

class AsioServer final : public Server {
 public:
  AsioServer(asio::io_context& io, std::shared_ptr<Core> core)
      : io_(io), core_(std::move(core)) {}
  AsioServer(const AsioServer&) = delete;
  AsioServer& operator=(const AsioServer&) = delete;
  // NOLINTNEXTLINE(bugprone-exception-escape): no timer fails to be cancelled.
  ~AsioServer() override { core_->Stop(); }

  void Start() override {
    asio::post(io_, [core = core_] { core->Start(); });
  }

  base::NetAddress address() const override { return core_->address(); }

  void Drain(milliseconds quiet, milliseconds limit,
             std::function<void()> drained) override {
    asio::post(io_, [core = core_, quiet, limit,
                     drained = std::move(drained)]() mutable {
      core->Drain(quiet, limit, std::move(drained));
    });
  }

  void set_body_bytes_max(std::size_t bytes) override {
    asio::post(io_, [core = core_, bytes] { core->set_body_bytes_max(bytes); });
  }

  absl::Status ReloadTls() override {
    TlsContext* const tls = core_->tls();
    return tls == nullptr ? absl::OkStatus() : tls->Reload();
  }

  std::optional<Timestamp> tls_expires_at() const override {
    const TlsContext* const tls = core_->tls();
    if (tls == nullptr) return std::nullopt;
    return tls->expires_at();
  }

  std::size_t connections() const override { return core_->connections(); }

 private:
  asio::io_context& io_;
  const std::shared_ptr<Core> core_;
};

}  // namespace

absl::StatusOr<std::unique_ptr<Server>> Server::Listen(
    asio::io_context& io, const base::NetAddress& address,
    ServerOptions options, Handler& handler) {
  std::unique_ptr<TlsContext> tls;
  if (options.tls.has_value()) {
    TUCO_ASSIGN_OR_RETURN(tls, TlsContext::Create(*std::move(options.tls)));
  }
  TUCO_ASSIGN_OR_RETURN(base::Listener listener, base::Listener::Open(address));
  options.limits = WithinDescriptors(options.limits, address);
  auto core = std::make_shared<Core>(
      io, std::move(listener), std::move(options), std::move(tls), handler);
  return std::make_unique<AsioServer>(io, std::move(core));
}

}  // namespace tuco::http
