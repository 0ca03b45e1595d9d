// The instructions that this processor and its operating system let a program execute.
#pragma once

namespace noggin::runtime {

struct CpuFeatures {
  bool avx2 = false;         // AVX2 and FMA, and the system saves the 256-bit registers
  bool avx_vnni = false;     // in addition to avx2
  bool avx512_vnni = false;  // AVX-512 F, BW, DQ, VL and VNNI, and the system saves the 512-bit registers
  // In addition to avx512_vnni: VBMI, AMX tiles with int8, and the system lets this process use them. Detection
  // includes requesting that permission (Linux: arch_prctl), which makes signal frames of threads that use tiles 8 KiB
  // larger.
  bool avx512_amx = false;
  bool neon_dotprod = false;  // AArch64: Advanced SIMD and its int8 dot products
};

// Queries the processor (on AArch64: the system) each time; false for the features of other architectures.
CpuFeatures cpu_features();

}  // namespace noggin::runtime
