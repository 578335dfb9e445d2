// A disk that fails when a test says so, between SQLite and the real one.

#ifndef TUCO_TESTS_SERVER_LOG_FAULTY_DISK_H_
#define TUCO_TESTS_SERVER_LOG_FAULTY_DISK_H_

#include <atomic>

namespace tuco::log {

// As long as it lives every database that is opened lies on it. One at a time.
class FaultyDisk {
 public:
  FaultyDisk();
  ~FaultyDisk();
  FaultyDisk(const FaultyDisk&) = delete;
  FaultyDisk& operator=(const FaultyDisk&) = delete;

  // What befalls one kind of file. Results are SQLite's, 0 for none.
  struct File {
    std::atomic<int> write_result = 0;
    std::atomic<int> writes_before = 0;  // So many writes succeed first.
    std::atomic<int> sync_result = 0;
    std::atomic<int> syncs = 0;  // That were asked for.
  };
  File main;
  File wal;
};

}  // namespace tuco::log

#endif  // TUCO_TESTS_SERVER_LOG_FAULTY_DISK_H_
