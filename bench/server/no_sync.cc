// Makes every sync of a program succeed at once, without a sync.
//
//   LD_PRELOAD=build/bench/no_sync.so tuco-events serve …
//
// For benchmarks only: it shows what durability costs, and fills large logs.

#include <unistd.h>

extern "C" {

int fsync(int) { return 0; }
int fdatasync(int) { return 0; }

}  // extern "C"
