#include "server/http/peer_table.h"

#include <utility>

namespace tuco::http {
namespace {

using Phase = PeerTable::Phase;

std::list<Connection*>& ListOf(PeerTable::Address& address, Phase phase) {
  return address.by_phase[static_cast<std::size_t>(phase)];
}

}  // namespace

PeerTable::Place PeerTable::Join(const std::string& source,
                                 Connection& connection) {
  Address& address = addresses_[source];
  if (++address.connections == 1) address.source = source;
  auto& owing = ListOf(address, Phase::kHeaderOwed);
  return {&address, Phase::kHeaderOwed, owing.insert(owing.end(), &connection)};
}

void PeerTable::Move(Place& place, Phase phase) {
  if (place.phase == phase) return;
  auto& to = ListOf(*place.address, phase);
  to.splice(to.end(), ListOf(*place.address, place.phase), place.at);
  place.phase = phase;
}

void PeerTable::Leave(Place& place) {
  Address* const address = std::exchange(place.address, nullptr);
  ListOf(*address, place.phase).erase(place.at);
  if (--address->connections == 0) {
    // Not by a reference into what is erased.
    const std::string source = std::move(address->source);
    addresses_.erase(source);
  }
}

Connection* PeerTable::FirstToGo() const {
  for (const Phase phase : {Phase::kHeaderOwed, Phase::kIdle}) {
    const auto index = static_cast<std::size_t>(phase);
    const Address* most = nullptr;
    for (const auto& [source, address] : addresses_) {
      const bool more =
          most == nullptr || address.connections > most->connections;
      if (more && !address.by_phase[index].empty()) most = &address;
    }
    if (most != nullptr) return most->by_phase[index].front();
  }
  return nullptr;
}

}  // namespace tuco::http
