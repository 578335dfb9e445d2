#include "server/receiver/importer.h"

#include <utility>

#include "server/receiver/record_maker.h"
#include "server/receiver/verification.h"
#include "tuco/event.h"

namespace tuco::receiver {
namespace {

Imported FromAppend(const absl::StatusOr<log::Appended>& appended) {
  Imported imported;
  if (appended.ok()) {
    imported.kind = appended->duplicate ? Imported::Kind::kDuplicate
                                        : Imported::Kind::kAccepted;
  } else {
    imported.kind = absl::IsFailedPrecondition(appended.status())
                        ? Imported::Kind::kReplay
                        : Imported::Kind::kFailed;
    imported.status = appended.status();
  }
  return imported;
}

}  // namespace

void Importer::Import(const Archived& archived, log::Committer& committer,
                      Done done) const {
  Result result = MakeRecordOf(archived);
  if (const Reason* const reason = std::get_if<Reason>(&result)) {
    Imported imported;
    imported.kind = Imported::Kind::kNotGenuine;
    imported.reason = *reason;
    done(imported);
    return;
  }
  committer.Submit(std::get<std::shared_ptr<log::Record>>(std::move(result)),
                   [done = std::move(done)](
                       const absl::StatusOr<log::Appended>& appended) mutable {
                     done(FromAppend(appended));
                   });
}

std::optional<Reason> Importer::Check(const Archived& archived) const {
  const Result result = MakeRecordOf(archived);
  const Reason* const reason = std::get_if<Reason>(&result);
  return reason == nullptr ? std::nullopt : std::optional(*reason);
}

Importer::Result Importer::MakeRecordOf(const Archived& archived) const {
  const Candidate& candidate = archived.candidate;
  if (candidate.delivery.body.size() > body_bytes_max_) {
    return Reason::kBodyTooLarge;
  }
  if (candidate.endpoint.has_value()) {
    const Endpoint* const endpoint = endpoints_.Find(*candidate.endpoint);
    if (endpoint == nullptr) return Reason::kEndpointUnknown;
    return TryEndpoint(archived, *endpoint);
  }
  Result result = Reason::kEndpointUnknown;
  for (const Endpoint& endpoint : endpoints_.all()) {
    result = TryEndpoint(archived, endpoint);
    if (!std::holds_alternative<Reason>(result)) break;
  }
  return result;
}

Importer::Result Importer::TryEndpoint(const Archived& archived,
                                       const Endpoint& endpoint) const {
  Delivery delivery = archived.candidate.delivery;
  const Verdict verdict = Verify(delivery, endpoint, endpoint.mode);
  if (!verdict.genuine()) return verdict.reason();
  if (!delivery.received_at.has_value()) delivery.received_at = clock_.Now();
  Event event = ReadEvent(verdict.delivery(), delivery, endpoint);
  event.origin = Origin::kBackfill;
  if (archived.headers_differed) event.flags.Add(Flag::kHeaderMismatch);
  return MakeRecord(std::move(event), verdict.delivery());
}

}  // namespace tuco::receiver
