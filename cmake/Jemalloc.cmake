# jemalloc::jemalloc: the allocator of the server.
#
# A delivery is read on one thread and freed on another, where the C library's
# allocator hands memory back behind a lock: a tenth of the processor time of a
# request. Sanitizers bring an allocator of their own.

add_library(tuco_jemalloc INTERFACE)
add_library(jemalloc::jemalloc ALIAS tuco_jemalloc)
if(NOT TUCO_SANITIZE)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(jemalloc REQUIRED IMPORTED_TARGET jemalloc)
  target_link_libraries(tuco_jemalloc INTERFACE PkgConfig::jemalloc)
endif()
