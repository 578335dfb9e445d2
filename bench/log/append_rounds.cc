// Rounds of appends to a log, or of what SQLite alone makes of them.
//
//   append_rounds log|sqlite DIRECTORY BODY_FILE
//
// For each line on stdin, a number of events, appends that many in synced
// batches of 256 and prints the nanoseconds that one event took, chores such
// as checkpoints included. So a driver can let several take turns: bench/run.
//
// `log` is the server's log in DIRECTORY, made when it is not there. `sqlite`
// makes a log there as well and goes on without it: bare_sqlite.h.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <iostream>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "bench/fail.h"
#include "bench/log/bare_sqlite.h"
#include "bench/log/opened_log.h"
#include "bench/log/sample_records.h"

namespace tuco::bench {
namespace {

constexpr std::size_t kBatch = 256;
// Appended again and again: few enough for a processor's cache, which has what
// a server has just received.
constexpr std::size_t kPool = 4 * kBatch;
// Above what any other program has put into a log.
constexpr std::uint64_t kFirstNumber = 2'000'000'000;

// Appends the next batch of the pool.
using AppendBatch = std::function<void()>;

RecordBatch MakePool(const std::string& body_file) {
  SampleRecords records(body_file);
  return MakeBatch(records, kFirstNumber, kPool);
}

AppendBatch ToLog(const std::string& directory, const std::string& body_file) {
  auto log = std::make_shared<OpenedLog>(directory);
  auto pool = std::make_shared<RecordBatch>(MakePool(body_file));
  return [log, pool, at = std::size_t{0}]() mutable {
    log->Append(std::span(pool->pointers).subspan(at, kBatch));
    at = (at + kBatch) % kPool;
  };
}

AppendBatch ToSqlite(const std::string& directory,
                     const std::string& body_file) {
  {
    OpenedLog log(directory);
    if (log.head() != 0) Fail(directory + " has events already");
    log.Append(MakePool(body_file).pointers);
  }
  auto sqlite = std::make_shared<BareSqlite>(directory);
  return [sqlite] { sqlite->Append(kBatch); };
}

int Main(int argc, char** argv) {
  if (argc != 4) Fail("usage: append_rounds log|sqlite DIRECTORY BODY_FILE");
  const std::string_view job = argv[1];
  if (job != "log" && job != "sqlite") Fail("expected log or sqlite");
  const AppendBatch append =
      job == "log" ? ToLog(argv[2], argv[3]) : ToSqlite(argv[2], argv[3]);
  std::size_t events = 0;
  while (std::cin >> events) {
    const std::size_t batches = (events + kBatch - 1) / kBatch;
    const auto begin = std::chrono::steady_clock::now();
    for (std::size_t i = 0; i < batches; ++i) append();
    const std::chrono::duration<double, std::nano> taken =
        std::chrono::steady_clock::now() - begin;
    std::cout << taken.count() / static_cast<double>(batches * kBatch)
              << std::endl;
  }
  return 0;
}

}  // namespace
}  // namespace tuco::bench

int main(int argc, char** argv) { return tuco::bench::Main(argc, argv); }
