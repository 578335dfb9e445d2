#include "server/app/server_process.h"

#include <atomic>
#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "server/admin/admin_handler.h"
#include "server/app/http_certificate.h"
#include "server/app/io_thread.h"
#include "server/app/log_metrics.h"
#include "server/app/reloadable.h"
#include "server/app/secret_metrics.h"
#include "server/app/subscription_metrics.h"
#include "server/base/clock.h"
#include "server/base/logging.h"
#include "server/base/metrics.h"
#include "server/base/posix_file_system.h"
#include "server/base/status_macros.h"
#include "server/cli/version.h"
#include "server/http/server.h"
#include "server/ingress/ingress_handler.h"
#include "server/log/committer.h"
#include "server/log/disk_reserve.h"
#include "server/log/event_log.h"
#include "server/log/spool.h"
#include "server/receiver/current_endpoints.h"
#include "server/receiver/quarantine.h"
#include "server/receiver/receiver.h"
#include "server/receiver/record_maker.h"
#include "server/rpc/event_service.h"
#include "server/rpc/get_status.h"
#include "server/rpc/grpc_server.h"
#include "server/rpc/subscription_settings.h"
#include "server/stream/event_finder.h"
#include "server/stream/hub.h"
#include "server/stream/subscriptions.h"
#include "tuco/strings.h"

