// A look at what a TLS client announces before OpenSSL makes room for it.
//
// A handshake message says its length first, and OpenSSL allocates up to
// 128 KiB for a ClientHello that has told nothing but that. Thousands of
// connections that send ten bytes each would hold half a gigabyte; real
// ClientHellos have one or two kilobytes.
//
//   record:  type │ version (2) │ length (2) │ content…
//   content of type 22, from record to record:  type │ length (3) │ message…

#ifndef TUCO_SERVER_HTTP_HELLO_GATE_H_
#define TUCO_SERVER_HTTP_HELLO_GATE_H_

#include <cstddef>
#include <cstdint>
#include <span>

namespace tuco::http {

// Looks at handshake messages that are not encrypted: all that TLS 1.3 has of
// them on the outside, and in TLS 1.2 the first. Says nothing about whether
// they are well-formed. One thread at a time.
class HelloGate {
 public:
  static constexpr std::size_t kMessageBytesMax = 16UL * 1024;

  // Takes what came next; false once a longer message was announced.
  bool Pass(std::span<const char> bytes);

 private:
  // The bytes of a record's or a message's head, as one number.
  struct Head {
    std::uint64_t value = 0;
    std::size_t size = 0;

    // Takes what is missing of `complete` bytes off `bytes`; whether it is
    // complete now.
    bool Gather(std::size_t complete, std::span<const char>& bytes);
  };

  void PassContent(std::span<const char> content);

  Head record_head_;
  std::uint64_t record_type_ = 0;
  std::size_t record_left_ = 0;
  Head message_head_;
  std::size_t message_left_ = 0;
  bool too_large_ = false;
};

}  // namespace tuco::http

#endif  // TUCO_SERVER_HTTP_HELLO_GATE_H_
