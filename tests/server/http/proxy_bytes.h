// Headers of the PROXY protocol, version 2, byte by byte.

#ifndef TUCO_TESTS_SERVER_HTTP_PROXY_BYTES_H_
#define TUCO_TESTS_SERVER_HTTP_PROXY_BYTES_H_

#include <cstddef>
#include <string>
#include <string_view>

namespace tuco::http {

inline constexpr std::string_view kProxySignature("\r\n\r\n\0\r\nQUIT\n", 12);

// `size` in two bytes.
inline std::string TwoBytes(std::size_t size) {
  return {static_cast<char>(size >> 8U), static_cast<char>(size & 0xffU)};
}

// A header with these bytes at its version and family, and `rest` behind it.
inline std::string ProxyBytes(int command, int family,
                              const std::string& rest) {
  std::string bytes(kProxySignature);
  bytes += static_cast<char>(command);
  bytes += static_cast<char>(family);
  return bytes + TwoBytes(rest.size()) + rest;
}

// The addresses 203.0.113.9:1025 and 192.0.2.1:443.
inline std::string V4Block() {
  return {"\xcb\x00\x71\x09\xc0\x00\x02\x01\x04\x01\x01\xbb", 12};
}

// A client at 203.0.113.9.
inline std::string ProxyV4(const std::string& fields = "") {
  return ProxyBytes(0x21, 0x11, V4Block() + fields);
}

// Type, length and value.
inline std::string ProxyField(int type, const std::string& value) {
  return static_cast<char>(type) + TwoBytes(value.size()) + value;
}

}  // namespace tuco::http

#endif  // TUCO_TESTS_SERVER_HTTP_PROXY_BYTES_H_
