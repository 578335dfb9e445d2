#include "server/rpc/caller.h"

#include <algorithm>
#include <array>
#include <string>

#include "absl/strings/match.h"
#include "server/base/status_macros.h"
#include "tuco/strings.h"

namespace tuco::rpc {
namespace {

constexpr std::string_view kBearer = "bearer ";

constexpr std::array kMethodScopes = std::to_array<MethodScope>({
    {"VerifyAndParse", Scope::kRead},
    {"VerifyAndParseBatch", Scope::kRead},
    {"StreamEvents", Scope::kRead},
    {"GetEvent", Scope::kRead},
    {"ListEvents", Scope::kRead},
    {"GetStatus", Scope::kRead},
    {"GetSubscription", Scope::kRead},
    {"ListSubscriptions", Scope::kRead},
    {"Consume", Scope::kConsume},
    {"Acknowledge", Scope::kConsume},
    {"ListParked", Scope::kConsume},
    {"CreateSubscription", Scope::kAdmin},
    {"UpdateSubscription", Scope::kAdmin},
    {"DeleteSubscription", Scope::kAdmin},
    {"SeekSubscription", Scope::kAdmin},
    {"ReplayParked", Scope::kAdmin},
    {"ListQuarantine", Scope::kAdmin},
    {"GetQuarantined", Scope::kAdmin},
    {"ReleaseQuarantined", Scope::kAdmin},
    {"HoldQuarantined", Scope::kAdmin},
    {"PurgeQuarantine", Scope::kAdmin},
});

absl::Status Denied(const Token& token, std::string_view why) {
  return absl::PermissionDeniedError(
      Concat({"token \"", token.name, "\" ", why}));
}

// The token that a call shows.
absl::StatusOr<std::string_view> ShownToken(
    const grpc::ServerContextBase& context) {
  const auto [first, last] =
      context.client_metadata().equal_range("authorization");
  if (first == last) {
    return absl::UnauthenticatedError(
        "expected the metadata `authorization: Bearer TOKEN`, found none");
  }
  const std::string_view value(first->second.data(), first->second.size());
  if (std::next(first) != last || value.size() <= kBearer.size() ||
      !absl::EqualsIgnoreCase(ToAbsl(value.substr(0, kBearer.size())),
                              ToAbsl(kBearer))) {
    return absl::UnauthenticatedError(
        "expected the metadata `authorization: Bearer TOKEN`, once");
  }
  return value.substr(kBearer.size());
}

}  // namespace

std::span<const MethodScope> MethodScopes() { return kMethodScopes; }

absl::Status Caller::Require(Scope scope) const {
  if (grant_ == nullptr ||
      grant_->token().scopes.test(static_cast<std::size_t>(scope))) {
    return absl::OkStatus();
  }
  return Denied(grant_->token(),
                Concat({"lacks the scope \"", ScopeName(scope), "\""}));
}

absl::Status Caller::RequireAll(std::string_view what) const {
  if (reach().IsUnlimited()) return absl::OkStatus();
  return Denied(grant_->token(),
                Concat({"is limited to endpoints or workspaces, and ", what}));
}

absl::Status Caller::RequireEndpoint(std::string_view endpoint) const {
  const std::vector<std::string>& allowed = reach().endpoints;
  if (allowed.empty() ||
      std::find(allowed.begin(), allowed.end(), endpoint) != allowed.end()) {
    return absl::OkStatus();
  }
  return Denied(grant_->token(),
                endpoint.empty()
                    ? "is limited to endpoints: the call must name one of them"
                    : "does not allow that endpoint");
}

absl::Status Caller::RequireFilter(std::string_view name,
                                   const log::Filter& filter) const {
  if (reach().Contains(filter)) return absl::OkStatus();
  return Denied(
      grant_->token(),
      Concat({"does not allow all events of subscription \"", name,
              "\": expected a filter that names endpoints or workspaces as the "
              "token does, and without_flags WORKSPACE_MISMATCH for "
              "workspaces"}));
}

const log::Reach& Caller::reach() const {
  static const log::Reach everything;
  return grant_ == nullptr ? everything : grant_->token().reach;
}

absl::StatusOr<Caller> Admit(const Tokens* tokens,
                             const grpc::ServerContextBase& context,
                             std::string_view method) {
  if (tokens == nullptr) return Caller();
  const auto* const found = std::find_if(
      kMethodScopes.begin(), kMethodScopes.end(),
      [method](const MethodScope& scope) { return scope.method == method; });
  if (found == kMethodScopes.end()) {
    return absl::InternalError(Concat({method, " has no scope"}));
  }
  return Admit(tokens, context, found->scope);
}

absl::StatusOr<Caller> Admit(const Tokens* tokens,
                             const grpc::ServerContextBase& context,
                             Scope scope) {
  if (tokens == nullptr) return Caller();
  TUCO_ASSIGN_OR_RETURN(const std::string_view token, ShownToken(context));
  TUCO_ASSIGN_OR_RETURN(GrantPtr grant, tokens->Find(token));
  Caller caller(*tokens, std::move(grant));
  TUCO_RETURN_IF_ERROR(caller.Require(scope));
  return caller;
}

}  // namespace tuco::rpc
