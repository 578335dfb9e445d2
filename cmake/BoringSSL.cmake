# BoringSSL::crypto: a static libcrypto whose every symbol carries a prefix.
#
# It comes from -DBoringSSL_ROOT=<folder with lib/libcrypto.a and include/>,
# or else from tools/boringssl/build, which keeps its result in a cache outside
# of the build tree.
#
# Why so careful: gRPC brings OpenSSL 3, which has the same symbol names, the
# same header names and the same archive name. Without the prefix a process
# silently mixes the two, and HMAC from one calls SHA256 from the other. So
#   - only tuco_crypto links this target, and PRIVATE: nobody else may see the
#     header folder;
#   - what links it exports none of the archive's names;
#   - the folder must never be on CMAKE_PREFIX_PATH, where find_package(OpenSSL)
#     would take it for OpenSSL.

set(TUCO_BORINGSSL_PREFIX tuco_bssl)
set(BoringSSL_ROOT "" CACHE PATH
    "A static BoringSSL built with -DBORINGSSL_PREFIX=tuco_bssl; empty: ours")

function(tuco_find_boringssl out_var)
  if(BoringSSL_ROOT)
    set(${out_var} "${BoringSSL_ROOT}" PARENT_SCOPE)
    return()
  endif()
  # CMake exports CC and CXX; without them every preset shares one build, which
  # is sound since what crosses the boundary is C.
  execute_process(
    COMMAND ${CMAKE_COMMAND} -E env --unset=CC --unset=CXX
            ${PROJECT_SOURCE_DIR}/tools/boringssl/build
    OUTPUT_VARIABLE output RESULT_VARIABLE result
    OUTPUT_STRIP_TRAILING_WHITESPACE)
  if(NOT result EQUAL 0)
    message(FATAL_ERROR
            "tools/boringssl/build failed (${result}); its messages are above. "
            "It needs cargo, to fetch the sources. A BoringSSL of your own "
            "works as well: -DBoringSSL_ROOT=<folder>")
  endif()
  string(REGEX REPLACE ".*\n" "" root "${output}")
  set(${out_var} "${root}" PARENT_SCOPE)
endfunction()

function(tuco_import_boringssl root)
  find_library(archive NAMES libcrypto.a PATHS "${root}"
               PATH_SUFFIXES lib lib64 NO_DEFAULT_PATH NO_CACHE)
  find_path(include_dir openssl/is_boringssl.h PATHS "${root}/include"
            NO_DEFAULT_PATH NO_CACHE)
  if(NOT archive OR NOT include_dir)
    message(FATAL_ERROR "No lib/libcrypto.a and include/ of BoringSSL in "
                        "'${root}'")
  endif()
  file(STRINGS "${archive}" prefixed LIMIT_COUNT 1
       REGEX "^${TUCO_BORINGSSL_PREFIX}_SHA256_Update$")
  if(NOT prefixed)
    message(FATAL_ERROR
            "${archive} was not built with "
            "-DBORINGSSL_PREFIX=${TUCO_BORINGSSL_PREFIX}; beside gRPC's "
            "OpenSSL it would corrupt memory")
  endif()
  message(STATUS "BoringSSL: ${archive}")

  add_library(BoringSSL::crypto STATIC IMPORTED GLOBAL)
  set_target_properties(
    BoringSSL::crypto PROPERTIES
    IMPORTED_LOCATION "${archive}"
    INTERFACE_INCLUDE_DIRECTORIES "${include_dir}"
    INTERFACE_COMPILE_DEFINITIONS BORINGSSL_PREFIX=${TUCO_BORINGSSL_PREFIX}
    # BoringSSL's three weak hooks have no prefix; left open, whatever defines
    # OPENSSL_memory_alloc in the process would be called by our copy.
    INTERFACE_LINK_OPTIONS
      "LINKER:--exclude-libs,libcrypto.a;LINKER:-z,nodynamic-undefined-weak"
    INTERFACE_LINK_LIBRARIES Threads::Threads)
endfunction()

tuco_find_boringssl(root)
tuco_import_boringssl("${root}")
unset(root)
