// What every call that answers page by page has in common.

#ifndef TUCO_SERVER_RPC_PAGING_H_
#define TUCO_SERVER_RPC_PAGING_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

#include "absl/status/status.h"
#include "absl/status/statusor.h"
#include "server/rpc/limits.h"

namespace tuco::rpc {

// InvalidArgument, naming `page_size`, of which `found` is out of its range.
absl::Status PageSizeViolation(std::uint32_t found);

// The entries that a request wants in a page. InvalidArgument, naming
// `page_size`: out of its range.
template <typename Request>
absl::StatusOr<std::size_t> PageSize(const Request& request) {
  if (!request.has_page_size()) return kPageSizeDefault;
  if (request.page_size() < 1 || request.page_size() > kPageSizeMax) {
    return PageSizeViolation(request.page_size());
  }
  return request.page_size();
}

// InvalidArgument, naming `page_token`, which is none.
absl::Status PageTokenViolation();

// A token for the page that begins behind a sequence.
std::string SequenceToken(std::uint64_t sequence);

// The sequence of such a token. InvalidArgument, naming `page_token`.
absl::StatusOr<std::uint64_t> ReadSequenceToken(std::string_view token);

}  // namespace tuco::rpc

#endif  // TUCO_SERVER_RPC_PAGING_H_
