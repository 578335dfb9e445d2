#include "server/http/trusted_peers.h"

#include <algorithm>
#include <optional>

#include "server/base/status_macros.h"
#include "tuco/strings.h"

namespace tuco::http {
namespace {

constexpr std::string_view kUnix = "unix";
constexpr std::string_view kForwardedFor = "x-forwarded-for";

std::string_view TrimBlanks(std::string_view text) {
  const auto is_blank = [](char c) { return c == ' ' || c == '\t'; };
  while (!text.empty() && is_blank(text.front())) text.remove_prefix(1);
  while (!text.empty() && is_blank(text.back())) text.remove_suffix(1);
  return text;
}

// Takes the last entry off a list with commas.
std::string_view TakeLast(std::optional<std::string_view>& list) {
  const std::size_t comma = list->rfind(',');
  if (comma == std::string_view::npos) {
    const std::string_view only = *list;
    list.reset();
    return TrimBlanks(only);
  }
  const std::string_view last = list->substr(comma + 1);
  list = list->substr(0, comma);
  return TrimBlanks(last);
}

}  // namespace

absl::StatusOr<TrustedPeers> TrustedPeers::Parse(
    std::span<const std::string> texts) {
  if (texts.size() > kRangesMax) {
    return absl::InvalidArgumentError(
        Concat({"expected at most ", std::to_string(kRangesMax), " entries"}));
  }
  TrustedPeers peers;
  for (const std::string& text : texts) {
    if (text == kUnix) {
      peers.unix_ = true;
      continue;
    }
    TUCO_ASSIGN_OR_RETURN(const base::IpRange range, base::ParseIpRange(text));
    peers.ranges_.push_back(range);
  }
  return peers;
}

bool TrustedPeers::Contains(const base::IpAddress& address) const {
  return std::any_of(ranges_.begin(), ranges_.end(),
                     [&address](const base::IpRange& range) {
                       return range.Contains(address);
                     });
}

bool TrustedPeers::Contains(std::string_view source) const {
  if (source == kUnix) return unix_;
  if (ranges_.empty()) return false;
  const auto address = base::ParseIpAddress(source);
  return address.has_value() && Contains(*address);
}

std::vector<std::string> TrustedPeers::ToStrings() const {
  std::vector<std::string> texts;
  for (const base::IpRange& range : ranges_) texts.push_back(range.ToString());
  if (unix_) texts.emplace_back(kUnix);
  return texts;
}

std::string ForwardedSource(std::span<const Header> headers,
                            std::string_view peer,
                            const TrustedPeers& trusted) {
  std::optional<base::IpAddress> nearest;
  for (std::size_t i = headers.size(); i-- > 0;) {
    if (headers[i].name != kForwardedFor) continue;
    std::optional<std::string_view> list = headers[i].value;
    while (list.has_value()) {
      nearest = base::ParseIpAddress(TakeLast(list));
      if (!nearest.has_value()) return std::string(peer);
      if (!trusted.Contains(*nearest)) return nearest->ToString();
    }
  }
  return nearest.has_value() ? nearest->ToString() : std::string(peer);
}

}  // namespace tuco::http
