// How a program of a benchmark says that it cannot do its part.

#ifndef TUCO_BENCH_FAIL_H_
#define TUCO_BENCH_FAIL_H_

#include <string_view>

namespace tuco::bench {

// Writes `why` to stderr, behind the program's name, and ends it with status
// 3: something does not work.
[[noreturn]] void Fail(std::string_view why);

// Likewise with status 2: this machine does not have what it takes.
[[noreturn]] void FailForMissing(std::string_view why);

}  // namespace tuco::bench

#endif  // TUCO_BENCH_FAIL_H_
