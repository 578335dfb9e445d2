// What a log must hold, as simply as it can be said, and whether one does.
//
// A check compares what a log answered with the contract in event_log.h, not
// with how any backend goes about it, and says in words what is wrong; empty
// words are praise.

#ifndef TUCO_TESTS_SERVER_LOG_LOG_MODEL_H_
#define TUCO_TESTS_SERVER_LOG_LOG_MODEL_H_

#include <cstdint>
#include <deque>
#include <map>
#include <optional>
#include <string>
#include <tuple>
#include <vector>

#include "server/log/event_log.h"
#include "server/log/record.h"
#include "tests/server/log/sample_records.h"
#include "tests/server/log/subscription_model.h"

namespace tuco::log {

// A value: a copy is the log as it was then.
class LogModel {
 public:
  const Bounds& bounds() const { return bounds_; }
  const std::deque<Record>& records() const { return records_; }
  Timestamp dedup_horizon() const { return dedup_horizon_; }
  const SubscriptionModel& subscriptions() const { return subscriptions_; }

  // Gives `batch` what the log must give it if it is appended at `now`.
  void Number(std::vector<Record>& batch, Timestamp now) const;
  // Flags those that repeat the message and type of an event before them, as
  // the committer does.
  void FlagRepeats(std::vector<Record>& batch) const;
  // `batch`, which has its numbers, was appended.
  void Append(const std::vector<Record>& batch);
  // `changes` were committed.
  void Apply(const std::vector<SubscriptionChange>& changes) {
    subscriptions_.Apply(changes);
  }
  // The sequence of the event with that key, as long as it is remembered.
  std::optional<std::uint64_t> SequenceOf(const Digest& key) const;

  // What the log says that it removed, or forgot, when asked like that.
  std::string Remove(const RemoveRequest& request,
                     const RemovedRecords& removed);
  std::string Forget(const ForgetRequest& request, const ForgottenKeys& keys);

  // The log was opened again: repeats of what was removed are not noticed.
  void Reopen();
  // This old state was put back in the place of one that had got as far as
  // `lost`, and the log was opened.
  void ReplaceLost(const Bounds& lost);

  std::string CheckRead(const ReadRequest& request, const Filter& filter,
                        const ReadResult& read) const;
  // Likewise, of a read that may fail at any record.
  std::string CheckFailedRead(const ReadRequest& request, const Filter& filter,
                              const ReadResult& read) const;
  std::string CheckTime(Timestamp time, std::uint64_t found) const;
  // Bounds, gaps and horizon.
  std::string CheckPosition(EventLog& log) const;
  // All of it.
  std::string CheckAll(EventLog& log) const;

 private:
  using Message = std::tuple<std::string, std::string, std::string>;
  using Iterator = std::deque<Record>::const_iterator;

  // Endpoint, message and type, nothing where it has no message.
  static std::optional<Message> MessageOf(const Record& record);
  Iterator FirstBehind(std::uint64_t after) const;
  // What a read behind `after` has to do with.
  struct Stretch {
    std::uint64_t start = 0;  // Behind the gaps that `after` may lie in.
    std::uint64_t end = 0;    // Where the next gap begins, or the head.
  };
  Stretch StretchBehind(std::uint64_t after) const;
  std::string CheckVisited(const ReadRequest& request, const Filter& filter,
                           const ReadResult& read, std::uint64_t through) const;
  std::string CheckLimits(const ReadRequest& request, const Filter& filter,
                          const ReadResult& read, std::uint64_t through,
                          const Stretch& stretch) const;
  std::string CheckKeys(EventLog& log) const;

  Bounds bounds_;
  std::deque<Record> records_;
  std::vector<Gap> gaps_;
  std::optional<Timestamp> recorded_at_;  // Of the newest record.
  // By sequence; a key may outlive its record.
  struct Key {
    Digest key;
    Timestamp received_at;
    std::optional<Timestamp> occurred_at;
  };
  std::map<std::uint64_t, Key> keys_;
  std::map<Digest, std::uint64_t> sequences_;
  Timestamp dedup_horizon_ = Timestamp::min();
  std::map<Message, std::uint64_t> messages_;
  SubscriptionModel subscriptions_;
};

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_LOG_MODEL_H_
