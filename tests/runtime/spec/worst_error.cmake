# The full error sweep of runtime/spec/formulas.h; minutes, so not part of a plain build. Its figures: NUMERICS.md.
#   cmake --build --preset release --target worst_error && build/release/bin/worst_error
add_executable(worst_error EXCLUDE_FROM_ALL ${CMAKE_CURRENT_LIST_DIR}/worst_error.cpp)
target_include_directories(worst_error PRIVATE ${PROJECT_SOURCE_DIR})
target_compile_options(worst_error PRIVATE ${NOGGIN_WARNINGS})
find_package(Threads REQUIRED)
target_link_libraries(worst_error PRIVATE noggin_spec Threads::Threads)
