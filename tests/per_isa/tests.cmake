# The same tests on every kernel set: README.md here. A test that cannot run says NOT RUN and is skipped.
if(NOGGIN_SANITIZE)
  return()  # the kernel tests themselves try every set; these would only repeat them, slowly
endif()
set(folder ${CMAKE_CURRENT_LIST_DIR})

# per_isa_test(NAME arguments of cmake...)
function(per_isa_test name)
  add_test(NAME per_isa/${name} COMMAND ${CMAKE_COMMAND} ${ARGN})
  set_tests_properties(per_isa/${name} PROPERTIES LABELS "per_isa;numerics" TIMEOUT 900
    SKIP_REGULAR_EXPRESSION "NOT RUN: ")
endfunction()

# forced_test(PREFIX SET PROGRAM_FOLDER EMULATOR GROUP...): test programs on one set.
function(forced_test prefix set binaries emulator)
  foreach(group IN LISTS ARGN)
    per_isa_test(${prefix}${set}/${group} -D SET=${set} -D PROGRAM=${binaries}/test_${group} -D "EMULATOR=${emulator}"
      -P ${folder}/forced.cmake)
  endforeach()
endfunction()

list(JOIN CMAKE_CROSSCOMPILING_EMULATOR " " here)  # nothing where this machine is the target
foreach(set IN LISTS NOGGIN_ISA_SETS ITEMS reference)
  forced_test("" ${set} ${CMAKE_RUNTIME_OUTPUT_DIRECTORY} "${here}" runtime_kernels runtime_engine)
endforeach()

if(CMAKE_CROSSCOMPILING)
  return()  # what follows emulates other processors
endif()

# A set that the processor lacks must be reported as not run. An emulated processor lacks whatever is asked of it.
find_program(NOGGIN_X86_EMULATOR qemu-x86_64-static)
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64)$" AND "avx2" IN_LIST NOGGIN_ISA_SETS)
  if(NOGGIN_X86_EMULATOR)
    add_test(NAME per_isa/Unexecutable/IsReportedAsNotRun COMMAND ${CMAKE_COMMAND} -D SET=avx2
      -D PROGRAM=${CMAKE_RUNTIME_OUTPUT_DIRECTORY}/test_runtime_engine
      -D "EMULATOR=${NOGGIN_X86_EMULATOR} -cpu Nehalem" -P ${folder}/forced.cmake)
    set_tests_properties(per_isa/Unexecutable/IsReportedAsNotRun PROPERTIES LABELS "per_isa;numerics" TIMEOUT 900
      PASS_REGULAR_EXPRESSION "NOT RUN: this machine cannot execute kernel set avx2")
  else()
    per_isa_test(Unexecutable/IsReportedAsNotRun -E echo "NOT RUN: qemu-x86_64-static is not installed (qemu-user-static)")
  endif()
endif()

# AArch64 by cross compiler and emulator.
add_executable(write_isa_models ${folder}/write_models.cpp)
target_include_directories(write_isa_models PRIVATE ${PROJECT_SOURCE_DIR})
target_compile_options(write_isa_models PRIVATE ${NOGGIN_WARNINGS})
target_link_libraries(write_isa_models PRIVATE noggin_runtime GTest::gtest)

find_program(NOGGIN_AARCH64_COMPILER aarch64-linux-gnu-g++)
find_program(NOGGIN_AARCH64_EMULATOR qemu-aarch64-static)
if(NOT NOGGIN_AARCH64_COMPILER OR NOT NOGGIN_AARCH64_EMULATOR)
  per_isa_test(aarch64/Build -E echo "NOT RUN: AArch64 needs aarch64-linux-gnu-g++ and qemu-aarch64-static (Debian: "
    "g++-aarch64-linux-gnu, qemu-user-static)")
  return()
endif()
set(build ${CMAKE_BINARY_DIR}/aarch64)
set(emulator "${NOGGIN_AARCH64_EMULATOR} -L /usr/aarch64-linux-gnu -cpu")
per_isa_test(aarch64/Build -D SOURCE=${PROJECT_SOURCE_DIR} -D BUILD=${build} -D WERROR=${NOGGIN_WERROR}
  -D TOOLCHAIN=${PROJECT_SOURCE_DIR}/configs/build/aarch64.cmake -P ${folder}/cross_build.cmake)
set_tests_properties(per_isa/aarch64/Build PROPERTIES FIXTURES_SETUP aarch64 TIMEOUT 900 PROCESSORS 2)

forced_test(aarch64/ neon_dotprod ${build}/bin "${emulator} max" runtime_kernels runtime_engine)
forced_test(aarch64/ reference ${build}/bin "${emulator} max" runtime_kernels)  # the engine ran it beside NEON
separate_arguments(emulated UNIX_COMMAND "${emulator} max")
add_test(NAME per_isa/aarch64/spec COMMAND ${emulated} ${build}/bin/test_runtime_spec)
add_test(NAME per_isa/aarch64/UnexecutableIsReportedAsNotRun COMMAND ${CMAKE_COMMAND} -D SET=neon_dotprod
  -D PROGRAM=${build}/bin/test_runtime_engine -D "EMULATOR=${emulator} cortex-a72" -P ${folder}/forced.cmake)
set_tests_properties(per_isa/aarch64/UnexecutableIsReportedAsNotRun PROPERTIES
  PASS_REGULAR_EXPRESSION "NOT RUN: this machine cannot execute kernel set neon_dotprod")
per_isa_test(aarch64/SameLogits -D WRITE_MODELS=$<TARGET_FILE:write_isa_models> -D NOGGIN_RUN=${build}/bin/noggin-run
  -D "EMULATOR=${emulator} max" -D "SETS=neon_dotprod reference" -D WORK=${CMAKE_BINARY_DIR}/same_logits
  -P ${folder}/same_logits.cmake)
set_tests_properties(
  per_isa/aarch64/spec per_isa/aarch64/UnexecutableIsReportedAsNotRun per_isa/aarch64/SameLogits
  per_isa/aarch64/neon_dotprod/runtime_kernels per_isa/aarch64/neon_dotprod/runtime_engine
  per_isa/aarch64/reference/runtime_kernels
  PROPERTIES FIXTURES_REQUIRED aarch64 LABELS "per_isa;numerics" TIMEOUT 900)
