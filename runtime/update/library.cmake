# libnoggin_update, beside libnoggin.
# The engine comes from libnoggin; of the other parts the linker takes the few objects that are used.
add_library(noggin_update_shared SHARED $<TARGET_OBJECTS:noggin_update>)
set_target_properties(noggin_update_shared PROPERTIES OUTPUT_NAME noggin_update EXPORT_NAME update LINKER_LANGUAGE CXX
  VERSION ${NOGGIN_RUNTIME_VERSION} SOVERSION 0)
target_link_libraries(noggin_update_shared PUBLIC noggin_shared PRIVATE
  $<BUILD_INTERFACE:noggin_prediction> $<BUILD_INTERFACE:noggin_streams>
  ${NOGGIN_SODIUM_SHARED} ${NOGGIN_ZSTD_SHARED})
if(NOT APPLE)
  set(exported ${CMAKE_CURRENT_LIST_DIR}/exported.map)
  target_link_options(noggin_update_shared PRIVATE -Wl,--version-script=${exported} -Wl,--gc-sections)
  set_target_properties(noggin_update_shared PROPERTIES LINK_DEPENDS ${exported})
endif()
install(TARGETS noggin_update_shared EXPORT nogginTargets COMPONENT noggin)
configure_file(${CMAKE_CURRENT_LIST_DIR}/noggin_update.pc.in ${CMAKE_CURRENT_BINARY_DIR}/noggin_update.pc @ONLY)
install(FILES ${CMAKE_CURRENT_BINARY_DIR}/noggin_update.pc DESTINATION ${CMAKE_INSTALL_LIBDIR}/pkgconfig COMPONENT noggin)
