// What a peer may ask of us.

#ifndef TUCO_SERVER_HTTP_LIMITS_H_
#define TUCO_SERVER_HTTP_LIMITS_H_

#include <chrono>
#include <cstddef>

namespace tuco::http {

// One past each is refused.
struct Limits {
  std::size_t header_bytes_max = 8UL * 1024;  // 431
  std::size_t header_fields_max = 64;         // 431
  std::size_t target_bytes_max = 2UL * 1024;  // 414
  std::size_t body_bytes_max = 256UL * 1024;  // 413
  std::size_t connections_max = 4'096;
  // What all connections hold together; beyond it large bodies wait.
  std::size_t buffered_bytes_max = 64UL * 1024 * 1024;
  // Absolute, from the first byte of the phase; 408 or a plain close.
  std::chrono::milliseconds header_timeout{5'000};
  std::chrono::milliseconds body_timeout{10'000};
  std::chrono::milliseconds write_timeout{5'000};
  std::chrono::milliseconds idle_timeout{75'000};
  // How long a peer that was refused may go on sending what we throw away.
  std::chrono::milliseconds linger_timeout{2'000};

  // From so many connections on, one that keeps us waiting is closed for each
  // that comes.
  std::size_t connections_crowded() const { return connections_max * 3 / 4; }
  // What is thrown away from a peer that was refused before it is cut off.
  std::size_t linger_bytes_max() const {
    return 16 * body_bytes_max + 64UL * 1'024;
  }
};

// A chunked body may cost twice its size on the wire: chunks of six bytes.
constexpr std::size_t ChunkedWireBytesMax(std::size_t body_bytes_max) {
  return 2 * body_bytes_max + 1'024;
}

}  // namespace tuco::http

#endif  // TUCO_SERVER_HTTP_LIMITS_H_
