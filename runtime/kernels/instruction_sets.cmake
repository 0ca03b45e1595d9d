# One translation unit per instruction set, compiled with that set's flags and nothing else. Those files may hold only
# intrinsics and static functions: an inline function compiled with AVX-512 could be chosen for the whole program.
if(CMAKE_SYSTEM_PROCESSOR MATCHES "^(x86_64|AMD64|amd64)$")
  set(NOGGIN_ISA_SETS_KNOWN avx512_amx avx512_vnni avx_vnni avx2)
elseif(CMAKE_SYSTEM_PROCESSOR MATCHES "^(aarch64|arm64|ARM64)$")
  set(NOGGIN_ISA_SETS_KNOWN neon_dotprod)
endif()
set(NOGGIN_ISA_SETS "${NOGGIN_ISA_SETS_KNOWN}" CACHE STRING
  "Kernel sets to build in addition to the reference; empty: the reference alone")

set(NOGGIN_ISA_FLAGS_avx2 -mavx2)
set(NOGGIN_ISA_FLAGS_avx_vnni -mavx2 -mavxvnni)
# gcc 12's own avx512fintrin.h starts results from an undefined register and warns about it (gcc bug 105593).
set(NOGGIN_ISA_FLAGS_avx512_vnni -Wno-maybe-uninitialized -Wno-uninitialized
  -mavx2 -mavx512f -mavx512bw -mavx512dq -mavx512vl -mavx512vnni)
# Tiles are written in assembly: the compiler need not support them.
set(NOGGIN_ISA_FLAGS_avx512_amx ${NOGGIN_ISA_FLAGS_avx512_vnni} -mavx512vbmi)

set(NOGGIN_ISA_FLAGS_neon_dotprod -march=armv8.2-a+dotprod)

foreach(set IN LISTS NOGGIN_ISA_SETS)
  if(NOT set IN_LIST NOGGIN_ISA_SETS_KNOWN)
    message(FATAL_ERROR "NOGGIN_ISA_SETS names '${set}', which does not exist for ${CMAKE_SYSTEM_PROCESSOR}.\n"
      "Known here: ${NOGGIN_ISA_SETS_KNOWN}. The reference is always built.")
  endif()
  set(source ${CMAKE_CURRENT_LIST_DIR}/simd/${set}.cpp)
  target_sources(noggin_kernels PRIVATE ${source})
  # Optimized in every configuration, so that inline functions of shared headers leave no copies of themselves behind.
  # -fno-tree-pre: that pass makes gcc 12 write every sum of a matrix product to memory in every step (half the speed).
  set_source_files_properties(${source} PROPERTIES COMPILE_OPTIONS
    "${NOGGIN_ISA_FLAGS_${set}};-O2;-fno-tree-pre;-ffp-contract=off;-fno-exceptions")
  string(TOUPPER ${set} upper)
  target_compile_definitions(noggin_kernels PRIVATE NOGGIN_HAS_${upper})
endforeach()