namespace tuco::app {
namespace {

// What calls in progress are given when the server stops.
constexpr std::chrono::milliseconds kGrpcGrace{1'000};

class ServerProcessImpl final : public ServerProcess {
 public:
  ServerProcessImpl(receiver::Endpoints endpoints, GrpcAccess access)
      : endpoints_(std::move(endpoints)), access_(std::move(access)) {}
  ~ServerProcessImpl() override { Stop(); }

  absl::Status StartAll(const ServeConfig& config, OnFailure on_failure);

  BoundAddresses addresses() const override;
  base::Metrics& metrics() override { return metrics_; }
  absl::Status Reload(const ServeConfig& config,
                      receiver::Endpoints endpoints) override;
  void Drain(std::function<void()> drained) override;
  void Stop() override;

 private:
  absl::Status StartLog(const ServeConfig& config, OnFailure on_failure);
  absl::Status StartListeners(const ServeConfig& config);
  void StartSubscriptions();
  void OnCommitted(std::span<const log::RecordPtr> records);
  void AddReloadables(const ServeConfig& config);
  void AddGauges();
  absl::Status Ready();

  // In the order of their dependence: what is below uses what is above.
  receiver::CurrentEndpoints endpoints_;
  const GrpcAccess access_;
  base::SystemClock clock_;
  const Timestamp started_at_ = clock_.Now();
  base::PosixFileSystem files_;
  base::Metrics metrics_;
  CommitMetrics commits_{metrics_};
  std::atomic<bool> draining_ = false;
  std::unique_ptr<log::EventLog> log_;
  std::unique_ptr<log::Spool> spool_;
  std::optional<log::DiskReserve> reserve_;
  std::unique_ptr<stream::Hub> hub_;
  // Those that the committer tells of what it commits, once there are any.
  std::atomic<stream::Subscriptions*> listening_ = nullptr;
  std::unique_ptr<log::Committer> committer_;
  std::unique_ptr<stream::Subscriptions> subscriptions_;
  std::unique_ptr<receiver::Quarantine> quarantine_;
  std::unique_ptr<receiver::Receiver> receiver_;
  std::unique_ptr<ingress::IngressHandler> ingress_handler_;
  std::unique_ptr<admin::AdminHandler> admin_handler_;
  std::unique_ptr<stream::EventFinder> finder_;
  std::unique_ptr<rpc::EventService> service_;
  IoThread ingress_io_;
  IoThread admin_io_;
  std::unique_ptr<http::Server> ingress_;
  std::unique_ptr<http::Server> admin_;
  std::unique_ptr<rpc::GrpcServer> grpc_;
  // What else takes new settings. They refer to what is above.
  std::vector<Reloadable> reloadables_;
};

absl::Status ServerProcessImpl::StartLog(const ServeConfig& config,
                                         OnFailure on_failure) {
  TUCO_ASSIGN_OR_RETURN(log_,
                        log::OpenSqliteLog({.directory = config.log_directory,
                                            .clock = clock_,
                                            .files = files_,
                                            .sqlite_vfs = ""}));
  if (!config.spool_directory.empty()) {
    TUCO_ASSIGN_OR_RETURN(
        spool_, log::Spool::Open({.directory = config.spool_directory,
                                  .files = files_,
                                  .bytes_max = config.spool_bytes_max}));
  }
  reserve_.emplace(
      log::DiskReserveOptions{.directory = config.log_directory,
                              .files = files_,
                              .reserve_bytes = config.reserve_bytes});
  hub_ = stream::Hub::Start(*log_, clock_, {});
  committer_ = log::Committer::Start(
      *log_,
      {.quarantine = config.quarantine,
       .upkeep = config.upkeep,
       .clock = &clock_,
       .reserve = &*reserve_,
       .spool = spool_.get(),
       .on_merge = receiver::MarkSpooled,
       .on_commit =
           [this](std::size_t events, std::chrono::nanoseconds took) {
             commits_.Note(events, took);
           },
       .on_failure = std::move(on_failure)},
      [this](std::span<const log::RecordPtr> records) {
        OnCommitted(records);
      });
  StartSubscriptions();
  quarantine_ = receiver::Quarantine::Create(endpoints_, *log_, *committer_,
                                             clock_, metrics_);
  return absl::OkStatus();
}

void ServerProcessImpl::StartSubscriptions() {
  subscriptions_ = stream::Subscriptions::Start(
      *log_, *committer_, *hub_, clock_, {.read_settings = rpc::ReadSettings});
  listening_ = subscriptions_.get();
}

void ServerProcessImpl::OnCommitted(std::span<const log::RecordPtr> records) {
  hub_->Publish(records);
  stream::Subscriptions* const subscriptions = listening_;
  if (subscriptions == nullptr || records.empty()) return;
  subscriptions->OnCommitted();
}

absl::Status ServerProcessImpl::StartListeners(const ServeConfig& config) {
  if (!config.http.off()) {
    http::ServerOptions options;
    options.limits.body_bytes_max = config.body_bytes_max;
    options.tls = config.http_tls;
    options.trusted_peers = config.trusted_peers;
    options.proxy_protocol = config.proxy_protocol;
    TUCO_ASSIGN_OR_RETURN(
        ingress_, http::Server::Listen(ingress_io_.io(), config.http,
                                       std::move(options), *ingress_handler_));
  }
  if (!config.admin.off()) {
    TUCO_ASSIGN_OR_RETURN(admin_,
                          http::Server::Listen(admin_io_.io(), config.admin, {},
                                               *admin_handler_));
  }
  // Last: gRPC serves as soon as it listens.
  if (!config.grpc.off()) {
    TUCO_ASSIGN_OR_RETURN(
        grpc_,
        rpc::GrpcServer::Listen(config.grpc, *service_,
                                {.certificates = access_.certificates.get()}));
  }
  return absl::OkStatus();
}

absl::Status ServerProcessImpl::StartAll(const ServeConfig& config,
                                         OnFailure on_failure) {
  TUCO_RETURN_IF_ERROR(StartLog(config, std::move(on_failure)));
  receiver_ = std::make_unique<receiver::Receiver>(
      endpoints_, *committer_, *quarantine_, clock_, metrics_,
      config.body_bytes_max);
  ingress_handler_ =
      std::make_unique<ingress::IngressHandler>(*receiver_, metrics_);
  admin_handler_ = std::make_unique<admin::AdminHandler>(
      metrics_, [this] { return Ready(); });
  finder_ = std::make_unique<stream::EventFinder>(*log_, *committer_);
  service_ = std::make_unique<rpc::EventService>(
      *receiver_, *hub_, *subscriptions_, *quarantine_, *finder_, *log_,
      rpc::StatusSources{.version = std::string(cli::Version()),
                         .started_at = started_at_,
                         .has_spool = spool_ != nullptr,
                         .log = *log_,
                         .committer = *committer_,
                         .hub = *hub_,
                         .endpoints = endpoints_},
      access_.tokens.get());
  AddGauges();
  TUCO_RETURN_IF_ERROR(StartListeners(config));
  AddReloadables(config);
  quarantine_->Start();
  if (admin_ != nullptr) admin_->Start();
  if (ingress_ != nullptr) ingress_->Start();
  admin_io_.Start();
  ingress_io_.Start();
  return absl::OkStatus();
}

void ServerProcessImpl::AddGauges() {
  AddLogMetrics(*log_, *committer_, clock_, metrics_);
  AddSubscriptionMetrics(*subscriptions_, metrics_);
  AddSecretMetrics(endpoints_, metrics_);
  metrics_.AddGauge("tuco_streams", "Event streams that are open.",
                    [this] { return static_cast<double>(hub_->streams()); });
  metrics_.AddGauges([this]() -> std::vector<base::GaugeFamily> {
    base::GaugeFamily family{
        "tuco_http_certificate_expiry_timestamp_seconds",
        "When the certificate of the ingress expires, in seconds since 1970.",
        {}};
    if (ingress_ != nullptr && ingress_->tls_expires_at().has_value()) {
      const auto expires = ingress_->tls_expires_at()->time_since_epoch();
      family.samples.push_back(
          {{}, std::chrono::duration<double>(expires).count()});
    }
    return {std::move(family)};
  });
  metrics_.AddGauge("tuco_http_connections",
                    "Connections that are open on the ingress.", [this] {
                      return ingress_ == nullptr
                                 ? 0.0
                                 : static_cast<double>(ingress_->connections());
                    });
  metrics_.AddGauge(
      "tuco_grpc_connections", "Connections that are open for gRPC.", [this] {
        return grpc_ == nullptr ? 0.0
                                : static_cast<double>(grpc_->connections());
      });
}

absl::Status ServerProcessImpl::Ready() {
  if (draining_) return absl::UnavailableError("the server is stopping");
  TUCO_RETURN_IF_ERROR(log_->Probe());
  return committer_->Probe();
}

BoundAddresses ServerProcessImpl::addresses() const {
  BoundAddresses addresses;
  if (ingress_ != nullptr) addresses.http = ingress_->address();
  if (grpc_ != nullptr) addresses.grpc = grpc_->address();
  if (admin_ != nullptr) addresses.admin = admin_->address();
  return addresses;
}

// What was checked is read once more to be put in force. Where that fails, as
// when it has changed meanwhile, what was in force stays.
void ServerProcessImpl::AddReloadables(const ServeConfig& config) {
  const auto put_in_force = [](const absl::Status& status) {
    if (status.ok()) return;
    base::Log(base::Severity::kError,
              "what was read cannot be put in force, and all stays as it was",
              {{"error", std::string(FromAbsl(status.message()))}});
  };
  using PutInForce = absl::StatusOr<Reloadable::PutInForce>;
  reloadables_.push_back(
      {"[http]",
       [this, config, put_in_force](const ServeConfig&) -> PutInForce {
         TUCO_RETURN_IF_ERROR(CheckHttpCertificate(config).status());
         return [this, put_in_force] {
           if (ingress_ != nullptr) put_in_force(ingress_->ReloadTls());
         };
       }});
  reloadables_.push_back(
      {"[grpc]",
       [this, config, put_in_force](const ServeConfig&) -> PutInForce {
         TUCO_RETURN_IF_ERROR(LoadGrpcAccess(config, clock_).status());
         return [this, put_in_force] {
           if (access_.certificates)
             put_in_force(access_.certificates->Reload());
           if (access_.tokens) put_in_force(access_.tokens->Reload());
         };
       }});
}

absl::Status ServerProcessImpl::Reload(const ServeConfig& config,
                                       receiver::Endpoints endpoints) {
  TUCO_RETURN_IF_ERROR(ReloadAll(reloadables_, config));
  const bool may_take_more = endpoints.MayTakeMoreThan(*endpoints_.Get());
  endpoints_.Replace(std::move(endpoints));
  if (may_take_more) quarantine_->VerifyAgain();
  receiver_->set_body_bytes_max(config.body_bytes_max);
  if (ingress_ != nullptr) ingress_->set_body_bytes_max(config.body_bytes_max);
  return absl::OkStatus();
}

void ServerProcessImpl::Drain(std::function<void()> drained) {
  draining_ = true;
  if (ingress_ == nullptr) {
    drained();
    return;
  }
  ingress_->Drain(kDrainQuiet, kDrainLimit, std::move(drained));
}

void ServerProcessImpl::Stop() {
  draining_ = true;
  if (quarantine_ != nullptr) quarantine_->Stop();
  // While the committer still keeps what was judged.
  if (subscriptions_ != nullptr) subscriptions_->Stop();
  // The committer answers what it has; the answers leave on the I/O thread,
  // which runs what was posted before it ends.
  if (committer_ != nullptr) committer_->Stop();
  ingress_io_.Stop();
  if (hub_ != nullptr) hub_->Stop();
  if (grpc_ != nullptr) grpc_->Stop(kGrpcGrace);
  admin_io_.Stop();
}

}  // namespace

absl::StatusOr<std::unique_ptr<ServerProcess>> ServerProcess::Start(
    const ServeConfig& config, receiver::Endpoints endpoints, GrpcAccess access,
    OnFailure on_failure) {
  auto process = std::make_unique<ServerProcessImpl>(std::move(endpoints),
                                                     std::move(access));
  TUCO_RETURN_IF_ERROR(process->StartAll(config, std::move(on_failure)));
  return process;
}

}  // namespace tuco::app
