// IP addresses and ranges of them, as values.

#ifndef TUCO_SERVER_BASE_IP_ADDRESS_H_
#define TUCO_SERVER_BASE_IP_ADDRESS_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "absl/status/statusor.h"

namespace tuco::base {

// An IPv4 address that an IPv6 socket sees as `::ffff:a.b.c.d` is the IPv4
// address.
struct IpAddress {
  static constexpr std::size_t kV4Bytes = 4;
  static constexpr std::size_t kV6Bytes = 16;

  std::array<std::uint8_t, kV6Bytes> bytes{};  // IPv4: the first four.
  bool v6 = false;

  // From the bytes in network order, 4 or 16 of them.
  static IpAddress FromBytes(std::span<const std::uint8_t> bytes);

  std::string ToString() const;

  friend bool operator==(const IpAddress&, const IpAddress&) = default;
};

// `text` as an address and nothing else: no port, no brackets, no zone, no
// blanks, four decimal numbers in IPv4.
std::optional<IpAddress> ParseIpAddress(std::string_view text);

// Every address whose first `prefix_bits` are those of `first`, whose other
// bits are 0.
struct IpRange {
  IpAddress first;
  int prefix_bits = 0;

  bool Contains(const IpAddress& address) const;
  // `10.0.0.0/8`; a range of one is the address alone.
  std::string ToString() const;

  friend bool operator==(const IpRange&, const IpRange&) = default;
};

// Reads `10.0.0.0/8`, `2001:db8::/32`, or one address. InvalidArgument with
// what was expected and what was found, also for bits behind the prefix: they
// would be a mistake.
absl::StatusOr<IpRange> ParseIpRange(std::string_view text);

}  // namespace tuco::base

#endif  // TUCO_SERVER_BASE_IP_ADDRESS_H_
