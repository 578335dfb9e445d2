# What the build takes from the distribution. Each is used by the folders that
# name it; only BoringSSL comes from elsewhere (see BoringSSL.cmake).

find_package(Threads REQUIRED)
find_package(absl CONFIG REQUIRED)
find_package(Protobuf REQUIRED)
find_package(gRPC CONFIG REQUIRED)
# gRPC's own, which reads certificates; signatures are BoringSSL's.
find_package(OpenSSL 3 REQUIRED)
find_package(Boost 1.74 REQUIRED)
find_package(SQLite3 REQUIRED)
find_package(prometheus-cpp CONFIG REQUIRED)
find_package(CLI11 CONFIG REQUIRED)
find_package(tomlplusplus CONFIG REQUIRED)
if(BUILD_TESTING)
  # `make run` does without; `make test` installs it, and fails where no test
  # was built.
  find_package(GTest CONFIG)
endif()

include(BoringSSL)
include(Jemalloc)
include(Llhttp)
