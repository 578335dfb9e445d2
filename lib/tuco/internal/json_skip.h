// Checks an array or object without keeping anything of it.

#ifndef TUCO_INTERNAL_JSON_SKIP_H_
#define TUCO_INTERNAL_JSON_SKIP_H_

#include "tuco/internal/json_strings.h"

namespace tuco::internal {

struct ContainerSkip {
  const char* end;  // Behind the closing bracket; nullptr when it is not JSON.
  bool ill_formed;  // Some string in it is.
};

// `p` is at the opening bracket. Any depth, one bit of memory a level, no
// recursion.
ContainerSkip SkipContainer(const char* p, const char* end,
                            JsonStrings& strings);

}  // namespace tuco::internal

#endif  // TUCO_INTERNAL_JSON_SKIP_H_
