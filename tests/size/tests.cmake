# How many bytes an application ships. Sanitizers and debug builds do not matter: the test makes its own builds.
string(REPLACE ";" "," sets "${NOGGIN_ISA_SETS}")
string(REPLACE ";" "|" launcher "${CMAKE_CXX_COMPILER_LAUNCHER}")  # which has commas
add_test(NAME size/Libnoggin.StaysWithinItsBytes COMMAND ${CMAKE_COMMAND}
  -D SOURCE=${PROJECT_SOURCE_DIR}/runtime -D WORK=${CMAKE_BINARY_DIR}/size -D CXX_COMPILER=${CMAKE_CXX_COMPILER}
  -D STRIP=${CMAKE_STRIP} -D "LAUNCHER=${launcher}" -D SETS=${sets}
  -P ${CMAKE_CURRENT_LIST_DIR}/size.cmake)
set_tests_properties(size/Libnoggin.StaysWithinItsBytes PROPERTIES LABELS size TIMEOUT 900)
