// Tells that files have changed, by asking for their status again and again.
//
// By status and not by inotify, which says nothing of what other machines write
// to a network file system, watches a folder and not what a symbolic link in it
// leads to, and has limits of the whole machine that others use up; so one
// would have to ask as well. A handful of files, asked once a second, costs
// some microseconds of that second, and nobody waits for a secret that hard.
//
// What is noticed: another file in the place of the first (mv, editors), a link
// that leads elsewhere on any level of the path (Kubernetes), new content,
// other permissions, a file that goes or comes.

#ifndef TUCO_SERVER_BASE_FILE_WATCH_H_
#define TUCO_SERVER_BASE_FILE_WATCH_H_

#include <cstdint>
#include <map>
#include <optional>
#include <string>

namespace tuco::base {

// One thread at a time.
class FileWatch {
 public:
  // Watches `path`, which need not be there, from what it is now. To be called
  // before it is read, so that what changes while it is read is not missed.
  void Add(const std::string& path);

  // Watches what `other` watches, from what that saw; where both do, from what
  // `other` saw.
  void Add(const FileWatch& other);

  // A path that is not what it was, once nothing has changed since the last
  // call: who writes a file by and by is left to finish. Where that never ends,
  // it is told after kUnsettledMax calls.
  static constexpr int kUnsettledMax = 30;
  std::optional<std::string> Poll();

 private:
  // What stat says of a file; all zero when there is none.
  struct Look {
    std::uint64_t device = 0;
    std::uint64_t inode = 0;
    std::int64_t size = 0;
    std::int64_t modified_ns = 0;
    std::int64_t changed_ns = 0;

    bool operator==(const Look&) const = default;
  };
  struct Watched {
    Look first;
    Look last;
  };

  static Look LookAt(const std::string& path);

  std::map<std::string, Watched> watched_;
  int unsettled_ = 0;
};

}  // namespace tuco::base

#endif  // TUCO_SERVER_BASE_FILE_WATCH_H_
