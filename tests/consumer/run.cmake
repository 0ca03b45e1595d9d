# cmake -D BUILD=... -D WORK=... -D SOURCE=... -D WRITE_MODEL=... -D PUBLISH=... -D C_COMPILER=... -D CXX_COMPILER=... -P run.cmake
# Installs the runtime into a folder of its own, moves that folder, builds the consumer programs against it by
# find_package and by pkg-config, and runs them.
cmake_minimum_required(VERSION 3.25)

function(run_or_stop)
  execute_process(COMMAND ${ARGN} RESULT_VARIABLE code OUTPUT_VARIABLE output ERROR_VARIABLE errors)
  if(NOT code EQUAL 0)
    list(JOIN ARGN " " command)
    message(FATAL_ERROR "${command}\nended with ${code}\n${output}${errors}")
  endif()
  set(output "${output}" PARENT_SCOPE)
endfunction()

file(REMOVE_RECURSE ${WORK})
file(MAKE_DIRECTORY ${WORK})
run_or_stop(${CMAKE_COMMAND} --install ${BUILD} --component noggin --prefix ${WORK}/first)
file(RENAME ${WORK}/first ${WORK}/installed)  # an installed tree may be moved
file(GLOB_RECURSE headers RELATIVE ${WORK}/installed/include ${WORK}/installed/include/*)
set(of_update "")
set(update_header "")
if(PUBLISH)
  set(of_update "noggin/noggin_update.h;")
  set(update_header ";noggin/update.h")
endif()
if(NOT headers STREQUAL "noggin/counters.h;noggin/counts.h;noggin/engine.h;noggin/export.h;noggin/noggin.h;${of_update}noggin/result.h;noggin/task_kind.h;noggin/text_span.h${update_header}")
  message(FATAL_ERROR "Installed headers are: ${headers}")
endif()
run_or_stop(${WRITE_MODEL} ${WORK}/model.nog ${WORK}/tagger.nog)

set(expected "")
function(expect_answer)  # PROGRAM...: all programs answer the same
  run_or_stop(${ARGN} ${WORK}/model.nog "where is my parcel")
  if(NOT output MATCHES "^label_[0-9]+ 0\\.[0-9]+\n$" OR (expected AND NOT output STREQUAL expected))
    message(FATAL_ERROR "${ARGN} answered '${output}', expected '${expected}'")
  endif()
  set(expected "${output}" PARENT_SCOPE)
endfunction()

foreach(with_cpp OFF ON)
  set(build ${WORK}/build_cpp_${with_cpp})
  run_or_stop(${CMAKE_COMMAND} -S ${SOURCE} -B ${build} -DWITH_CPP=${with_cpp} -DCMAKE_PREFIX_PATH=${WORK}/installed
    -DCMAKE_C_COMPILER=${C_COMPILER} -DCMAKE_CXX_COMPILER=${CXX_COMPILER})
  run_or_stop(${CMAKE_COMMAND} --build ${build})
  expect_answer(${build}/classify_shared)
  expect_answer(${build}/classify_static)
  # A missing model is an error text and exit 1, not a crash.
  execute_process(COMMAND ${build}/classify_shared ${WORK}/none.nog x RESULT_VARIABLE code ERROR_VARIABLE errors)
  if(NOT code EQUAL 1 OR NOT errors MATCHES "none\\.nog")
    message(FATAL_ERROR "classify_shared on a missing model: exit ${code}, '${errors}'")
  endif()
endforeach()

run_or_stop(${WORK}/build_cpp_OFF/mask ${WORK}/tagger.nog "where is my parcel")
if(NOT output MATCHES "\\[type_0\\]" OR NOT output MATCHES "\ntype_0 [0-9]+ [0-9]+\n$")
  message(FATAL_ERROR "mask answered '${output}'")
endif()

if(PUBLISH)  # a program that publishes; so the update library was installed, too
  run_or_stop(${PUBLISH} ${WORK}/model.nog ${WORK}/updates ${WORK}/key)
  run_or_stop(${WORK}/build_cpp_OFF/update ${WORK}/state ${WORK}/updates ${WORK}/key.pub)
  if(NOT output MATCHES "^0 3 classes\n$")
    message(FATAL_ERROR "update answered '${output}'")
  endif()
endif()

find_program(PKG_CONFIG pkg-config)
if(NOT PKG_CONFIG)
  message(STATUS "pkg-config is not installed: that part was not run")
  return()
endif()
file(GLOB_RECURSE pc ${WORK}/installed/*/noggin.pc)
get_filename_component(pc_folder "${pc}" DIRECTORY)
set(ENV{PKG_CONFIG_PATH} ${pc_folder})
run_or_stop(${PKG_CONFIG} --cflags --libs noggin)
separate_arguments(flags UNIX_COMMAND "${output}")
run_or_stop(${PKG_CONFIG} --variable=libdir noggin)
string(STRIP "${output}" libdir)
run_or_stop(${C_COMPILER} -std=c99 -pedantic -Wall -Wextra -Werror ${SOURCE}/classify.c -o ${WORK}/by_pkg_config ${flags}
  -Wl,-rpath,${libdir})
expect_answer(${WORK}/by_pkg_config)

if(PUBLISH)
  run_or_stop(${PKG_CONFIG} --cflags --libs noggin_update)
  separate_arguments(flags UNIX_COMMAND "${output}")
  run_or_stop(${C_COMPILER} -std=c99 -pedantic -Wall -Wextra -Werror ${SOURCE}/update.c -o ${WORK}/update_by_pkg_config
    ${flags} -Wl,-rpath,${libdir})
  run_or_stop(${WORK}/update_by_pkg_config ${WORK}/other_state ${WORK}/updates ${WORK}/key.pub)
  if(NOT output MATCHES "^0 3 classes\n$")
    message(FATAL_ERROR "update, found by pkg-config, answered '${output}'")
  endif()
endif()
