#include "server/base/net_address.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/un.h>

#include <algorithm>
#include <charconv>
#include <cstddef>
#include <optional>

#include "absl/status/status.h"
#include "tuco/strings.h"

namespace tuco::base {
namespace {

constexpr std::string_view kUnixPrefix = "unix:";
// The kernel's structure holds the path and a zero byte.
constexpr std::size_t kUnixPathBytesMax = sizeof(sockaddr_un::sun_path) - 1;
constexpr std::size_t kHostBytesMax = 253;  // RFC 1035.

absl::Status Bad(std::string_view text, std::string_view why) {
  return absl::InvalidArgumentError(
      Concat({"'", text, "' is not an address: ", why,
              " (expected host:port, [v6]:port, unix:PATH or off)"}));
}

std::optional<std::uint16_t> ParsePort(std::string_view text) {
  std::uint16_t port = 0;
  const char* const end = text.data() + text.size();
  const auto [rest, error] = std::from_chars(text.data(), end, port);
  if (text.empty() || error != std::errc() || rest != end) return std::nullopt;
  return port;
}

bool IsV6(const std::string& host) {
  in6_addr address;
  return inet_pton(AF_INET6, host.c_str(), &address) == 1;
}

bool IsNameOrV4(std::string_view host) {
  return !host.empty() && host.size() <= kHostBytesMax &&
         std::all_of(host.begin(), host.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') ||
                  (c >= '0' && c <= '9') || c == '-' || c == '.' || c == '_';
         });
}

absl::StatusOr<NetAddress> ParseUnix(std::string_view text) {
  const std::string_view path = text.substr(kUnixPrefix.size());
  if (path.empty()) return Bad(text, "the path is empty");
  if (path.size() > kUnixPathBytesMax) {
    return Bad(text, Concat({"a unix socket's path has at most ",
                             std::to_string(kUnixPathBytesMax), " bytes"}));
  }
  if (path.find('\0') != std::string_view::npos) {
    return Bad(text, "the path holds a zero byte");
  }
  NetAddress address;
  address.kind = NetAddress::Kind::kUnix;
  address.path = std::string(path);
  return address;
}

absl::StatusOr<NetAddress> ParseTcp(std::string_view text) {
  const std::size_t colon = text.rfind(':');
  if (colon == std::string_view::npos) return Bad(text, "no port");
  const auto port = ParsePort(text.substr(colon + 1));
  if (!port) return Bad(text, "the port is not a number from 0 to 65535");
  NetAddress address;
  address.kind = NetAddress::Kind::kTcp;
  address.port = *port;
  std::string_view host = text.substr(0, colon);
  if (host.size() >= 2 && host.front() == '[' && host.back() == ']') {
    address.host = std::string(host.substr(1, host.size() - 2));
    if (!IsV6(address.host)) return Bad(text, "no IPv6 address in brackets");
    return address;
  }
  address.host = std::string(host);
  if (IsV6(address.host)) return Bad(text, "IPv6 needs brackets");
  if (!IsNameOrV4(host)) return Bad(text, "no host name or IPv4 address");
  return address;
}

bool IsLocalhostName(std::string_view host) {
  constexpr std::string_view kName = "localhost";
  return std::equal(host.begin(), host.end(), kName.begin(), kName.end(),
                    [](char a, char b) {
                      return (a >= 'A' && a <= 'Z' ? a + ('a' - 'A') : a) == b;
                    });
}

}  // namespace

bool NetAddress::IsLocal() const {
  if (kind != Kind::kTcp) return true;
  in_addr v4;
  if (inet_pton(AF_INET, host.c_str(), &v4) == 1) {
    return (ntohl(v4.s_addr) >> 24) == IN_LOOPBACKNET;
  }
  in6_addr v6;
  if (inet_pton(AF_INET6, host.c_str(), &v6) == 1) {
    return IN6_IS_ADDR_LOOPBACK(&v6);
  }
  return IsLocalhostName(host);
}

std::string NetAddress::ToString() const {
  switch (kind) {
    case Kind::kOff:
      return "off";
    case Kind::kUnix:
      return Concat({kUnixPrefix, path});
    case Kind::kTcp:
      break;
  }
  const bool v6 = host.find(':') != std::string::npos;
  return Concat({v6 ? "[" : "", host, v6 ? "]:" : ":", std::to_string(port)});
}

absl::StatusOr<NetAddress> ParseNetAddress(std::string_view text) {
  if (text == "off") return NetAddress{};
  if (text.starts_with(kUnixPrefix)) return ParseUnix(text);
  return ParseTcp(text);
}

}  // namespace tuco::base
