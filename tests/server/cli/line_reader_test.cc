#include "server/cli/line_reader.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <array>
#include <string>
#include <string_view>
#include <thread>
#include <utility>
#include <vector>

namespace tuco::cli {
namespace {

// A pipe that a thread fills with `text`.
class Pipe {
 public:
  explicit Pipe(std::string text) {
    EXPECT_EQ(::pipe(ends_.data()), 0);
    writer_ = std::thread([this, text = std::move(text)] {
      std::string_view rest = text;
      while (!rest.empty()) {
        const ssize_t written = ::write(ends_[1], rest.data(), rest.size());
        if (written <= 0) break;
        rest.remove_prefix(static_cast<std::size_t>(written));
      }
      ::close(ends_[1]);
    });
  }
  ~Pipe() {
    // What nobody reads any more must not keep the writer.
    std::array<char, 4096> rest;
    while (::read(ends_[0], rest.data(), rest.size()) > 0) {
    }
    writer_.join();
    ::close(ends_[0]);
  }
  Pipe(const Pipe&) = delete;
  Pipe& operator=(const Pipe&) = delete;
  int fd() const { return ends_[0]; }

 private:
  std::array<int, 2> ends_{};
  std::thread writer_;
};

std::vector<std::string> LinesOf(const std::string& text) {
  const Pipe pipe(text);
  LineReader reader(pipe.fd(), [] { return false; });
  std::vector<std::string> lines;
  while (true) {
    const auto line = reader.Next();
    EXPECT_TRUE(line.ok()) << line.status();
    if (!line.ok() || !line->has_value()) return lines;
    lines.emplace_back(**line);
  }
}

TEST(LineReader, YieldsEveryLine) {
  using Lines = std::vector<std::string>;
  EXPECT_EQ(LinesOf(""), Lines());
  EXPECT_EQ(LinesOf("\n"), Lines({""}));
  EXPECT_EQ(LinesOf("a\n\nb\r\n"), Lines({"a", "", "b\r"}));
  EXPECT_EQ(LinesOf("a\nb"), Lines({"a", "b"}));
}

TEST(LineReader, YieldsLinesThatAreLongerThanWhatIsReadAtOnce) {
  const std::string large(3'000'000, 'x');
  EXPECT_EQ(LinesOf(large + "\n" + large + "\nend"),
            std::vector<std::string>({large, large, "end"}));
}

TEST(LineReader, RefusesALineThatIsTooLong) {
  const Pipe pipe(std::string(LineReader::kLineBytesMax + 500'000, 'x'));
  LineReader reader(pipe.fd(), [] { return false; });
  EXPECT_TRUE(absl::IsInvalidArgument(reader.Next().status()));
}

TEST(LineReader, EndsWhenItIsToldTo) {
  const Pipe pipe("a\n");
  LineReader reader(pipe.fd(), [] { return true; });
  EXPECT_TRUE(absl::IsCancelled(reader.Next().status()));
}

TEST(LineReader, SaysWhatCannotBeRead) {
  const int folder = ::open("/", O_RDONLY | O_DIRECTORY | O_CLOEXEC);
  LineReader reader(folder, [] { return false; });
  EXPECT_TRUE(absl::IsInvalidArgument(reader.Next().status()));
  ::close(folder);
}

}  // namespace
}  // namespace tuco::cli
