# cmake -D SOURCE=.../runtime -D WORK=... -P stand_alone.cmake
# A copy of runtime/ with nothing around it configures, builds noggin-run and runs it.
cmake_minimum_required(VERSION 3.25)

function(run_or_stop)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE output)
  if(NOT code EQUAL 0)
    message(FATAL_ERROR "${ARGN}\nended with ${code}\n${output}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
file(COPY ${SOURCE} DESTINATION ${WORK})
find_program(CCACHE ccache)
if(CCACHE)
  set(launcher -DCMAKE_CXX_COMPILER_LAUNCHER=${CCACHE})
  # The copy lies elsewhere than the original, but its objects may come from the cache.
  set(ENV{CCACHE_BASEDIR} ${WORK})
  set(ENV{CCACHE_NOHASHDIR} 1)
endif()
run_or_stop(${CMAKE_COMMAND} -S ${WORK}/runtime -B ${WORK}/build -DCMAKE_CXX_COMPILER=${CXX_COMPILER}
  -DCMAKE_BUILD_TYPE=Release ${launcher})
run_or_stop(${CMAKE_COMMAND} --build ${WORK}/build --parallel 2 --target noggin-run noggin_shared noggin_static)
run_or_stop(${WORK}/build/bin/noggin-run --version)
if(NOT output MATCHES "^noggin-run [0-9.]+ ")
  message(FATAL_ERROR "noggin-run --version said '${output}'")
endif()
