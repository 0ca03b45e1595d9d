# The switch NOGGIN_WITH_VULKAN and the part noggin_vulkan: sessions on a GPU (noggin/gpu.h). The shaders are compiled
# and embedded here; the loader is opened at run time, so nothing is linked and a program starts where there is no Vulkan.
find_path(NOGGIN_VULKAN_INCLUDE vulkan/vulkan.h)
find_program(NOGGIN_GLSLANG glslangValidator)
if(NOGGIN_VULKAN_INCLUDE AND NOGGIN_GLSLANG)
  option(NOGGIN_WITH_VULKAN "Build sessions on a GPU by Vulkan" ON)
else()
  option(NOGGIN_WITH_VULKAN "Build sessions on a GPU by Vulkan" OFF)
endif()
if(NOT NOGGIN_WITH_VULKAN)
  return()
endif()
if(NOT NOGGIN_VULKAN_INCLUDE OR NOT NOGGIN_GLSLANG)
  message(FATAL_ERROR "NOGGIN_WITH_VULKAN needs vulkan/vulkan.h and glslangValidator.\n"
    "Fix: install libvulkan-dev and glslang-tools, or configure with -DNOGGIN_WITH_VULKAN=OFF")
endif()

set(folder ${CMAKE_CURRENT_LIST_DIR}/shaders)
set(embedded ${CMAKE_CURRENT_BINARY_DIR}/gpu_vulkan/noggin_shaders)
file(MAKE_DIRECTORY ${embedded})
file(GLOB included CONFIGURE_DEPENDS ${folder}/*.glsl ${folder}/*.def)
set(compiled "")
# noggin_shader(NAME SOURCE [DEFINITIONS...]): NAME.h with the array spirv_NAME.
function(noggin_shader name source)
  list(TRANSFORM ARGN PREPEND -D OUTPUT_VARIABLE definitions)
  add_custom_command(OUTPUT ${embedded}/${name}.h
    COMMAND ${NOGGIN_GLSLANG} --quiet -V -g0 --target-env vulkan1.1 ${definitions} --vn spirv_${name}
      -o ${embedded}/${name}.h ${folder}/${source}.comp
    DEPENDS ${folder}/${source}.comp ${included} COMMENT "Compiling shader ${name}" VERBATIM)
  set(compiled ${compiled} ${embedded}/${name}.h PARENT_SCOPE)
endfunction()
foreach(name embed gather_rows scale_and_add add_layer_norm pool)
  noggin_shader(${name} ${name})
endforeach()
foreach(variant "" _packed)  # _packed: with SPV_KHR_integer_dot_product
  set(packed "")
  if(variant)
    set(packed NOGGIN_PACKED_DOT=1)
  endif()
  noggin_shader(arithmetic${variant} arithmetic ${packed})
  noggin_shader(linear_float${variant} linear ${packed})
  noggin_shader(linear_quantized${variant} linear NOGGIN_QUANTIZED=1 ${packed})
  noggin_shader(attention${variant} attention ${packed})
endforeach()

noggin_runtime_part(noggin_vulkan gpu/vulkan DEPENDS noggin_gpu)
target_sources(noggin_vulkan PRIVATE ${compiled})
target_include_directories(noggin_vulkan SYSTEM PRIVATE ${CMAKE_CURRENT_BINARY_DIR}/gpu_vulkan)
# PUBLIC, because tests look inside.
target_include_directories(noggin_vulkan SYSTEM PUBLIC ${NOGGIN_VULKAN_INCLUDE})
target_link_libraries(noggin_vulkan PRIVATE ${CMAKE_DL_LIBS})
target_compile_definitions(noggin_vulkan INTERFACE NOGGIN_HAS_VULKAN)
