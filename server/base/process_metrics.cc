#include "server/base/process_metrics.h"

#include <unistd.h>

#include <cstddef>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <sstream>
#include <string>
#include <system_error>

namespace tuco::base {
namespace {

// Field `number` of /proc/self/stat, counted from 1 as proc(5) does. The
// second field, the program's name, may hold blanks and parentheses: what
// follows starts behind the last parenthesis.
double StatField(int number) {
  std::ifstream file("/proc/self/stat");
  std::string line;
  std::getline(file, line);
  const std::size_t name_end = line.rfind(')');
  if (name_end == std::string::npos) return 0;
  std::istringstream fields(line.substr(name_end + 1));
  std::string field;
  for (int at = 3; at < number; ++at) fields >> field;
  double value = 0;
  fields >> value;
  return fields ? value : 0;
}

double TicksToSeconds(double ticks) {
  return ticks / static_cast<double>(::sysconf(_SC_CLK_TCK));
}

// When the machine was started, in seconds since 1970.
double BootTime() {
  std::ifstream file("/proc/stat");
  std::string name;
  while (file >> name) {
    double value = 0;
    if (name == "btime" && file >> value) return value;
    std::getline(file, name);
  }
  return 0;
}

}  // namespace

double ProcessCpuSeconds() {
  constexpr int kUserTime = 14;
  constexpr int kSystemTime = 15;
  return TicksToSeconds(StatField(kUserTime) + StatField(kSystemTime));
}

double ProcessResidentBytes() {
  constexpr int kResidentPages = 24;
  return StatField(kResidentPages) *
         static_cast<double>(::sysconf(_SC_PAGESIZE));
}

double ProcessOpenDescriptors() {
  std::error_code error;
  const std::filesystem::directory_iterator files("/proc/self/fd", error);
  if (error) return 0;
  // The descriptor that reads the folder is one of those seen.
  return static_cast<double>(std::distance(begin(files), end(files)) - 1);
}

double ProcessStartTime() {
  constexpr int kStartTime = 22;
  const double boot_time = BootTime();
  return boot_time == 0 ? 0 : boot_time + TicksToSeconds(StatField(kStartTime));
}

}  // namespace tuco::base
