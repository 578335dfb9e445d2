// Bearer tokens: who may call what, and which events they may see.

#ifndef TUCO_SERVER_RPC_TOKENS_H_
#define TUCO_SERVER_RPC_TOKENS_H_

#include <atomic>
#include <bitset>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "absl/base/thread_annotations.h"
#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/base/clock.h"
#include "server/log/filter.h"
#include "tuco/digest.h"
#include "tuco/timestamp.h"

namespace tuco::rpc {

// What a token may be for; none of them includes another.
enum class Scope : std::uint8_t { kRead, kConsume, kAdmin };
inline constexpr std::size_t kScopes = 3;

// As the token file and messages spell it.
std::string_view ScopeName(Scope scope);
// Nothing for what is no scope.
std::optional<Scope> ScopeFromName(std::string_view name);

// A set of scopes. A value.
using Scopes = std::bitset<kScopes>;

// One token, of which we know no more than its hash. A value.
struct Token {
  std::string name;
  Digest sha256{};
  Scopes scopes;
  log::Reach reach;
  std::optional<Timestamp> expires_at;

  friend bool operator==(const Token&, const Token&) = default;
};

// What the holder of a token was given. Safe for concurrent use.
class Grant {
 public:
  explicit Grant(Token token) : token_(std::move(token)) {}

  const Token& token() const { return token_; }
  // Whether it was withdrawn: the token is gone, or allows something else now.
  bool withdrawn() const { return withdrawn_.load(std::memory_order_relaxed); }
  void Withdraw() { withdrawn_.store(true, std::memory_order_relaxed); }

 private:
  const Token token_;
  std::atomic<bool> withdrawn_ = false;
};

// Shared with the calls that it admits, which outlive a Reload.
using GrantPtr = std::shared_ptr<Grant>;

// Safe for concurrent use.
class Tokens {
 public:
  // All tokens that there are; called by Create and Reload, one at a time.
  using Load = std::function<absl::StatusOr<std::vector<Token>>()>;

  // The codes of `load`; InvalidArgument: two have a name or a hash in common.
  // `clock` must outlive the tokens.
  static absl::StatusOr<std::unique_ptr<Tokens>> Create(
      Load load, const base::Clock& clock);

  // Takes what there is now. Calls that a token admitted end when it is gone,
  // or allows something else; those of the others go on. After an error, the
  // codes of Create, all is as it was.
  absl::Status Reload();

  // What `token` grants. Unauthenticated: it is none, or has expired. Takes the
  // same time whichever it is.
  absl::StatusOr<GrantPtr> Find(std::string_view token) const;

  // Unauthenticated once a grant was withdrawn or has expired.
  absl::Status StillValid(const Grant& grant) const;

 private:
  using Grants = std::vector<GrantPtr>;

  Tokens(Load load, const base::Clock& clock)
      : load_(std::move(load)), clock_(clock) {}

  std::shared_ptr<const Grants> grants() const;

  const Load load_;
  const base::Clock& clock_;
  std::mutex reloading_;
  mutable std::mutex mutex_;
  // Shared with those who look one up; replaced as a whole.
  std::shared_ptr<const Grants> grants_ ABSL_GUARDED_BY(mutex_) =
      std::make_shared<Grants>();
};

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_TOKENS_H_
