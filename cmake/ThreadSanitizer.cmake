# What every program that is built for ThreadSanitizer gets. Known to all builds,
# so that it is checked like other code, and built by that one only.
add_library(tuco_tsan_grpc OBJECT EXCLUDE_FROM_ALL
            ${PROJECT_SOURCE_DIR}/cmake/tsan_grpc.cc)
target_compile_options(tuco_tsan_grpc PRIVATE ${TUCO_WARNINGS})
target_link_libraries(tuco_tsan_grpc PRIVATE absl::synchronization gRPC::grpc)
