# cmake -D PROGRAM=... -D SET=... [-D "EMULATOR=command arguments"] -P forced.cmake
# All tests of a GoogleTest program with NOGGIN_FORCE_ISA=SET, after its ForcedSet tests have said that SET is what runs.
# Ends with "NOT RUN: ..." where the machine cannot execute SET.
cmake_minimum_required(VERSION 3.25)
separate_arguments(EMULATOR UNIX_COMMAND "${EMULATOR}")
set(ENV{NOGGIN_FORCE_ISA} ${SET})

execute_process(COMMAND ${EMULATOR} ${PROGRAM} --gtest_filter=ForcedSet.* RESULT_VARIABLE code OUTPUT_VARIABLE output
  ERROR_VARIABLE output)
if(output MATCHES "not run: this machine cannot execute kernel set ${SET}")
  message("NOT RUN: this machine cannot execute kernel set ${SET}")
  return()
elseif(NOT code EQUAL 0 OR NOT output MATCHES "OK \\] ForcedSet\\.IsTheOne")
  message(FATAL_ERROR "${PROGRAM} does not say that ${SET} is the set that runs (ended with ${code})\n${output}")
endif()

execute_process(COMMAND ${EMULATOR} ${PROGRAM} --gtest_filter=-ForcedSet.* RESULT_VARIABLE code OUTPUT_VARIABLE output
  ERROR_VARIABLE output)
if(NOT code EQUAL 0)
  message(FATAL_ERROR "With NOGGIN_FORCE_ISA=${SET}, ${PROGRAM} ended with ${code}\n${output}")
endif()
string(REGEX MATCH "[0-9]+ tests? from [0-9]+ test suites? ran" ran "${output}")
message("${SET} ran: ${ran}")
