#include "server/rpc/quarantine_changes.h"

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <future>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "proto/status_details.h"
#include "server/base/status_macros.h"
#include "server/receiver/quarantined_delivery.h"
#include "server/rpc/limits.h"
#include "tuco/strings.h"

namespace tuco::rpc {
namespace {

namespace pb = events::v1;

// Deliveries that are worked on together, and mostly committed together. More
// of them, with bodies as large as there may be, would fill the queue that
// what arrives meanwhile needs as well.
constexpr std::size_t kPortion = 32;

using Texts = google::protobuf::RepeatedPtrField<std::string>;
using Results = google::protobuf::RepeatedPtrField<pb::QuarantineResult>;
using Pending = std::future<pb::QuarantineResult>;

// Begins to change a delivery, and calls `done` once what became of it is
// known.
using ResultDone = absl::AnyInvocable<void(pb::QuarantineResult)>;
using Start = std::function<void(std::uint64_t id, ResultDone done)>;

absl::StatusOr<std::vector<std::uint64_t>> ReadIds(const Texts& texts) {
  if (texts.empty() || texts.size() > kQuarantineIdsMax) {
    return proto::FieldViolation(
        "ids", Concat({"expected 1 to ", std::to_string(kQuarantineIdsMax),
                       " entries, found ", std::to_string(texts.size())}));
  }
  std::vector<std::uint64_t> ids;
  ids.reserve(static_cast<std::size_t>(texts.size()));
  for (const std::string& text : texts) {
    const absl::StatusOr<std::uint64_t> id = receiver::ParseQuarantineId(text);
    if (!id.ok()) {
      return proto::FieldViolation(
          Concat({"ids[", std::to_string(ids.size()), "]"}),
          FromAbsl(id.status().message()));
    }
    ids.push_back(*id);
  }
  return ids;
}

// The result for `id`, which is in `state` now unless `status` says why not.
pb::QuarantineResult ToResult(std::uint64_t id, const absl::Status& status,
                              pb::QuarantineState state) {
  pb::QuarantineResult result;
  result.set_id(receiver::QuarantineIdText(id));
  if (status.ok()) {
    result.set_state(state);
  } else {
    result.mutable_error()->set_code(status.raw_code());
    *result.mutable_error()->mutable_message() = FromAbsl(status.message());
  }
  return result;
}

pb::QuarantineResult ToResult(std::uint64_t id,
                              const absl::StatusOr<log::Appended>& appended) {
  const bool duplicate = appended.ok() && appended->duplicate;
  pb::QuarantineResult result =
      ToResult(id, appended.status(),
               duplicate ? pb::QUARANTINE_STATE_DUPLICATE
                         : pb::QUARANTINE_STATE_RELEASED);
  if (appended.ok()) result.set_sequence(appended->sequence);
  return result;
}

Pending StartOne(const Start& start, std::uint64_t id) {
  std::promise<pb::QuarantineResult> promise;
  Pending pending = promise.get_future();
  start(id,
        [promise = std::move(promise)](pb::QuarantineResult result) mutable {
          promise.set_value(std::move(result));
        });
  return pending;
}

// Changes each of the deliveries that `texts` name, and adds what became of it
// to `results`, in their order.
absl::Status ChangeEach(const Texts& texts,
                        const std::function<bool()>& is_cancelled,
                        const Start& start, Results& results) {
  TUCO_ASSIGN_OR_RETURN(const std::vector<std::uint64_t> ids, ReadIds(texts));
  std::span<const std::uint64_t> rest = ids;
  while (!rest.empty()) {
    if (is_cancelled()) {
      return absl::CancelledError("the client no longer waits for the answers");
    }
    std::vector<Pending> portion;
    portion.reserve(kPortion);
    for (const std::uint64_t id : rest.first(std::min(rest.size(), kPortion))) {
      portion.push_back(StartOne(start, id));
    }
    for (Pending& result : portion) *results.Add() = result.get();
    rest = rest.subspan(portion.size());
  }
  return absl::OkStatus();
}

}  // namespace

absl::Status AnswerRelease(receiver::Quarantine& quarantine,
                           const pb::ReleaseQuarantinedRequest& request,
                           const std::function<bool()>& is_cancelled,
                           pb::ReleaseQuarantinedResponse& response) {
  const Start start = [&quarantine](std::uint64_t id, ResultDone done) {
    quarantine.Release(
        id, [id, done = std::move(done)](
                const absl::StatusOr<log::Appended>& appended) mutable {
          done(ToResult(id, appended));
        });
  };
  return ChangeEach(request.ids(), is_cancelled, start,
                    *response.mutable_results());
}

absl::Status AnswerHold(receiver::Quarantine& quarantine,
                        const pb::HoldQuarantinedRequest& request,
                        const std::function<bool()>& is_cancelled,
                        pb::HoldQuarantinedResponse& response) {
  const Start start = [&](std::uint64_t id, ResultDone done) {
    quarantine.HoldBack(
        id, !request.undo(),
        [id, done = std::move(done)](const absl::Status& status) mutable {
          done(ToResult(id, status, pb::QUARANTINE_STATE_HELD));
        });
  };
  return ChangeEach(request.ids(), is_cancelled, start,
                    *response.mutable_results());
}

absl::Status AnswerPurge(receiver::Quarantine& quarantine,
                         const pb::PurgeQuarantineRequest& request,
                         const std::function<bool()>& is_cancelled,
                         pb::PurgeQuarantineResponse& response) {
  const Start start = [&quarantine](std::uint64_t id, ResultDone done) {
    quarantine.Purge(
        id, [id, done = std::move(done)](const absl::Status& status) mutable {
          done(ToResult(id, status, pb::QUARANTINE_STATE_PURGED));
        });
  };
  return ChangeEach(request.ids(), is_cancelled, start,
                    *response.mutable_results());
}

}  // namespace tuco::rpc
