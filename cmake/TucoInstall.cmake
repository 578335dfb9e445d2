# What `cmake --install` puts under the prefix: the program, and the library as
# a CMake package, with which others write
#
#   find_package(tuco-events CONFIG REQUIRED)
#   target_link_libraries(app PRIVATE tuco::tuco)
#
# The library is one archive here: the targets of lib/ are a matter of ours, and
# may be cut in another way tomorrow. Nothing that is installed names a folder
# of the build; the prefix can be moved.

include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(TUCO_PACKAGE_DIR ${CMAKE_INSTALL_LIBDIR}/cmake/tuco-events)
# Not libcrypto.a, which find_package(OpenSSL) would take for OpenSSL's.
set(TUCO_BORINGSSL_ARCHIVE libtuco_bssl.a)

# The targets of ours that `tuco::${root}` consists of, itself included, and
# those of others that they link.
function(tuco_parts root out_parts out_foreign)
  set(queue tuco::${root})
  set(parts)
  set(foreign)
  while(queue)
    list(POP_FRONT queue name)
    if(NOT name MATCHES "^tuco::")
      list(APPEND foreign ${name})
      continue()
    endif()
    string(REPLACE "tuco::" "tuco_" target ${name})
    if(target IN_LIST parts)
      continue()
    endif()
    list(APPEND parts ${target})
    get_target_property(type ${target} TYPE)
    if(type STREQUAL "INTERFACE_LIBRARY")
      get_target_property(needed ${target} INTERFACE_LINK_LIBRARIES)
    else()
      get_target_property(needed ${target} LINK_LIBRARIES)
    endif()
    if(needed)
      list(APPEND queue ${needed})
    endif()
  endwhile()
  list(REMOVE_DUPLICATES foreign)
  set(${out_parts} ${parts} PARENT_SCOPE)
  set(${out_foreign} ${foreign} PARENT_SCOPE)
endfunction()

# The public headers of the targets, with their folder: those in lib/tuco itself.
function(tuco_public_headers out_headers)
  set(headers)
  foreach(target IN LISTS ARGN)
    get_target_property(folder ${target} SOURCE_DIR)
    get_target_property(sources ${target} SOURCES)
    list(FILTER sources INCLUDE REGEX "^tuco/[^/]+\\.h$")
    list(TRANSFORM sources PREPEND ${folder}/)
    list(APPEND headers ${sources})
  endforeach()
  set(${out_headers} ${headers} PARENT_SCOPE)
endfunction()

# libtuco.a with every object of tuco::tuco.
function(tuco_add_archive)
  tuco_parts(tuco parts foreign)
  list(REMOVE_ITEM foreign BoringSSL::crypto)
  set(objects)
  foreach(part IN LISTS parts)
    get_target_property(type ${part} TYPE)
    if(type STREQUAL "STATIC_LIBRARY")
      list(APPEND objects $<TARGET_OBJECTS:${part}>)
    endif()
  endforeach()
  tuco_public_headers(headers ${parts})

  add_library(tuco_archive STATIC ${objects})
  set_target_properties(
    tuco_archive PROPERTIES
    EXPORT_NAME tuco
    OUTPUT_NAME tuco
    LINKER_LANGUAGE CXX
    PUBLIC_HEADER "${headers}")
  target_compile_features(tuco_archive INTERFACE cxx_std_20)
  target_link_libraries(
    tuco_archive INTERFACE ${foreign} $<INSTALL_INTERFACE:tuco::bssl>)
endfunction()

tuco_add_archive()

install(
  TARGETS tuco_archive
  EXPORT tuco-events
  ARCHIVE DESTINATION ${CMAKE_INSTALL_LIBDIR}
  PUBLIC_HEADER DESTINATION ${CMAKE_INSTALL_INCLUDEDIR}/tuco
  INCLUDES DESTINATION ${CMAKE_INSTALL_INCLUDEDIR})
install(
  EXPORT tuco-events
  NAMESPACE tuco::
  FILE tuco-eventsTargets.cmake
  DESTINATION ${TUCO_PACKAGE_DIR})

get_target_property(boringssl_archive BoringSSL::crypto IMPORTED_LOCATION)
install(
  FILES ${boringssl_archive}
  RENAME ${TUCO_BORINGSSL_ARCHIVE}
  DESTINATION ${CMAKE_INSTALL_LIBDIR})
# A BoringSSL of the builder's own (BoringSSL_ROOT) may lack its licence.
cmake_path(GET boringssl_archive PARENT_PATH boringssl_root)
install(
  FILES ${boringssl_root}/../LICENSE
  RENAME LICENSE.boringssl
  DESTINATION ${CMAKE_INSTALL_DOCDIR}
  OPTIONAL)
unset(boringssl_archive)
unset(boringssl_root)

configure_package_config_file(
  ${CMAKE_CURRENT_LIST_DIR}/tuco-eventsConfig.cmake.in
  ${PROJECT_BINARY_DIR}/tuco-eventsConfig.cmake
  INSTALL_DESTINATION ${TUCO_PACKAGE_DIR}
  PATH_VARS CMAKE_INSTALL_LIBDIR)
# Before 1.0 a minor version may break its users.
write_basic_package_version_file(
  ${PROJECT_BINARY_DIR}/tuco-eventsConfigVersion.cmake
  COMPATIBILITY SameMinorVersion)
install(
  FILES ${PROJECT_BINARY_DIR}/tuco-eventsConfig.cmake
        ${PROJECT_BINARY_DIR}/tuco-eventsConfigVersion.cmake
  DESTINATION ${TUCO_PACKAGE_DIR})

install(TARGETS tuco-events RUNTIME DESTINATION ${CMAKE_INSTALL_BINDIR})
install(FILES ${PROJECT_SOURCE_DIR}/LICENSE DESTINATION ${CMAKE_INSTALL_DOCDIR})
