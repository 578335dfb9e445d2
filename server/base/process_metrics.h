// What the operating system knows about this process.

#ifndef TUCO_SERVER_BASE_PROCESS_METRICS_H_
#define TUCO_SERVER_BASE_PROCESS_METRICS_H_

namespace tuco::base {

// Read from /proc at each call; 0 where that cannot be read. Safe for
// concurrent use.
double ProcessCpuSeconds();
double ProcessResidentBytes();
double ProcessOpenDescriptors();
// Seconds since 1970.
double ProcessStartTime();

}  // namespace tuco::base

#endif  // TUCO_SERVER_BASE_PROCESS_METRICS_H_
