#include "bench/fail.h"

#include <cerrno>
#include <cstdlib>
#include <iostream>

namespace tuco::bench {
namespace {

[[noreturn]] void End(std::string_view why, int status) {
  std::cerr << program_invocation_short_name << ": " << why << std::endl;
  std::exit(status);
}

}  // namespace

void Fail(std::string_view why) { End(why, 3); }

void FailForMissing(std::string_view why) { End(why, 2); }

}  // namespace tuco::bench
