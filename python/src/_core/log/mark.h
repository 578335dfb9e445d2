// What a log's mark remembers: how far the log had got (docs/log_format.md).

#ifndef TUCO_PYTHON_CORE_LOG_MARK_H_
#define TUCO_PYTHON_CORE_LOG_MARK_H_

#include <cstdint>
#include <string>

namespace tuco::python::log {

// The newest sequence that the mark in `path` knows of; 0 where there is none
// that is legible.
std::uint64_t ReadMark(const std::string& path);

}  // namespace tuco::python::log

#endif  // TUCO_PYTHON_CORE_LOG_MARK_H_
