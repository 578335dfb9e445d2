// The sample's body again and again, and each time another one.
//
// What comes twice is a duplicate, which costs a server next to nothing. So
// every body has a message id of its own, of the same length.

#ifndef TUCO_BENCH_NUMBERED_BODIES_H_
#define TUCO_BENCH_NUMBERED_BODIES_H_

#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace tuco::bench {

// What deliveries are signed with, by peers too.
inline constexpr std::string_view kSecret = "whsec_sample_5f0c2a7e9d41";

// One thread at a time.
class NumberedBodies {
 public:
  // How many there are: six digits to base 36.
  static constexpr std::uint64_t kCount = 2'176'782'336;

  // Ends the process when `path` cannot be read or its text has no message id
  // with room for a number.
  explicit NumberedBodies(const std::string& path);

  // The body with `number` modulo kCount in its message id; valid until the
  // next call. All are of one size.
  std::string_view At(std::uint64_t number);
  std::size_t bytes() const { return body_.size(); }

 private:
  std::string body_;
  std::size_t digits_at_ = 0;
};

}  // namespace tuco::bench

#endif  // TUCO_BENCH_NUMBERED_BODIES_H_
