// The open connections by the address of their peer, and which of them goes
// first when room is needed.

#ifndef TUCO_SERVER_HTTP_PEER_TABLE_H_
#define TUCO_SERVER_HTTP_PEER_TABLE_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <list>
#include <string>
#include <unordered_map>

namespace tuco::http {

class Connection;

// The address is the connection's own or, of a proxy that we trust and that
// uses the PROXY protocol, the client's: then a connection has one client. It
// is never one of X-Forwarded-For, of which each request on a connection has
// another: who opened a connection is who can close it.
//
// There is no fixed share for an address: behind a proxy one address has all
// the connections there are. Only when room is needed somebody goes, and then
// it is who keeps us waiting, of the address that holds most. One thread at a
// time; every operation but FirstToGo takes constant time.
class PeerTable {
 public:
  enum class Phase : std::uint8_t {
    kHeaderOwed,  // Its header block is not complete.
    kIdle,        // It was answered, and has asked for nothing since.
    kBusy,        // Its body is on its way, or it waits for its answer.
  };

  struct Address;
  // Where a connection stands in the table; the table's to read.
  struct Place {
    Address* address = nullptr;
    Phase phase = Phase::kHeaderOwed;
    std::list<Connection*>::iterator at;
  };

  PeerTable() = default;
  PeerTable(const PeerTable&) = delete;
  PeerTable& operator=(const PeerTable&) = delete;

  // A new connection, which owes a header from now on. It must leave before
  // it or the table goes.
  Place Join(const std::string& source, Connection& connection);
  // The phase begins now, unless the connection is in it already.
  void Move(Place& place, Phase phase);
  void Leave(Place& place);

  // The connection that has owed its header for longest, of the address that
  // holds most connections; else the one that has been idle for longest, in
  // the same way; null when all are busy.
  Connection* FirstToGo() const;

 private:
  std::unordered_map<std::string, Address> addresses_;
};

// The connections of one address, each list in the order of joining it.
struct PeerTable::Address {
  std::string source;
  std::size_t connections = 0;
  std::array<std::list<Connection*>, 3> by_phase;
};

}  // namespace tuco::http

#endif  // TUCO_SERVER_HTTP_PEER_TABLE_H_
