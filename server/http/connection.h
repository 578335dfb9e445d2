// One connection of a client.
//
//                     ┌──────────── keep-alive ─────────────┐
//                     ▼                                     │
//   kOpening ──▶ kIdle ──▶ kHead ──Admit──▶ kBody ──Handle──▶ kAnswering
//       │          │         │                │                 │
//       │          │         └── refused, 408 ┴────────────────▶│ last answer
//  time │     idle │                                            ▼ written
//       ▼          ▼                                        kLingering
//            kClosed ◀── peer closed, time, amount ─────────────┘
//
// kOpening is the header of the PROXY protocol, then the TLS handshake, of
// peers that owe them; others are in kIdle from the beginning. What opens a
// connection and its first header block have one deadline together, which
// begins with the connection.
//
// A request that came with one read goes from kIdle to kAnswering at once. A
// peer that fails or disappears leads to kClosed from everywhere. Each state
// but kAnswering has a deadline, and so has a write that the kernel did not
// take at once; the server's tick looks at both. A body that waits for room in
// our memory (read_budget.h) has more time. Where room for connections is
// short, one that is in kOpening, kIdle, kHead or kLingering may be closed at
// any time (peer_table.h).
//
// While an answer is owed or being written nothing is read, so that a peer
// cannot make us gather requests; what came with the same read waits in the
// parser.
//
// kLingering: the answer is written and our side shut; what the peer still
// sends is thrown away for a while, since closing on unread bytes resets the
// connection and would take the answer from the peer.

#ifndef TUCO_SERVER_HTTP_CONNECTION_H_
#define TUCO_SERVER_HTTP_CONNECTION_H_

#include <boost/system/error_code.hpp>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <utility>

#include "server/http/connection_set.h"
#include "server/http/message.h"
#include "server/http/peer_table.h"
#include "server/http/proxy_header.h"
#include "server/http/refusal.h"
#include "server/http/request_parser.h"
#include "server/http/tls.h"
#include "server/http/transport.h"

namespace tuco::http {

// Who is at the other end of a connection.
struct Peer {
  // Whom to believe about who sent a request.
  enum class Says : std::uint8_t {
    kNothing,       // The peer sent it.
    kProxyHeader,   // The connection begins with a PROXY header, which says.
    kForwardedFor,  // Each request's X-Forwarded-For says.
  };

  std::string source;  // Its address without the port; `unix`.
  Says says = Says::kNothing;
};

// Held by shared_ptr: by itself while it is open, by each pending operation,
// and by the responder of the request that is being answered. Everything on
// the I/O thread, but for Send and the destructor.
class Connection : public std::enable_shared_from_this<Connection> {
 public:
  // `socket` does not block; `tls` is a session on it, null without TLS.
  Connection(Transport::Socket socket, std::unique_ptr<TlsSession> tls,
             Peer peer, ConnectionSet& set);
  Connection(const Connection&) = delete;
  Connection& operator=(const Connection&) = delete;

  // Enters the set and starts to read.
  void Start();

  // From any thread: the answer to the request that Handle was given, or none
  // if its responder was dropped.
  static void Send(std::shared_ptr<Connection> connection,
                   std::optional<Response> response);

  // Mailbox's, on the I/O thread: the same.
  void Answer(std::optional<Response> response);

  // Leaves the set and closes the socket at once.
  void Close();

  // ReadBudget's: there is room for more of the body.
  void ReadOn();

  // ConnectionSet's.
  ConnectionSet::TimePoint deadline() const;
  void OnDeadline();
  // Whether the peer waits for an answer, or for the rest of one.
  bool owes_answer() const { return answering_ || writing_; }

 private:
  friend class ConnectionSet;  // The list's links.

  enum class State : std::uint8_t {
    kOpening,
    kIdle,
    kHead,
    kBody,
    kAnswering,
    kLingering,
    kClosed,
  };

  static PeerTable::Phase PhaseOf(State state);
  void Enter(State state);
  void ReadProxyHeader();
  void OnProxyHeader(std::size_t size);
  void Handshake();
  // Reads, or waits until there is room for what comes.
  void Read();
  void ReadSome();
  void OnRead(const boost::system::error_code& error, std::size_t size);

  // Parses and answers until more must be read or an answer is owed.
  void Process();
  // One event of the parser; whether there may be another at once.
  bool Step();
  bool OnHead();
  bool OnRequest();
  void FinishRequest();
  void Refuse(const Refusal& refusal);
  void Queue(const Response& response);

  // Writes what is queued; then reads, or lingers.
  void Proceed();
  // Whether everything queued has gone to the kernel.
  bool Flush();
  void WriteRest();
  void OnWritten(const boost::system::error_code& error, std::size_t size);
  void Linger();

  Transport transport_;
  Peer peer_;
  std::unique_ptr<ProxyHeader> proxy_header_;  // While it is read.
  std::string forwarded_source_;  // Of the request that is being read.
  ConnectionSet* set_;            // Null once closed.
  const std::shared_ptr<Mailbox> mailbox_;
  std::shared_ptr<Connection> self_;
  Connection* next_ = nullptr;
  Connection* previous_ = nullptr;
  PeerTable::Place place_;

  State state_ = State::kOpening;
  // The first header block is owed, and has the deadline of the handshake.
  bool shares_deadline_;
  bool processing_ = false;  // Process is on the stack.
  bool answering_ = false;   // Handle was called, Answer was not.
  bool closing_ = false;     // The last answer is queued.
  bool reading_ = false;
  bool waiting_ = false;  // For room to read into.
  bool writing_ = false;
  ConnectionSet::TimePoint state_deadline_;
  ConnectionSet::TimePoint write_deadline_;

  RequestParser parser_;
  std::string queued_;       // Answers that nobody writes yet.
  std::string output_;       // What is being written; both keep their capacity.
  std::size_t written_ = 0;  // Of output_.
  std::size_t discarded_ = 0;  // While lingering.
};

}  // namespace tuco::http

#endif  // TUCO_SERVER_HTTP_CONNECTION_H_
