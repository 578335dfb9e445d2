# Node's HTTP parser, compiled from the C sources that the distribution's
# package node-llhttp installs. Strict mode must be set for all three files:
# it changes the state machine and the structure alike.

find_path(LLHTTP_INCLUDE_DIR llhttp.h PATHS /usr/share/include/llhttp
          NO_DEFAULT_PATH REQUIRED)
find_path(LLHTTP_SOURCE_DIR llhttp.c PATHS /usr/share/llhttp
          NO_DEFAULT_PATH REQUIRED)

add_library(llhttp STATIC EXCLUDE_FROM_ALL
            ${LLHTTP_SOURCE_DIR}/api.c ${LLHTTP_SOURCE_DIR}/http.c
            ${LLHTTP_SOURCE_DIR}/llhttp.c)
target_include_directories(llhttp SYSTEM PUBLIC ${LLHTTP_INCLUDE_DIR})
target_compile_definitions(llhttp PUBLIC LLHTTP_STRICT_MODE=1)
add_library(llhttp::llhttp ALIAS llhttp)
