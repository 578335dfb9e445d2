#include "server/rpc/tokens.h"

#include <algorithm>
#include <array>
#include <set>
#include <utility>

#include "server/base/status_macros.h"
#include "tuco/hmac_sha256.h"
#include "tuco/strings.h"

namespace tuco::rpc {
namespace {

constexpr std::array<std::string_view, kScopes> kScopeNames = {
    "read", "consume", "admin"};

absl::Status CheckDistinct(const std::vector<Token>& tokens) {
  std::set<std::string_view> names;
  std::set<Digest> digests;
  for (const Token& token : tokens) {
    if (!names.insert(token.name).second) {
      return absl::InvalidArgumentError(
          Concat({"two tokens have the name \"", token.name, "\""}));
    }
    if (!digests.insert(token.sha256).second) {
      return absl::InvalidArgumentError(
          Concat({"token \"", token.name,
                  "\" is there a second time, under another name"}));
    }
  }
  return absl::OkStatus();
}

}  // namespace

std::string_view ScopeName(Scope scope) {
  return kScopeNames.at(static_cast<std::size_t>(scope));
}

std::optional<Scope> ScopeFromName(std::string_view name) {
  const auto* const found =
      std::find(kScopeNames.begin(), kScopeNames.end(), name);
  if (found == kScopeNames.end()) return std::nullopt;
  return static_cast<Scope>(found - kScopeNames.begin());
}

absl::StatusOr<std::unique_ptr<Tokens>> Tokens::Create(
    Load load, const base::Clock& clock) {
  std::unique_ptr<Tokens> tokens(new Tokens(std::move(load), clock));
  TUCO_RETURN_IF_ERROR(tokens->Reload());
  return tokens;
}

absl::Status Tokens::Reload() {
  const std::lock_guard reloading(reloading_);
  TUCO_ASSIGN_OR_RETURN(std::vector<Token> tokens, load_());
  TUCO_RETURN_IF_ERROR(CheckDistinct(tokens));
  const std::shared_ptr<const Grants> before = grants();
  auto after = std::make_shared<Grants>();
  for (Token& token : tokens) {
    const auto same = std::find_if(
        before->begin(), before->end(),
        [&](const GrantPtr& old) { return old->token() == token; });
    after->push_back(same != before->end()
                         ? *same
                         : std::make_shared<Grant>(std::move(token)));
  }
  {
    const std::lock_guard lock(mutex_);
    grants_ = after;
  }
  for (const GrantPtr& old : *before) {
    const bool kept =
        std::find(after->begin(), after->end(), old) != after->end();
    if (!kept) old->Withdraw();
  }
  return absl::OkStatus();
}

absl::StatusOr<GrantPtr> Tokens::Find(std::string_view token) const {
  const Digest digest = Sha256(token);
  GrantPtr found;
  // All of them, so that the time says nothing of how near a guess was.
  const std::shared_ptr<const Grants> all = grants();
  for (const GrantPtr& grant : *all) {
    if (ConstantTimeEqual(grant->token().sha256, digest)) found = grant;
  }
  if (found == nullptr) {
    return absl::UnauthenticatedError("the token is not known here");
  }
  TUCO_RETURN_IF_ERROR(StillValid(*found));
  return found;
}

absl::Status Tokens::StillValid(const Grant& grant) const {
  const Token& token = grant.token();
  if (grant.withdrawn()) {
    return absl::UnauthenticatedError(
        Concat({"token \"", token.name, "\" was withdrawn"}));
  }
  if (token.expires_at.has_value() && *token.expires_at <= clock_.Now()) {
    return absl::UnauthenticatedError(
        Concat({"token \"", token.name, "\" has expired"}));
  }
  return absl::OkStatus();
}

std::shared_ptr<const Tokens::Grants> Tokens::grants() const {
  const std::lock_guard lock(mutex_);
  return grants_;
}

}  // namespace tuco::rpc
