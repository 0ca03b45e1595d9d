# cmake -D SOURCE=.../runtime -D WORK=... -D CXX_COMPILER=... -D STRIP=... -D "LAUNCHER=a|b|..." -D SETS=a,b,... -P size.cmake
# The stripped shared library, tokenizer included, in bytes: with each instruction set alone and with all of them (the
# reference kernels are always there). Built outside the project, as an application's packager would.
cmake_minimum_required(VERSION 3.25)
set(limit_one 298000)
set(limit_all 500000)

function(stop_on_failure code output)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "ended with ${code}\n${output}")
  endif()
endfunction()

# Builds libnoggin with the listed sets. Stops when it is larger than
# `limit` once stripped.
function(check_size limit sets)
  execute_process(COMMAND ${CMAKE_COMMAND} -S ${SOURCE} -B ${WORK} -DCMAKE_CXX_COMPILER=${CXX_COMPILER}
    -DCMAKE_BUILD_TYPE=Release "-DCMAKE_CXX_COMPILER_LAUNCHER=${LAUNCHER}" "-DNOGGIN_ISA_SETS=${sets}"
    RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
  stop_on_failure(${code} "${output}")
  execute_process(COMMAND ${CMAKE_COMMAND} --build ${WORK} --parallel 2 --target noggin_shared
    RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
  stop_on_failure(${code} "${output}")
  file(REAL_PATH ${WORK}/lib/libnoggin.so library)
  execute_process(COMMAND ${STRIP} -o ${WORK}/stripped.so ${library} COMMAND_ERROR_IS_FATAL ANY)
  file(SIZE ${WORK}/stripped.so bytes)
  list(JOIN sets " " sets)
  message("${bytes} bytes, at most ${limit}: reference ${sets}")
  if(bytes GREATER limit)
    message(SEND_ERROR "libnoggin with these kernel sets is too large. `nm -CS --size-sort` on ${library} shows why")
  elseif(bytes LESS 50000)
    message(SEND_ERROR "libnoggin cannot be that small: this test measures something else")
  endif()
endfunction()

file(REMOVE_RECURSE ${WORK})
string(REPLACE "," ";" sets "${SETS}")
string(REPLACE "|" ";" LAUNCHER "${LAUNCHER}")
foreach(set IN LISTS sets)
  check_size(${limit_one} ${set})
endforeach()
check_size(${limit_all} "${sets}")
