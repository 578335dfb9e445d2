// The rows of a table as text, for programs that do not read Arrow.
//
// Pure functions, safe for concurrent use. Throws std::bad_alloc.

#ifndef TUCO_PYTHON_CORE_TABLE_TEXT_ROWS_H_
#define TUCO_PYTHON_CORE_TABLE_TEXT_ROWS_H_

#include <string>

#include "_core/arrow/array.h"

namespace tuco::python::table {

// RFC 4180 with a line feed behind each row, and without the columns' names.
// What is absent is nothing at all, an empty text is `""`; lists and structs
// are JSON, times as protobuf's JSON spells them, bytes in base64.
std::string CsvRows(const arrow::Table& table);

// A JSON object for each row, a line each, with all columns in their order.
// What is absent is null, integers are numbers, times as above, bytes in
// base64.
std::string JsonRows(const arrow::Table& table);

}  // namespace tuco::python::table

#endif  // TUCO_PYTHON_CORE_TABLE_TEXT_ROWS_H_
