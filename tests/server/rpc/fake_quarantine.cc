#include "tests/server/rpc/fake_quarantine.h"

#include <chrono>
#include <utility>

#include "server/base/status_macros.h"

namespace tuco::testing {

using log::QuarantineEntry;
using log::QuarantineState;

namespace {

constexpr std::size_t kThreadsMax = 64;

}  // namespace

QuarantineEntry MakeEntry(std::uint64_t id) {
  QuarantineEntry entry;
  entry.id = id;
  entry.endpoint = "tuco";
  entry.source = "192.0.2.7";
  entry.reason = static_cast<std::uint32_t>(Reason::kSignatureMismatch);
  entry.received_at = Timestamp(std::chrono::seconds(1'776'254'400));
  entry.headers = "x-tuco-signature: 00\nx-tuco-event: message.sent\n";
  entry.body = "{}";
  entry.body_bytes = 2;
  return entry;
}

FakeQuarantine::~FakeQuarantine() { Join(); }

void FakeQuarantine::Keep(std::shared_ptr<QuarantineEntry> entry,
                          KeepDone done) {
  const std::uint64_t id = entry->id;
  entries[id] = std::move(*entry);
  done(id);
}

absl::StatusOr<receiver::Quarantine::Page> FakeQuarantine::List(
    std::uint64_t after, std::size_t max, Wanted wanted) {
  if (!list_status.ok()) return list_status;
  Page page{.entries = {}, .scanned_through = after};
  std::size_t scanned = 0;
  for (auto at = entries.upper_bound(after); at != entries.end(); ++at) {
    if (page.entries.size() == max || scanned++ == scan_max) break;
    page.scanned_through = at->first;
    if (!wanted(at->second)) continue;
    page.entries.push_back(at->second);
    page.entries.back().body.reset();
  }
  return page;
}

absl::StatusOr<QuarantineEntry> FakeQuarantine::Get(std::uint64_t id) {
  const auto found = entries.find(id);
  if (found != entries.end()) return found->second;
  return absl::NotFoundError("there is no quarantined delivery of this id");
}

std::vector<Finding> FakeQuarantine::Explain(
    const QuarantineEntry& /*entry*/) const {
  return findings;
}

void FakeQuarantine::Release(std::uint64_t id, ReleaseDone done) {
  NoteCall("release " + std::to_string(id));
  const absl::StatusOr<log::Appended> appended = TryRelease(id);
  AnswerLater([appended, done = std::move(done)]() mutable { done(appended); });
}

void FakeQuarantine::HoldBack(std::uint64_t id, bool held_back,
                              ChangeDone done) {
  NoteCall("hold " + std::to_string(id) + (held_back ? " true" : " false"));
  AnswerLater([status = CheckHeld(id), done = std::move(done)]() mutable {
    done(status);
  });
}

void FakeQuarantine::Purge(std::uint64_t id, ChangeDone done) {
  NoteCall("purge " + std::to_string(id));
  AnswerLater([status = CheckHeld(id), done = std::move(done)]() mutable {
    done(status);
  });
}

void FakeQuarantine::NoteCall(std::string call) {
  calls.push_back(std::move(call));
  on_call();
}

absl::Status FakeQuarantine::CheckHeld(std::uint64_t id) {
  const absl::StatusOr<QuarantineEntry> entry = Get(id);
  if (!entry.ok()) return entry.status();
  if (entry->state == QuarantineState::kHeld) return absl::OkStatus();
  return absl::FailedPreconditionError("it is not held any more");
}

absl::StatusOr<log::Appended> FakeQuarantine::TryRelease(std::uint64_t id) {
  TUCO_RETURN_IF_ERROR(CheckHeld(id));
  if (!entries[id].verified) {
    return absl::FailedPreconditionError("no active secret verifies it");
  }
  return log::Appended{.sequence = 100 + id, .duplicate = id % 2 == 0};
}

void FakeQuarantine::AnswerLater(absl::AnyInvocable<void()> answer) {
  if (threads_.size() == kThreadsMax) Join();
  threads_.emplace_back(std::move(answer));
}

void FakeQuarantine::Join() {
  for (std::thread& thread : threads_) thread.join();
  threads_.clear();
}

}  // namespace tuco::testing
