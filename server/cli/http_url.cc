#include "server/cli/http_url.h"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <optional>

#include "tuco/strings.h"

namespace tuco::cli {
namespace {

constexpr std::string_view kPlainScheme = "http://";
constexpr std::string_view kTlsScheme = "https://";

absl::Status Unusable(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(
      Concat({"URL '", text, "': ", why,
              "; expected http://host:port/webhooks/endpoint"}));
}

bool IsVisible(std::string_view text) {
  return std::all_of(text.begin(), text.end(),
                     [](char c) { return c > ' ' && c < '\x7F'; });
}

bool IsPort(std::string_view text) {
  std::uint16_t port = 0;
  const char* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, port);
  return error == std::errc() && stop == end && port != 0;
}

// Splits `host[:port]` or `[v6][:port]`.
std::optional<HttpUrl> SplitAuthority(std::string_view authority, bool tls) {
  std::string_view host = authority;
  std::string_view rest;
  if (authority.starts_with('[')) {
    const std::size_t close = authority.find(']');
    if (close == std::string_view::npos) return std::nullopt;
    host = authority.substr(1, close - 1);
    rest = authority.substr(close + 1);
  } else if (const std::size_t colon = authority.find(':');
             colon != std::string_view::npos) {
    host = authority.substr(0, colon);
    rest = authority.substr(colon);
  }
  if (host.empty() || host.find('@') != std::string_view::npos) {
    return std::nullopt;
  }
  std::string_view port = tls ? "443" : "80";
  if (!rest.empty()) {
    if (!rest.starts_with(':') || !IsPort(rest.substr(1))) return std::nullopt;
    port = rest.substr(1);
  }
  return HttpUrl{std::string(host), std::string(port), "/", tls};
}

}  // namespace

std::string HttpUrl::Authority() const {
  const bool v6 = host.find(':') != std::string::npos;
  return (v6 ? "[" + host + "]" : host) + ":" + port;
}

absl::StatusOr<HttpUrl> ParseHttpUrl(std::string_view text) {
  const bool tls = text.starts_with(kTlsScheme);
  if (!tls && !text.starts_with(kPlainScheme)) {
    return Unusable(text, "neither an http:// nor an https:// URL");
  }
  if (!IsVisible(text)) return Unusable(text, "blanks must be %-encoded");
  if (text.find('#') != std::string_view::npos) {
    return Unusable(text, "a fragment is never sent");
  }
  const std::string_view rest =
      text.substr((tls ? kTlsScheme : kPlainScheme).size());
  const std::size_t slash = std::min(rest.find_first_of("/?"), rest.size());
  std::optional<HttpUrl> url = SplitAuthority(rest.substr(0, slash), tls);
  if (!url.has_value()) return Unusable(text, "host or port is malformed");
  const std::string_view target = rest.substr(slash);
  url->target = Concat({target.starts_with('/') ? "" : "/", target});
  return *std::move(url);
}

}  // namespace tuco::cli
