// The peers that may say for whom they speak: our own proxies.

#ifndef TUCO_SERVER_HTTP_TRUSTED_PEERS_H_
#define TUCO_SERVER_HTTP_TRUSTED_PEERS_H_

#include <cstddef>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "absl/status/statusor.h"
#include "server/base/ip_address.h"
#include "server/http/message.h"

namespace tuco::http {

// Immutable.
class TrustedPeers {
 public:
  // Each costs a look for every connection, or every address in a header.
  static constexpr std::size_t kRangesMax = 1'024;

  TrustedPeers() = default;  // Nobody.

  // Each text is an address, a range or `unix`. InvalidArgument with what is
  // none, or for more than kRangesMax.
  static absl::StatusOr<TrustedPeers> Parse(std::span<const std::string> texts);

  bool empty() const { return ranges_.empty() && !unix_; }
  bool Contains(const base::IpAddress& address) const;
  // The same for an address as Accepted::source has it.
  bool Contains(std::string_view source) const;

  // What Parse reads.
  std::vector<std::string> ToStrings() const;

  friend bool operator==(const TrustedPeers&, const TrustedPeers&) = default;

 private:
  std::vector<base::IpRange> ranges_;
  bool unix_ = false;
};

// Who sent a request that came from `peer`, which is trusted: the rightmost
// address of its X-Forwarded-For fields that is not trusted itself, since each
// proxy adds on the right whom it got the request from, and what stands to the
// left of a stranger's address is the stranger's own words. When all of them
// are trusted it is the leftmost. `peer` when there is no such field, or
// something else than an address before one is found.
std::string ForwardedSource(std::span<const Header> headers,
                            std::string_view peer, const TrustedPeers& trusted);

}  // namespace tuco::http

#endif  // TUCO_SERVER_HTTP_TRUSTED_PEERS_H_
