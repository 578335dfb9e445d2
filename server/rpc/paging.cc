#include "server/rpc/paging.h"

#include "absl/strings/numbers.h"
#include "proto/status_details.h"
#include "tuco/strings.h"

namespace tuco::rpc {
namespace {

constexpr std::string_view kTokenPrefix = "after_";

}  // namespace

absl::Status PageSizeViolation(std::uint32_t found) {
  return proto::FieldViolation(
      "page_size", Concat({"expected 1 to ", std::to_string(kPageSizeMax),
                           ", found ", std::to_string(found)}));
}

absl::Status PageTokenViolation() {
  return proto::FieldViolation(
      "page_token", "expected the next_page_token of an earlier response");
}

std::string SequenceToken(std::uint64_t sequence) {
  return Concat({kTokenPrefix, std::to_string(sequence)});
}

absl::StatusOr<std::uint64_t> ReadSequenceToken(std::string_view token) {
  std::uint64_t sequence = 0;
  if (token.starts_with(kTokenPrefix) &&
      absl::SimpleAtoi(ToAbsl(token.substr(kTokenPrefix.size())), &sequence)) {
    return sequence;
  }
  return PageTokenViolation();
}

}  // namespace tuco::rpc
