# Every program that is built for ThreadSanitizer gets tsan_grpc.cc.
if(TUCO_SANITIZE MATCHES "thread")
  add_library(tuco_tsan_grpc OBJECT ${PROJECT_SOURCE_DIR}/cmake/tsan_grpc.cc)
  target_compile_options(tuco_tsan_grpc PRIVATE ${TUCO_WARNINGS})
  target_link_libraries(tuco_tsan_grpc PRIVATE gRPC::grpc)
endif()
