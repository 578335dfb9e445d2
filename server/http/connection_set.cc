#include "server/http/connection_set.h"

#include <algorithm>
#include <utility>

#include "server/http/connection.h"

namespace tuco::http {
namespace {

using std::chrono::milliseconds;

constexpr milliseconds kTickMin{5};
constexpr milliseconds kTickMax{200};
constexpr int kTicksPerTimeout = 8;

milliseconds TickFor(const Limits& limits) {
  const milliseconds shortest = std::min(
      {limits.header_timeout, limits.body_timeout, limits.write_timeout,
       limits.idle_timeout, limits.linger_timeout});
  return std::clamp(shortest / kTicksPerTimeout, kTickMin, kTickMax);
}

}  // namespace

ConnectionSet::ConnectionSet(const Limits& limits, TrustedPeers trusted_peers,
                             Handler& handler, std::shared_ptr<Mailbox> mailbox)
    : limits_(limits),
      trusted_peers_(std::move(trusted_peers)),
      handler_(handler),
      mailbox_(std::move(mailbox)),
      tick_(TickFor(limits)),
      now_(std::chrono::steady_clock::now()),
      last_bytes_(now_),
      budget_(limits.buffered_bytes_max) {}

ConnectionSet::~ConnectionSet() {
  on_removed_ = nullptr;
  while (first_ != nullptr) first_->Close();
}

void ConnectionSet::Tick(TimePoint now) {
  now_ = now;
  for (Connection* connection = first_; connection != nullptr;
       connection = next_to_tick_) {
    next_to_tick_ = connection->next_;
    if (connection->deadline() <= now) connection->OnDeadline();
  }
  next_to_tick_ = nullptr;
}

bool ConnectionSet::HasRoom() const {
  return size() < limits_.connections_max || peers_.FirstToGo() != nullptr;
}

void ConnectionSet::MakeRoom() {
  if (size() < limits_.connections_crowded()) return;
  if (Connection* const first = peers_.FirstToGo()) first->Close();
}

bool ConnectionSet::OwesAnswer() const {
  for (const Connection* connection = first_; connection != nullptr;
       connection = connection->next_) {
    if (connection->owes_answer()) return true;
  }
  return false;
}

void ConnectionSet::Add(Connection& connection) {
  connection.next_ = first_;
  connection.previous_ = nullptr;
  if (first_ != nullptr) first_->previous_ = &connection;
  first_ = &connection;
  size_.fetch_add(1, std::memory_order_relaxed);
}

void ConnectionSet::Remove(Connection& connection) {
  if (next_to_tick_ == &connection) next_to_tick_ = connection.next_;
  if (connection.next_ != nullptr) {
    connection.next_->previous_ = connection.previous_;
  }
  if (connection.previous_ != nullptr) {
    connection.previous_->next_ = connection.next_;
  } else {
    first_ = connection.next_;
  }
  size_.fetch_sub(1, std::memory_order_relaxed);
  if (on_removed_) on_removed_();
}

}  // namespace tuco::http
