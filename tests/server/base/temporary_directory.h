// A folder that a test has for itself.

#ifndef TUCO_TESTS_SERVER_BASE_TEMPORARY_DIRECTORY_H_
#define TUCO_TESTS_SERVER_BASE_TEMPORARY_DIRECTORY_H_

#include <cstdlib>
#include <filesystem>
#include <string>
#include <system_error>

namespace tuco::base {

// Empty when it is made; removed with all that is in it at the end.
class TemporaryDirectory {
 public:
  TemporaryDirectory()
      : path_(std::filesystem::temp_directory_path() / "tuco_test_XXXXXX") {
    if (::mkdtemp(path_.data()) == nullptr) std::abort();
  }
  ~TemporaryDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
  }
  TemporaryDirectory(const TemporaryDirectory&) = delete;
  TemporaryDirectory& operator=(const TemporaryDirectory&) = delete;

  const std::string& path() const { return path_; }
  std::string operator/(const std::string& name) const {
    return path_ + "/" + name;
  }

 private:
  std::string path_;
};

}  // namespace tuco::base

#endif  // TUCO_TESTS_SERVER_BASE_TEMPORARY_DIRECTORY_H_
