# libnoggin_gpu, beside libnoggin: sessions on a GPU for applications. The session itself comes from libnoggin; of the
# other parts the linker takes the few objects that are used.
add_library(noggin_gpu_shared SHARED $<TARGET_OBJECTS:noggin_vulkan> $<TARGET_OBJECTS:noggin_gpu>)
set_target_properties(noggin_gpu_shared PROPERTIES OUTPUT_NAME noggin_gpu EXPORT_NAME gpu LINKER_LANGUAGE CXX
  VERSION ${NOGGIN_RUNTIME_VERSION} SOVERSION 0)
target_link_libraries(noggin_gpu_shared PUBLIC noggin_shared PRIVATE $<BUILD_INTERFACE:noggin_runtime> ${CMAKE_DL_LIBS})
if(NOT APPLE)
  set(exported ${CMAKE_CURRENT_LIST_DIR}/exported.map)
  target_link_options(noggin_gpu_shared PRIVATE -Wl,--version-script=${exported} -Wl,--gc-sections)
  set_target_properties(noggin_gpu_shared PROPERTIES LINK_DEPENDS ${exported})
endif()
install(TARGETS noggin_gpu_shared EXPORT nogginTargets COMPONENT noggin)
