// A quarantine whose entries are what the test says.

#ifndef TUCO_TESTS_SERVER_RPC_FAKE_QUARANTINE_H_
#define TUCO_TESTS_SERVER_RPC_FAKE_QUARANTINE_H_

#include <cstddef>
#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <thread>
#include <vector>

#include "absl/functional/any_invocable.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/receiver/quarantine.h"

namespace tuco::testing {

// An entry that is held, of endpoint `tuco` and with a mismatch.
log::QuarantineEntry MakeEntry(std::uint64_t id);

// Answers from threads of its own, as the committer does, and waits for them
// in its destructor. One caller at a time.
class FakeQuarantine final : public receiver::Quarantine {
 public:
  ~FakeQuarantine() override;

  // By their ids. One that is verified is released, as a duplicate when its id
  // is even; others are refused.
  std::map<std::uint64_t, log::QuarantineEntry> entries;
  // Entries that one call of List looks at, at most.
  std::size_t scan_max = 1'000;
  absl::Status list_status;
  std::vector<Finding> findings;
  // What was called, such as `release 7` or `hold 7 false`, in order.
  std::vector<std::string> calls;
  // Told of each call before it is answered.
  std::function<void()> on_call = [] {};

  void Start() override {}
  void Stop() override {}
  void Keep(std::shared_ptr<log::QuarantineEntry> entry,
            KeepDone done) override;
  absl::StatusOr<Page> List(std::uint64_t after, std::size_t max,
                            Wanted wanted) override;
  absl::StatusOr<log::QuarantineEntry> Get(std::uint64_t id) override;
  std::vector<Finding> Explain(
      const log::QuarantineEntry& entry) const override;
  void Release(std::uint64_t id, ReleaseDone done) override;
  void HoldBack(std::uint64_t id, bool held_back, ChangeDone done) override;
  void Purge(std::uint64_t id, ChangeDone done) override;
  void VerifyAgain() override {}

 private:
  void NoteCall(std::string call);
  absl::Status CheckHeld(std::uint64_t id);
  absl::StatusOr<log::Appended> TryRelease(std::uint64_t id);
  void AnswerLater(absl::AnyInvocable<void()> answer);
  void Join();

  std::vector<std::thread> threads_;
};

}  // namespace tuco::testing

#endif  // TUCO_TESTS_SERVER_RPC_FAKE_QUARANTINE_H_
