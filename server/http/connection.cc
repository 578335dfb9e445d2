#include "server/http/connection.h"

#include <algorithm>
#include <boost/asio/error.hpp>
#include <boost/asio/post.hpp>
#include <span>

#include "server/http/response_writer.h"
#include "server/http/trusted_peers.h"

namespace tuco::http {
namespace {

namespace asio = boost::asio;
using boost::system::error_code;

// Answers to pipelined requests gather up to here before they are written.
constexpr std::size_t kQueuedBytesMax = 16UL * 1024;
// How long a body may wait for room to be read into.
constexpr int kBodyTimeoutsToWait = 3;

void ClearAndTrim(std::string& buffer) {
  buffer.clear();
  if (buffer.capacity() > 2 * kQueuedBytesMax) buffer.shrink_to_fit();
}

}  // namespace

Connection::Connection(Transport::Socket socket,
                       std::unique_ptr<TlsSession> tls, Peer peer,
                       ConnectionSet& set)
    : transport_(std::move(socket), std::move(tls)),
      peer_(std::move(peer)),
      set_(&set),
      mailbox_(set.mailbox()),
      shares_deadline_(transport_.has_tls() ||
                       peer_.says == Peer::Says::kProxyHeader),
      parser_(set.limits()) {
  parser_.set_source(peer_.source);
}

void Connection::Start() {
  self_ = shared_from_this();
  set_->Add(*this);
  place_ = set_->peers().Join(peer_.source, *this);
  // A client that connects has something to say: it gets less time for its
  // first byte than one that has proven itself.
  state_deadline_ = set_->After(
      std::min(set_->limits().header_timeout, set_->limits().idle_timeout));
  if (peer_.says != Peer::Says::kProxyHeader) return Handshake();
  proxy_header_ = std::make_unique<ProxyHeader>();
  ReadProxyHeader();
}

void Connection::ReadProxyHeader() {
  transport_.AsyncReadPlain(
      proxy_header_->ReadArea(),
      [self = shared_from_this()](const error_code& error, std::size_t size) {
        if (self->state_ == State::kClosed) return;
        if (error) return self->Close();
        self->set_->NoteBytes();
        self->OnProxyHeader(size);
      });
}

void Connection::OnProxyHeader(std::size_t size) {
  const ProxyHeader::Step step = proxy_header_->Commit(size);
  if (step == ProxyHeader::Step::kNeedMore) return ReadProxyHeader();
  if (step == ProxyHeader::Step::kMalformed) return Close();
  if (proxy_header_->source().has_value()) {
    peer_.source = *proxy_header_->source();
    parser_.set_source(peer_.source);
    set_->peers().Leave(place_);
    place_ = set_->peers().Join(peer_.source, *this);
  }
  proxy_header_.reset();
  Handshake();
}

void Connection::Handshake() {
  const TlsSession::Outcome outcome = transport_.Handshake();
  if (outcome == TlsSession::Outcome::kDone) {
    state_ = State::kIdle;
    return Read();
  }
  if (outcome == TlsSession::Outcome::kFailed) return Close();
  transport_.Wait(outcome,
                  [self = shared_from_this()](const error_code& error) {
                    if (self->state_ == State::kClosed) return;
                    if (error) return self->Close();
                    self->set_->NoteBytes();
                    self->Handshake();
                  });
}

void Connection::Close() {
  if (state_ == State::kClosed) return;
  const std::shared_ptr<Connection> self = std::move(self_);
  state_ = State::kClosed;
  transport_.Close();
  set_->peers().Leave(place_);
  set_->budget().Leave(*this, parser_.buffer_bytes());
  std::exchange(set_, nullptr)->Remove(*this);
}

PeerTable::Phase Connection::PhaseOf(State state) {
  switch (state) {
    case State::kOpening:
    case State::kHead:
      return PeerTable::Phase::kHeaderOwed;
    case State::kIdle:
    case State::kLingering:
      return PeerTable::Phase::kIdle;
    default:
      return PeerTable::Phase::kBusy;
  }
}

void Connection::Enter(State state) {
  const Limits& limits = set_->limits();
  state_ = state;
  set_->peers().Move(place_, PhaseOf(state));
  switch (state) {
    case State::kIdle:
      state_deadline_ = set_->After(limits.idle_timeout);
      return;
    case State::kHead:
      if (shares_deadline_) return;
      state_deadline_ = set_->After(limits.header_timeout);
      return;
    case State::kBody:
      state_deadline_ = set_->After(limits.body_timeout);
      return;
    case State::kLingering:
      state_deadline_ = set_->After(limits.linger_timeout);
      return;
    case State::kOpening:
    case State::kAnswering:
    case State::kClosed:
      state_deadline_ = ConnectionSet::TimePoint::max();
      return;
  }
}

ConnectionSet::TimePoint Connection::deadline() const {
  return writing_ ? std::min(write_deadline_, state_deadline_)
                  : state_deadline_;
}

void Connection::OnDeadline() {
  if (writing_ && write_deadline_ <= set_->now()) return Close();
  const std::shared_ptr<Connection> self = shared_from_this();
  if (std::exchange(waiting_, false)) set_->budget().StopWaiting(*this);
  if (state_ == State::kHead) {
    Refuse({408, "the header did not come in time"});
  } else if (state_ == State::kBody) {
    Refuse({408, "the body did not come in time"});
  } else {
    return Close();
  }
  Proceed();
}

void Connection::Read() {
  const std::size_t bytes = parser_.next_buffer_bytes();
  if (bytes == parser_.buffer_bytes() || closing_ ||
      set_->budget().MayGrow(*this, bytes)) {
    return ReadSome();
  }
  // The peer waits for us now, not we for it; but not for ever.
  state_deadline_ =
      set_->After(kBodyTimeoutsToWait * set_->limits().body_timeout);
  waiting_ = true;
}

void Connection::ReadOn() {
  waiting_ = false;
  Enter(state_);
  ReadSome();
}

void Connection::ReadSome() {
  reading_ = true;
  const std::size_t before = parser_.buffer_bytes();
  const std::span<char> area = parser_.ReadArea();
  set_->budget().Grow(parser_.buffer_bytes() - before);
  transport_.AsyncRead(area, [self = shared_from_this()](
                                 const error_code& error, std::size_t size) {
    self->OnRead(error, size);
  });
}

void Connection::OnRead(const error_code& error, std::size_t size) {
  reading_ = false;
  if (state_ == State::kClosed) return;
  if (error) {
    // A peer that has shut its side may still read the rest of the answer.
    if (!writing_) Close();
    return;
  }
  if (closing_) {
    discarded_ += size;
    if (discarded_ > set_->limits().linger_bytes_max()) return Close();
    if (state_ == State::kLingering) Read();
    return;
  }
  parser_.Commit(size);
  set_->NoteBytes();
  Process();
}

void Connection::Process() {
  if (state_ == State::kClosed || closing_ || answering_) return;
  processing_ = true;
  while (Step()) {
  }
  processing_ = false;
  Proceed();
}

bool Connection::Step() {
  if (queued_.size() >= kQueuedBytesMax && !Flush()) return false;
  switch (parser_.Parse()) {
    case ParseEvent::kNeedMore:
      if (state_ == State::kIdle && parser_.started()) Enter(State::kHead);
      return false;
    case ParseEvent::kHead:
      return OnHead();
    case ParseEvent::kRequest:
      return OnRequest();
    case ParseEvent::kRefused:
      Refuse(parser_.refusal());
      return false;
  }
  return false;
}

bool Connection::OnHead() {
  shares_deadline_ = false;
  if (peer_.says == Peer::Says::kForwardedFor) {
    forwarded_source_ = ForwardedSource(parser_.head().headers, peer_.source,
                                        set_->trusted_peers());
    parser_.set_source(forwarded_source_);
  }
  if (std::optional<Response> answer = set_->handler().Admit(parser_.head())) {
    // The body that was announced is not read, so nothing can follow it.
    answer->close = answer->close || parser_.has_body();
    Queue(*answer);
    if (closing_) return false;
    parser_.Parse();  // The request without a body that is answered already.
    FinishRequest();
    return true;
  }
  if (!parser_.LimitBody(set_->handler().BodyBytesMax(parser_.head()))) {
    Refuse(parser_.refusal());
    return false;
  }
  if (parser_.wants_continue()) queued_ += "HTTP/1.1 100 Continue\r\n\r\n";
  if (parser_.has_body()) Enter(State::kBody);
  return true;
}

bool Connection::OnRequest() {
  answering_ = true;
  Enter(State::kAnswering);
  set_->handler().Handle(Request{parser_.head(), parser_.body()},
                         Responder(shared_from_this()));
  if (answering_ || state_ == State::kClosed) return false;
  FinishRequest();
  return !closing_;
}

void Connection::FinishRequest() {
  const std::size_t before = parser_.buffer_bytes();
  parser_.Advance();
  set_->budget().EndRequest(*this, before - parser_.buffer_bytes());
  if (!closing_) Enter(State::kIdle);
}

void Connection::Send(std::shared_ptr<Connection> connection,
                      std::optional<Response> response) {
  Mailbox& mailbox = *connection->mailbox_;
  mailbox.Send(std::move(connection), std::move(response));
}

void Connection::Answer(std::optional<Response> response) {
  if (!answering_ || state_ == State::kClosed) return;
  answering_ = false;
  if (!response) {
    set_->handler().OnRefused(500);
    response = Problem(500, "the request was dropped without an answer");
    response->close = true;
  }
  Queue(*response);
  if (processing_) return;  // Within Handle, which may still read the request.
  FinishRequest();
  if (closing_ || !parser_.started()) return Proceed();
  // Pipelined requests wait for their turn: the caller may be anywhere.
  if (!Flush()) return;
  asio::post(transport_.executor(),
             [self = shared_from_this()] { self->Process(); });
}

void Connection::Refuse(const Refusal& refusal) {
  set_->handler().OnRefused(refusal.status);
  Response response = Problem(refusal.status, refusal.detail);
  response.close = true;
  Queue(response);
}

void Connection::Queue(const Response& response) {
  const bool client_error = response.status >= 400 && response.status < 500;
  closing_ = response.close || client_error || set_->draining() ||
             !parser_.keep_alive();
  const ConnectionField field = closing_ ? ConnectionField::kClose
                                : parser_.http_1_0()
                                    ? ConnectionField::kKeepAlive
                                    : ConnectionField::kNone;
  AppendResponse(response, field, parser_.is_head(), queued_);
  if (closing_) Enter(State::kAnswering);
}

void Connection::Proceed() {
  if (state_ == State::kClosed || !Flush()) return;
  if (closing_) return Linger();
  if (!answering_ && !reading_ && !waiting_) Read();
}

bool Connection::Flush() {
  if (state_ == State::kClosed || writing_) return false;
  if (queued_.empty()) return true;
  error_code error;
  const std::size_t size = transport_.WriteSome(queued_, error);
  if (!error && size == queued_.size()) {
    ClearAndTrim(queued_);
    return true;
  }
  if (error && error != asio::error::would_block) {
    Close();
    return false;
  }
  queued_.swap(output_);
  written_ = error ? 0 : size;
  writing_ = true;
  write_deadline_ = set_->After(set_->limits().write_timeout);
  WriteRest();
  return false;
}

void Connection::WriteRest() {
  transport_.AsyncWrite(
      std::span<const char>(output_).subspan(written_),
      [self = shared_from_this()](const error_code& error, std::size_t size) {
        self->OnWritten(error, size);
      });
}

void Connection::OnWritten(const error_code& error, std::size_t size) {
  if (state_ == State::kClosed) return;
  if (error) return Close();
  written_ += size;
  if (written_ < output_.size()) return WriteRest();
  writing_ = false;
  ClearAndTrim(output_);
  if (closing_ || answering_) return Proceed();
  Process();
}

void Connection::Linger() {
  if (state_ == State::kLingering) return;
  Enter(State::kLingering);
  error_code error;
  transport_.ShutdownSend(error);
  if (error) return Close();
  if (!reading_) Read();
}

}  // namespace tuco::http
