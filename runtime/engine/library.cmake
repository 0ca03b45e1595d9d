# libnoggin, shared and static, from the parts' objects; headers, CMake package and pkg-config file for applications.
include(GNUInstallDirs)
include(CMakePackageConfigHelpers)

set(objects "")
foreach(part noggin_bytes noggin_spec noggin_format noggin_tokenizer noggin_kernels noggin_checks noggin_runtime)
  list(APPEND objects $<TARGET_OBJECTS:${part}>)
endforeach()

add_library(noggin_shared SHARED ${objects})
add_library(noggin_static STATIC ${objects})
foreach(library noggin_shared noggin_static)
  set_target_properties(${library} PROPERTIES OUTPUT_NAME noggin LINKER_LANGUAGE CXX)
  target_include_directories(${library} INTERFACE
    $<BUILD_INTERFACE:${CMAKE_CURRENT_LIST_DIR}/../include> $<INSTALL_INTERFACE:${CMAKE_INSTALL_INCLUDEDIR}>)
  target_compile_features(${library} INTERFACE cxx_std_20)  # engine.h; noggin.h is C99
endforeach()
set_target_properties(noggin_shared PROPERTIES EXPORT_NAME noggin
  VERSION ${NOGGIN_RUNTIME_VERSION} SOVERSION 0)
set_target_properties(noggin_static PROPERTIES EXPORT_NAME static)
if("stdc++" IN_LIST CMAKE_CXX_IMPLICIT_LINK_LIBRARIES)
  target_link_libraries(noggin_static INTERFACE stdc++ m pthread)  # a project in C alone links with the C compiler
endif()

# Hidden visibility hides our own symbols; the map also hides the templates that the standard library's headers leave
# behind, so that no host program can link them.
if(NOT APPLE)
  set(exported ${CMAKE_CURRENT_LIST_DIR}/exported.map)
  target_link_options(noggin_shared PRIVATE -Wl,--version-script=${exported} -Wl,--gc-sections)
  set_target_properties(noggin_shared PROPERTIES LINK_DEPENDS ${exported})
endif()

set(THREADS_PREFER_PTHREAD_FLAG ON)
find_package(Threads REQUIRED)
target_link_libraries(noggin_shared PRIVATE Threads::Threads)

install(TARGETS noggin_shared noggin_static EXPORT nogginTargets COMPONENT noggin)
install(TARGETS noggin-run COMPONENT noggin)
set(left_out "")
if(NOT NOGGIN_WITH_UPDATE)
  list(APPEND left_out PATTERN "*update.h" EXCLUDE)
endif()
if(NOT NOGGIN_WITH_VULKAN)
  list(APPEND left_out PATTERN "*gpu.h" EXCLUDE)
endif()
install(DIRECTORY ${CMAKE_CURRENT_LIST_DIR}/../include/noggin DESTINATION ${CMAKE_INSTALL_INCLUDEDIR} COMPONENT noggin
  ${left_out})
set(package ${CMAKE_INSTALL_LIBDIR}/cmake/noggin)
install(EXPORT nogginTargets NAMESPACE noggin:: FILE nogginConfig.cmake DESTINATION ${package} COMPONENT noggin)
write_basic_package_version_file(${CMAKE_CURRENT_BINARY_DIR}/nogginConfigVersion.cmake
  VERSION ${NOGGIN_RUNTIME_VERSION} COMPATIBILITY SameMinorVersion)
file(RELATIVE_PATH NOGGIN_PC_INCLUDEDIR /p/${CMAKE_INSTALL_LIBDIR}/pkgconfig /p/${CMAKE_INSTALL_INCLUDEDIR})
configure_file(${CMAKE_CURRENT_LIST_DIR}/noggin.pc.in ${CMAKE_CURRENT_BINARY_DIR}/noggin.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/nogginConfigVersion.cmake DESTINATION ${package} COMPONENT noggin)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/noggin.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT noggin)
