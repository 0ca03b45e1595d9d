# Tests of the borders between parts. Most scan sources or take a build of their own, in the build folder.
set(folder ${CMAKE_CURRENT_LIST_DIR})

# Scans of sources and of ELF files: sanitizers have nothing to find in them and make gcc 12 warn about <regex>.
if(NOT NOGGIN_SANITIZE)
  noggin_test_group(layering LABELS layering)
  add_dependencies(test_layering noggin_shared noggin-run)
endif()

add_test(NAME layering/StandAlone.ACopyOfRuntimeBuildsAlone COMMAND ${CMAKE_COMMAND}
  -D SOURCE=${PROJECT_SOURCE_DIR}/runtime -D WORK=${CMAKE_BINARY_DIR}/stand_alone -D CXX_COMPILER=${CMAKE_CXX_COMPILER}
  -P ${folder}/stand_alone.cmake)
add_test(NAME layering/ClosureCheck.StopsAtAForbiddenEdge COMMAND ${CMAKE_COMMAND}
  -D SOURCE=${folder}/forbidden_edge -D LAYERING=${PROJECT_SOURCE_DIR}/configs/build/layering.cmake
  -D WORK=${CMAKE_BINARY_DIR}/forbidden_edge -P ${folder}/forbidden_edge.cmake)
set_tests_properties(layering/StandAlone.ACopyOfRuntimeBuildsAlone layering/ClosureCheck.StopsAtAForbiddenEdge
  PROPERTIES LABELS layering TIMEOUT 900)

if(NOT NOGGIN_SANITIZE)
  add_test(NAME layering/Format.SourcesAreFormatted COMMAND ${CMAKE_COMMAND} -D SOURCE=${PROJECT_SOURCE_DIR}
    -D CLANG_FORMAT=${NOGGIN_CACHE}/clang-format-18/clang_format/data/bin/clang-format -P ${folder}/format.cmake)
  set_tests_properties(layering/Format.SourcesAreFormatted PROPERTIES LABELS layering TIMEOUT 300
    SKIP_REGULAR_EXPRESSION "NOT RUN: ")
endif()

# A sanitized library needs the sanitizer's runtime in every consumer, which no application would do.
if(NOT NOGGIN_SANITIZE)
  add_executable(write_consumer_model ${folder}/../consumer/write_model.cpp)
  target_include_directories(write_consumer_model PRIVATE ${PROJECT_SOURCE_DIR})
  target_link_libraries(write_consumer_model PRIVATE noggin_runtime GTest::gtest)
  set(publish "")
  set(gpu "")
  if(TARGET noggin_gpu_shared)
    set(gpu ON)
  endif()
  if(TARGET publish_once)
    set(publish $<TARGET_FILE:publish_once>)
  endif()
  add_test(NAME consumer/Installed.ProgramsBuildAgainstIt COMMAND ${CMAKE_COMMAND}
    -D BUILD=${CMAKE_BINARY_DIR} -D WORK=${CMAKE_BINARY_DIR}/consumer -D SOURCE=${folder}/../consumer
    -D WRITE_MODEL=$<TARGET_FILE:write_consumer_model> -D "PUBLISH=${publish}" -D "GPU=${gpu}" -D C_COMPILER=${CMAKE_C_COMPILER}
    -D CXX_COMPILER=${CMAKE_CXX_COMPILER}
    -P ${folder}/../consumer/run.cmake)
  set_tests_properties(consumer/Installed.ProgramsBuildAgainstIt PROPERTIES LABELS consumer TIMEOUT 300)
endif()
