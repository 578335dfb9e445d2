// Who makes a call, and what they may do and see.

#ifndef TUCO_SERVER_RPC_CALLER_H_
#define TUCO_SERVER_RPC_CALLER_H_

#include <grpcpp/server_context.h>

#include <span>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/log/filter.h"
#include "server/rpc/tokens.h"

namespace tuco::rpc {

// Somebody who was admitted. Without tokens that is everybody, to everything.
// Copyable; safe for concurrent use. The tokens must outlive it.
class Caller {
 public:
  // May do and see everything.
  Caller() = default;
  Caller(const Tokens& tokens, GrantPtr grant)
      : tokens_(&tokens), grant_(std::move(grant)) {}

  // PermissionDenied, naming the scope, unless the caller has it.
  absl::Status Require(Scope scope) const;

  // PermissionDenied unless the caller may see all that there is; `what` would
  // show it.
  absl::Status RequireAll(std::string_view what) const;

  // PermissionDenied unless the caller may see all events of `endpoint`, which
  // is empty where the call names none.
  absl::Status RequireEndpoint(std::string_view endpoint) const;

  // PermissionDenied unless the caller may see all that the filter of
  // subscription `name` can match.
  absl::Status RequireFilter(std::string_view name,
                             const log::Filter& filter) const;

  // Unauthenticated once the token is withdrawn or has expired; for calls that
  // last.
  absl::Status StillAdmitted() const {
    return grant_ == nullptr ? absl::OkStatus() : tokens_->StillValid(*grant_);
  }

  // What the caller may see.
  const log::Reach& reach() const;

 private:
  const Tokens* tokens_ = nullptr;
  GrantPtr grant_;  // Null: no token is needed.
};

// The scope that a method of EventService needs.
struct MethodScope {
  std::string_view method;
  Scope scope;
};
// Every method has one. StreamEvents needs kConsume instead where it reads a
// subscription.
std::span<const MethodScope> MethodScopes();

// Who calls `method`. Without `tokens` everybody is admitted.
// Unauthenticated: the call has no `authorization: Bearer TOKEN`, or a token
// that is none. PermissionDenied: its scopes do not include that of the method.
absl::StatusOr<Caller> Admit(const Tokens* tokens,
                             const grpc::ServerContextBase& context,
                             std::string_view method);

// Likewise where `scope` is needed.
absl::StatusOr<Caller> Admit(const Tokens* tokens,
                             const grpc::ServerContextBase& context,
                             Scope scope);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_CALLER_H_
