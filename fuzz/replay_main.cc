// Runs a fuzz target over files instead of letting libFuzzer make inputs up:
//
//   json_reader_fuzz FILE-OR-FOLDER...

#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <string>

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data,
                                      std::size_t size);

namespace {

int replayed = 0;

void Replay(const std::filesystem::path& file) {
  std::ifstream stream(file, std::ios::binary);
  const std::string bytes{std::istreambuf_iterator<char>(stream), {}};
  std::printf("%s, %zu bytes\n", file.c_str(), bytes.size());
  // Seen even when the target aborts.
  std::fflush(stdout);
  LLVMFuzzerTestOneInput(reinterpret_cast<const std::uint8_t*>(bytes.data()),
                         bytes.size());
  ++replayed;
}

void ReplayAll(const std::filesystem::path& path) {
  if (!std::filesystem::is_directory(path)) return Replay(path);
  for (const auto& entry : std::filesystem::directory_iterator(path)) {
    if (entry.is_regular_file()) Replay(entry.path());
  }
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) ReplayAll(argv[i]);
  std::printf("%d inputs\n", replayed);
  // A corpus that is not found must not pass for one that holds.
  return replayed > 0 ? 0 : 1;
}
