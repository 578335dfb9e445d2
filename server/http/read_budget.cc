#include "server/http/read_budget.h"

#include "server/http/connection.h"

namespace tuco::http {

bool ReadBudget::MayGrow(Connection& connection, std::size_t bytes) {
  if (bytes <= kBytesFree || &connection == lone_) return true;
  if (waiting_.empty()) {
    if (bytes_ < bytes_max_) return true;
    if (lone_ == nullptr) {
      lone_ = &connection;
      return true;
    }
  }
  waiting_.push_back(&connection);
  return false;
}

void ReadBudget::EndRequest(Connection& connection, std::size_t bytes) {
  bytes_ -= bytes;
  if (&connection == lone_) lone_ = nullptr;
  while (!waiting_.empty() && (bytes_ < bytes_max_ || lone_ == nullptr)) {
    Connection* const next = waiting_.front();
    waiting_.pop_front();
    if (bytes_ >= bytes_max_) lone_ = next;
    next->ReadOn();
  }
}

void ReadBudget::StopWaiting(Connection& connection) {
  std::erase(waiting_, &connection);
}

void ReadBudget::Leave(Connection& connection, std::size_t bytes) {
  StopWaiting(connection);
  EndRequest(connection, bytes);
}

}  // namespace tuco::http
