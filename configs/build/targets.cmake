# How targets are made, so that each folder's CMakeLists.txt is a line or two.
set(NOGGIN_WARNINGS -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wno-sign-conversion -Wnon-virtual-dtor
  -Woverloaded-virtual -Wimplicit-fallthrough)
if(CMAKE_CXX_COMPILER_ID STREQUAL "GNU" AND CMAKE_CXX_COMPILER_VERSION VERSION_LESS 13)
  list(APPEND NOGGIN_WARNINGS -Wno-restrict)  # false for "x" + std::string: GCC bug 105651
endif()
if(NOGGIN_WERROR)
  list(APPEND NOGGIN_WARNINGS -Werror)
endif()

# noggin_library(NAME [DEPENDS target...] [PRIVATE_DEPENDS target...]): a static library of this folder's *.cpp,
# included from the project root ("data/record.h").
function(noggin_library name)
  cmake_parse_arguments(ARG "" "" "DEPENDS;PRIVATE_DEPENDS;SOURCES" ${ARGN})
  if(NOT ARG_SOURCES)
    file(GLOB ARG_SOURCES CONFIGURE_DEPENDS ${CMAKE_CURRENT_SOURCE_DIR}/*.cpp)
  endif()
  if(NOT ARG_SOURCES)
    message(WARNING "${name}: no sources yet")
    return()
  endif()
  add_library(${name} STATIC ${ARG_SOURCES})
  target_include_directories(${name} PUBLIC ${PROJECT_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${NOGGIN_WARNINGS})
  target_link_libraries(${name} PUBLIC ${ARG_DEPENDS} PRIVATE ${ARG_PRIVATE_DEPENDS})
endfunction()

# noggin_test_group(FOLDER [WHOLE] [DEPENDS target...] [LABELS label...]): one executable of tests/FOLDER/*_test.cpp, its
# cases found by CTest; WHOLE: one CTest case for all of them, because their suites share a costly set-up. Tests
# include support code as "tests/support/...".
function(noggin_test_group folder)
  cmake_parse_arguments(ARG "WHOLE" "" "DEPENDS;LABELS;DEFINITIONS" ${ARGN})
  file(GLOB sources CONFIGURE_DEPENDS ${PROJECT_SOURCE_DIR}/tests/${folder}/*_test.cpp)
  if(NOT sources)
    return()
  endif()
  string(REPLACE "/" "_" name test_${folder})
  add_executable(${name} ${sources})
  target_include_directories(${name} PRIVATE ${PROJECT_SOURCE_DIR})
  target_compile_options(${name} PRIVATE ${NOGGIN_WARNINGS})
  target_compile_definitions(${name} PRIVATE NOGGIN_SOURCE_DIR="${PROJECT_SOURCE_DIR}"
    NOGGIN_BIN_DIR="${CMAKE_RUNTIME_OUTPUT_DIRECTORY}" ${ARG_DEFINITIONS})
  target_link_libraries(${name} PRIVATE ${ARG_DEPENDS} GTest::gmock GTest::gtest_main)
  if(ARG_WHOLE)
    add_test(NAME ${folder} COMMAND ${name})
    set_tests_properties(${folder} PROPERTIES LABELS "${ARG_LABELS}" TIMEOUT 600)
    return()
  endif()
  gtest_discover_tests(${name} TEST_PREFIX "${folder}/" DISCOVERY_TIMEOUT 120 PROPERTIES TIMEOUT 300)
  # gtest_discover_tests takes one label: it would read the second as a property's name.
  file(WRITE ${CMAKE_CURRENT_BINARY_DIR}/${name}_labels.cmake
    "foreach(test IN LISTS ${name}_TESTS)\n  set_tests_properties(\${test} PROPERTIES LABELS \"${ARG_LABELS}\")\nendforeach()\n")
  set_property(DIRECTORY APPEND PROPERTY TEST_INCLUDE_FILES ${CMAKE_CURRENT_BINARY_DIR}/${name}_labels.cmake)
endfunction()
include(GoogleTest)
