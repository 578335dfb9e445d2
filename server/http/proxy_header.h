// The header of the PROXY protocol, version 2: what a proxy that passes bytes
// on sends before them, to say whose they are.
//
//   0D 0A 0D 0A 00 0D 0A 51 55 49 54 0A   signature
//   2x            version 2, x: 0 LOCAL, 1 PROXY
//   yz            y: 1 IPv4, 2 IPv6, 3 unix; z: 1 stream, 2 datagram; or 00
//   nn nn         bytes that follow, the high one first
//   source address, destination address, and two ports (IPv4: 12 bytes, IPv6:
//   36; unix: 216 bytes of paths)
//   type, length in two bytes, value ⟲
//
// LOCAL is the proxy itself, such as its health check; the rest is ignored
// then, as it is with 00. A checksum (type 03) that is there must be right.
// What is not like this is malformed, and its connection of no use.

#ifndef TUCO_SERVER_HTTP_PROXY_HEADER_H_
#define TUCO_SERVER_HTTP_PROXY_HEADER_H_

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace tuco::http {

// Reads one header and nothing behind it. One thread at a time.
class ProxyHeader {
 public:
  // All of it together; longer ones are malformed. Proxies that we know send
  // some hundred bytes.
  static constexpr std::size_t kBytesMax = 4'096;

  enum class Step : std::uint8_t { kNeedMore, kComplete, kMalformed };

  ProxyHeader();
  ProxyHeader(const ProxyHeader&) = delete;
  ProxyHeader& operator=(const ProxyHeader&) = delete;

  // Where the next read goes: as much as certainly belongs to the header.
  std::span<char> ReadArea();
  // `size` bytes, at least one, were read into it.
  Step Commit(std::size_t size);

  // At kComplete: the client's address without its port, `unix` for one that
  // has none; none when the peer speaks for itself.
  const std::optional<std::string>& source() const { return source_; }

 private:
  std::uint8_t Byte(std::size_t at) const;
  std::size_t Number(std::size_t at) const;  // Two bytes.
  std::span<const std::uint8_t> Bytes(std::size_t at, std::size_t size) const;
  bool is_local() const;

  Step EndFixedPart();
  Step EndHeader();
  // Whether the bytes from `at` on are type, length and value again and again.
  bool HasWholeFields(std::size_t at) const;
  bool IsChecksumRight(std::size_t at) const;

  std::string bytes_;  // As long as the header is known to be.
  std::size_t read_ = 0;
  std::optional<std::string> source_;
};

}  // namespace tuco::http

#endif  // TUCO_SERVER_HTTP_PROXY_HEADER_H_
