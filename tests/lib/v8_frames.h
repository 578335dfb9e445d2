// How the tests against V8 talk to a program of ours, which answers each frame
// on its standard input with a frame on its standard output:
//
//   4 bytes   the length, the low byte first; the highest bit says that the
//             answers so far are waited for
//   length    the bytes
//
// v8_support.mjs is the other side.

#ifndef TUCO_TESTS_LIB_V8_FRAMES_H_
#define TUCO_TESTS_LIB_V8_FRAMES_H_

#include <array>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <string>
#include <string_view>

namespace tuco {

inline void WriteFrame(std::string_view frame) {
  const auto size = static_cast<std::uint32_t>(frame.size());
  for (int shift = 0; shift < 32; shift += 8) {
    std::putchar(static_cast<int>(size >> shift & 0xffU));
  }
  std::fwrite(frame.data(), 1, frame.size(), stdout);
}

// Lets `answer(frame, out)` make the answer to each frame, to the input's end.
template <typename Answer>
void AnswerFrames(Answer answer) {
  constexpr std::uint32_t kWaitedFor = 1U << 31U;
  std::array<unsigned char, 4> head;
  std::string frame;
  std::string out;
  while (std::fread(head.data(), 1, head.size(), stdin) == head.size()) {
    std::uint32_t size = 0;
    for (std::size_t i = 0; i < head.size(); ++i) {
      size |= std::uint32_t{head[i]} << (8 * i);
    }
    frame.resize(size & ~kWaitedFor);
    if (std::fread(frame.data(), 1, frame.size(), stdin) != frame.size())
      return;
    out.clear();
    answer(frame, out);
    WriteFrame(out);
    if ((size & kWaitedFor) != 0) std::fflush(stdout);
  }
}

}  // namespace tuco

#endif  // TUCO_TESTS_LIB_V8_FRAMES_H_
