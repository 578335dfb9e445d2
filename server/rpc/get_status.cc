#include "server/rpc/get_status.h"

#include <google/protobuf/util/time_util.h>

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "server/rpc/quarantine_entry.h"
#include "tuco/strings.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;
using log::Committer;

static_assert(int{pb::DRIFT_KIND_UNKNOWN_EVENT} ==
              static_cast<int>(DriftKind::kUnknownEvent));
static_assert(int{pb::DRIFT_KIND_UNKNOWN_FIELD} ==
              static_cast<int>(DriftKind::kUnknownField));
static_assert(int{pb::DRIFT_KIND_WRONG_TYPE} ==
              static_cast<int>(DriftKind::kWrongType));
static_assert(int{pb::DRIFT_KIND_NO_OBJECT} ==
              static_cast<int>(DriftKind::kNoObject));

google::protobuf::Timestamp ToProto(Timestamp time) {
  return google::protobuf::util::TimeUtil::MicrosecondsToTimestamp(
      time.time_since_epoch().count());
}

pb::IntakeState ToProto(Committer::State state) {
  switch (state) {
    case Committer::State::kReading:
      return pb::INTAKE_STATE_READING_LOG;
    case Committer::State::kTaking:
      return pb::INTAKE_STATE_TAKING;
    case Committer::State::kSpooling:
      return pb::INTAKE_STATE_SPOOLING;
    case Committer::State::kRefusing:
      return pb::INTAKE_STATE_REFUSING;
    case Committer::State::kFailed:
      return pb::INTAKE_STATE_FAILED;
  }
  return pb::INTAKE_STATE_UNSPECIFIED;
}

void FillIntake(const Committer& committer,
                const Committer::Statistics& statistics,
                pb::IntakeStatus& intake) {
  const Committer::Condition condition = committer.condition();
  intake.set_state(ToProto(condition.state));
  intake.set_reason(WellFormed(FromAbsl(condition.why.message())));
  intake.set_queued(statistics.queued);
}

void FillLog(const log::EventLog& log, const Committer::Statistics& statistics,
             pb::LogStatus& status) {
  const log::Bounds bounds = log.bounds();
  status.set_epoch(bounds.epoch);
  status.set_head_sequence(bounds.head);
  status.set_earliest_sequence(bounds.first);
  for (const log::Gap& gap : log.gaps()) {
    pb::SequenceRange& range = *status.add_gaps();
    range.set_from_sequence(gap.from);
    range.set_to_sequence(gap.to);
  }
  const log::LogSize size = log.size();
  if (size.database_bytes) status.set_database_bytes(*size.database_bytes);
  if (size.wal_bytes) status.set_wal_bytes(*size.wal_bytes);
  if (size.free_bytes) status.set_free_bytes(*size.free_bytes);
  if (statistics.loaded) status.set_duplicate_keys(statistics.duplicate_keys);
  const Timestamp horizon = log.dedup_horizon();
  if (horizon != Timestamp::min()) {
    *status.mutable_dedup_horizon() = ToProto(horizon);
  }
}

void FillQuarantine(const log::QuarantineBook::Counts& counts,
                    pb::QuarantineStatus& quarantine) {
  quarantine.set_verified(counts.verified);
  quarantine.set_verified_bytes(counts.verified_bytes);
  quarantine.set_unverified(counts.unverified);
  quarantine.set_unverified_bytes(counts.unverified_bytes);
  quarantine.set_settled(counts.settled);
}

void FillSpool(const log::Spooling::Statistics& counts,
               pb::SpoolStatus& spool) {
  spool.set_records(counts.records);
  spool.set_bytes(counts.bytes);
  spool.set_losses(counts.losses);
}

void AddSecrets(const std::vector<receiver::NamedSecret>& secrets,
                pb::SecretState state, pb::EndpointStatus& status) {
  for (const receiver::NamedSecret& secret : secrets) {
    pb::SecretStatus& added = *status.add_secrets();
    added.set_name(secret.name);
    added.set_state(state);
    if (const std::optional<Timestamp> last = secret.use->last()) {
      *added.mutable_last_used_at() = ToProto(*last);
    }
    added.set_verified_raw(secret.use->count(VerifiedForm::kRaw));
    added.set_verified_canonical(secret.use->count(VerifiedForm::kCanonical));
  }
}

void AddEndpoints(const StatusSources& sources, pb::ServerStatus& status) {
  const log::ArrivalMap arrivals = sources.committer.newest_arrivals();
  const receiver::EndpointsPtr endpoints = sources.endpoints.Get();
  for (const receiver::Endpoint& endpoint : endpoints->all()) {
    pb::EndpointStatus& added = *status.add_endpoints();
    added.set_name(endpoint.name);
    for (const receiver::NamedSecret& secret : endpoint.secrets) {
      added.add_secret_names(secret.name);
    }
    for (const receiver::NamedSecret& secret : endpoint.revoked) {
      added.add_revoked_secret_names(secret.name);
    }
    AddSecrets(endpoint.secrets, pb::SECRET_STATE_ACTIVE, added);
    AddSecrets(endpoint.revoked, pb::SECRET_STATE_REVOKED, added);
    const auto newest = arrivals.find(endpoint.name);
    if (newest == arrivals.end()) continue;
    const log::Arrival& arrival = newest->second.newest;
    *added.mutable_last_received_at() = ToProto(arrival.received_at);
    added.set_last_sequence(arrival.sequence);
  }
}

void AddDriftNames(const Committer& committer, pb::ServerStatus& status) {
  for (const log::DriftName& name : committer.drift_names()) {
    pb::DriftName& added = *status.add_drift_names();
    added.set_kind(static_cast<pb::DriftKind>(name.kind));
    added.set_name(name.name);
    *added.mutable_first_seen_at() = ToProto(name.first_seen);
  }
}

}  // namespace

void AnswerGetStatus(const StatusSources& sources,
                     pb::GetStatusResponse& response) {
  pb::ServerStatus& status = *response.mutable_status();
  const Committer::Statistics statistics = sources.committer.statistics();
  status.set_version(sources.version);
  *status.mutable_started_at() = ToProto(sources.started_at);
  FillIntake(sources.committer, statistics, *status.mutable_intake());
  FillLog(sources.log, statistics, *status.mutable_log());
  if (statistics.loaded) {
    FillQuarantine(statistics.quarantine, *status.mutable_quarantine());
    if (sources.has_spool) {
      FillSpool(statistics.spool, *status.mutable_spool());
    }
  }
  status.set_open_streams(sources.hub.streams());
  AddEndpoints(sources, status);
  AddDriftNames(sources.committer, status);
}

}  // namespace tuco::rpc
