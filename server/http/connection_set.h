// The open connections of one server, and what they share.

#ifndef TUCO_SERVER_HTTP_CONNECTION_SET_H_
#define TUCO_SERVER_HTTP_CONNECTION_SET_H_

#include <atomic>
#include <chrono>
#include <cstddef>
#include <functional>
#include <memory>

#include "server/http/handler.h"
#include "server/http/limits.h"
#include "server/http/mailbox.h"
#include "server/http/peer_table.h"
#include "server/http/read_budget.h"
#include "server/http/trusted_peers.h"

namespace tuco::http {

// Owns the connections, in a list that costs no allocation, and the coarse
// clock by which their deadlines pass: one tick for all of them instead of a
// timer for each request. On the I/O thread, but for `size`.
class ConnectionSet {
 public:
  using TimePoint = std::chrono::steady_clock::time_point;

  ConnectionSet(const Limits& limits, TrustedPeers trusted_peers,
                Handler& handler, std::shared_ptr<Mailbox> mailbox);
  ~ConnectionSet();
  ConnectionSet(const ConnectionSet&) = delete;
  ConnectionSet& operator=(const ConnectionSet&) = delete;

  const Limits& limits() const { return limits_; }
  // For the requests that begin from now on.
  void set_body_bytes_max(std::size_t bytes) { limits_.body_bytes_max = bytes; }
  const TrustedPeers& trusted_peers() const { return trusted_peers_; }
  Handler& handler() const { return handler_; }
  const std::shared_ptr<Mailbox>& mailbox() const { return mailbox_; }

  // How often Tick is to be called: a fraction of the shortest timeout.
  std::chrono::milliseconds tick() const { return tick_; }
  // Sets the clock and ends what is late.
  void Tick(TimePoint now);
  // The last tick's time.
  TimePoint now() const { return now_; }
  void set_now(TimePoint now) { now_ = now; }
  // The deadline that many milliseconds from now, at the earliest.
  TimePoint After(std::chrono::milliseconds timeout) const {
    return now_ + timeout + tick_;
  }

  // Whether every answer says `Connection: close`.
  bool draining() const { return draining_; }
  void set_draining() { draining_ = true; }
  // When the last byte came, and whether a connection owes an answer.
  void NoteBytes() { last_bytes_ = now_; }
  TimePoint last_bytes() const { return last_bytes_; }
  bool OwesAnswer() const;

  std::size_t size() const { return size_.load(std::memory_order_relaxed); }
  // Called whenever a connection has left.
  void set_on_removed(std::function<void()> on_removed) {
    on_removed_ = std::move(on_removed);
  }

  ReadBudget& budget() { return budget_; }
  PeerTable& peers() { return peers_; }
  // Whether another connection may come, if need be in the place of one that
  // keeps us waiting.
  bool HasRoom() const;
  // To be called before another comes: closes one that keeps us waiting if
  // there are many.
  void MakeRoom();

  // The connection keeps itself alive until it calls Remove.
  void Add(Connection& connection);
  void Remove(Connection& connection);

 private:
  Limits limits_;
  const TrustedPeers trusted_peers_;
  Handler& handler_;
  const std::shared_ptr<Mailbox> mailbox_;
  const std::chrono::milliseconds tick_;
  TimePoint now_;
  TimePoint last_bytes_;
  bool draining_ = false;
  Connection* first_ = nullptr;
  Connection* next_to_tick_ = nullptr;  // Moved on when that one leaves.
  std::atomic<std::size_t> size_ = 0;
  std::function<void()> on_removed_;
  ReadBudget budget_;
  PeerTable peers_;
};

}  // namespace tuco::http

#endif  // TUCO_SERVER_HTTP_CONNECTION_SET_H_
