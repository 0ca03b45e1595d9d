# cmake -D PROGRAM=... -D PREFIX=... -D LABELS=... -D FILE=... -P discover_suites.cmake
# Writes the CTest file FILE: a test for each suite of a GoogleTest program, "PREFIX/Suite". One process a suite instead
# of one a case: a program with LibTorch takes a third of a second to start, and suites make what they share only once.
# The output of a failed test names the case.
cmake_minimum_required(VERSION 3.25)
execute_process(COMMAND ${PROGRAM} --gtest_list_tests OUTPUT_VARIABLE listed ERROR_VARIABLE errors RESULT_VARIABLE code)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "${PROGRAM} --gtest_list_tests ended with ${code}\n${listed}${errors}")
endif()
string(REGEX MATCHALL "(^|\n)[A-Za-z0-9_/]+\\." suites "${listed}")  # cases are indented
set(tests "")
foreach(suite IN LISTS suites)
  string(STRIP "${suite}" suite)
  string(REGEX REPLACE "\\.$" "" suite "${suite}")
  string(APPEND tests "add_test([==[${PREFIX}/${suite}]==] [==[${PROGRAM}]==] [==[--gtest_filter=${suite}.*]==])\n"
    "set_tests_properties([==[${PREFIX}/${suite}]==] PROPERTIES LABELS \"${LABELS}\" TIMEOUT 900\n"
    "  SKIP_REGULAR_EXPRESSION [==[\\[  PASSED  \\] 0 tests\\.]==])\n")
endforeach()
file(WRITE ${FILE} "${tests}")
