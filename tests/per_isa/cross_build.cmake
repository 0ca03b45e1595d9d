# cmake -D SOURCE=... -D BUILD=... -D TOOLCHAIN=... [-D WERROR=ON] -P cross_build.cmake
# Configures the project's runtime and tests for another machine in a build folder of its own, which is kept.
cmake_minimum_required(VERSION 3.25)

find_program(NINJA ninja)
if(NINJA)
  set(generator -G Ninja)
endif()
# A changed generator or toolchain would need a fresh folder, so a folder that cannot be configured is made anew, once.
set(configure ${CMAKE_COMMAND} -S ${SOURCE} -B ${BUILD} ${generator} --toolchain ${TOOLCHAIN} -DCMAKE_BUILD_TYPE=Release
  -DNOGGIN_RUNTIME_ONLY=ON -DNOGGIN_BUILD_TESTS=ON -DNOGGIN_WERROR=${WERROR})
execute_process(COMMAND ${configure} RESULT_VARIABLE code OUTPUT_QUIET ERROR_QUIET)
if(NOT code EQUAL 0)
  file(REMOVE_RECURSE ${BUILD})
  execute_process(COMMAND ${configure} COMMAND_ERROR_IS_FATAL ANY)
endif()
execute_process(COMMAND ${CMAKE_COMMAND} --build ${BUILD} --parallel 2
  --target test_runtime_spec test_runtime_kernels test_runtime_engine noggin-run COMMAND_ERROR_IS_FATAL ANY)
