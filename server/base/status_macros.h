// Early return of a failed absl::Status, which the distribution's Abseil does
// not have.

#ifndef TUCO_SERVER_BASE_STATUS_MACROS_H_
#define TUCO_SERVER_BASE_STATUS_MACROS_H_

#include <utility>

#include "absl/status/status.h"
#include "absl/status/statusor.h"

// Returns from the function when `expr`, an absl::Status, is not OK.
#define TUCO_RETURN_IF_ERROR(expr)                              \
  do {                                                          \
    if (absl::Status tuco_status_ = (expr); !tuco_status_.ok()) \
      return tuco_status_;                                      \
  } while (false)

// Declares or assigns `lhs` from the value of `expr`, an absl::StatusOr, or
// returns its status from the function.
#define TUCO_ASSIGN_OR_RETURN(lhs, expr)                                    \
  TUCO_ASSIGN_OR_RETURN_IMPL_(TUCO_STATUS_CONCAT_(tuco_or_, __LINE__), lhs, \
                              expr)
// NOLINTBEGIN(bugprone-macro-parentheses): one is a name, one may declare.
#define TUCO_ASSIGN_OR_RETURN_IMPL_(name, lhs, expr) \
  auto name = (expr);                                \
  if (!name.ok()) return std::move(name).status();   \
  lhs = *std::move(name)
// NOLINTEND(bugprone-macro-parentheses)
#define TUCO_STATUS_CONCAT_(a, b) TUCO_STATUS_CONCAT_IMPL_(a, b)
#define TUCO_STATUS_CONCAT_IMPL_(a, b) a##b

#endif  // TUCO_SERVER_BASE_STATUS_MACROS_H_
