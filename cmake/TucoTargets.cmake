# Targets are declared with Bazel's words, so that the two builds can be
# compared line by line: a name, its sources, its headers, what it depends on.
#
#   tuco_cc_library(NAME json SRCS json.cc HDRS json.h DEPS tuco::strings)
#
# makes the static library `tuco_json` with the alias `tuco::json`. DEPS are
# public, PRIVATE_DEPS stay out of the users' include path and link interface.

set(TUCO_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wnon-virtual-dtor
                  -Wno-missing-field-initializers)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION
                                          VERSION_LESS 13)
  # GCC 12 warns of overlaps in `"literal" + std::string` that are not there.
  list(APPEND TUCO_WARNINGS -Wno-restrict)
endif()
if(TUCO_WERROR)
  list(APPEND TUCO_WARNINGS -Werror)
endif()

function(tuco_cc_library)
  cmake_parse_arguments(ARG "" "NAME" "SRCS;HDRS;DEPS;PRIVATE_DEPS" ${ARGN})
  set(target tuco_${ARG_NAME})
  if(ARG_SRCS)
    add_library(${target} STATIC ${ARG_SRCS} ${ARG_HDRS})
    target_include_directories(
      ${target} PUBLIC ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/lib)
    target_compile_options(${target} PRIVATE ${TUCO_WARNINGS})
    target_link_libraries(
      ${target} PUBLIC ${ARG_DEPS} PRIVATE ${ARG_PRIVATE_DEPS})
  else()
    add_library(${target} INTERFACE ${ARG_HDRS})
    target_include_directories(
      ${target} INTERFACE ${PROJECT_SOURCE_DIR} ${PROJECT_SOURCE_DIR}/lib)
    target_link_libraries(${target} INTERFACE ${ARG_DEPS})
  endif()
  add_library(tuco::${ARG_NAME} ALIAS ${target})
endfunction()

function(tuco_cc_binary)
  cmake_parse_arguments(ARG "" "NAME" "SRCS;DEPS" ${ARGN})
  add_executable(${ARG_NAME} ${ARG_SRCS})
  target_compile_options(${ARG_NAME} PRIVATE ${TUCO_WARNINGS})
  target_link_libraries(${ARG_NAME} PRIVATE ${ARG_DEPS})
  if(TUCO_SANITIZE MATCHES "thread")
    target_link_libraries(${ARG_NAME} PRIVATE tuco_tsan_grpc)
  endif()
endfunction()

# GoogleTest's headers are parsed once, for the first test, and read by all
# others. That, and that nobody waits for a test's own code to be optimised
# (what it tests is), halves the time that the tests take to compile.
function(tuco_compile_quickly test)
  get_property(first GLOBAL PROPERTY TUCO_FIRST_TEST)
  if(first)
    target_precompile_headers(${test} REUSE_FROM ${first})
  else()
    target_precompile_headers(${test} PRIVATE <gmock/gmock.h> <gtest/gtest.h>)
    set_property(GLOBAL PROPERTY TUCO_FIRST_TEST ${test})
  endif()
  # Precompiled headers want the same flags; some dependencies have this one.
  target_compile_options(${test} PRIVATE -pthread $<$<CONFIG:Release>:-O1>)
  if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU")
    # For ccache, which else does not see what the headers are.
    target_compile_options(${test} PRIVATE -fpch-preprocess)
    if(CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
      # It warns of the bounds of strings that it did not look into.
      target_compile_options(
        ${test} PRIVATE -Wno-array-bounds -Wno-stringop-overflow)
      if(TUCO_SANITIZE)
        target_compile_options(${test} PRIVATE -Wno-stringop-overread)
      endif()
    endif()
  endif()
endfunction()

# One binary a test file, one ctest entry a binary; tests find their data
# through the environment variable TUCO_TEST_DATA.
function(tuco_cc_test)
  cmake_parse_arguments(ARG "" "NAME" "SRCS;DEPS" ${ARGN})
  tuco_cc_binary(NAME ${ARG_NAME} SRCS ${ARG_SRCS}
                 DEPS ${ARG_DEPS} GTest::gmock_main)
  tuco_compile_quickly(${ARG_NAME})
  set_target_properties(
    ${ARG_NAME} PROPERTIES
    RUNTIME_OUTPUT_DIRECTORY ${CMAKE_BINARY_DIR}/tests)
  add_test(NAME ${ARG_NAME} COMMAND ${ARG_NAME})
  set_tests_properties(
    ${ARG_NAME} PROPERTIES TIMEOUT 120 ENVIRONMENT
    "TUCO_TEST_DATA=${PROJECT_SOURCE_DIR}/tests/data;GRPC_DNS_RESOLVER=native")
endfunction()
