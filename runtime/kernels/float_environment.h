// The floating-point environment that spec/NUMERICS.md demands: round to nearest even, denormals kept, exceptions
// masked. A host program may run with flush-to-zero, another rounding mode or trapping exceptions; merely linking a
// library compiled with -Ofast is enough for that. So every entry point that touches numbers holds one of these.
//
// Saves the caller's control register, sets ours, and restores the caller's at the end of the scope, including its
// sticky flags. Affects the calling thread only. Costs a few nanoseconds.
#pragma once

#include <cstdint>

#if defined(__FAST_MATH__)
#error "Noggin's results are fixed to the last bit, which -ffast-math and -Ofast break: build it without them"
#endif

#if defined(__SSE__) || defined(_M_X64)
#include <immintrin.h>
#elif !defined(__aarch64__)
#include <cfenv>
#endif

namespace noggin::runtime {

class FloatEnvironment {
 public:
  FloatEnvironment(const FloatEnvironment&) = delete;
  FloatEnvironment& operator=(const FloatEnvironment&) = delete;

#if defined(__SSE__) || defined(_M_X64)
  FloatEnvironment() : saved_(_mm_getcsr()) {
    if (saved_ != kControl) _mm_setcsr(kControl);
    order();
  }
  ~FloatEnvironment() {
    order();
    _mm_setcsr(saved_);
  }

 private:
  static constexpr std::uint32_t kControl = 0x1F80;  // all exceptions masked, nearest even, no FTZ, no DAZ
  std::uint32_t saved_;

#elif defined(__aarch64__)
  FloatEnvironment() {
    asm volatile("mrs %0, fpcr" : "=r"(saved_control_));
    asm volatile("mrs %0, fpsr" : "=r"(saved_flags_));
    if (saved_control_ != kControl) set_control(kControl);
    order();
  }
  ~FloatEnvironment() {
    order();
    if (saved_control_ != kControl) set_control(saved_control_);
    asm volatile("msr fpsr, %0" : : "r"(saved_flags_) : "memory");
  }

 private:
  static constexpr std::uint64_t kControl = 0;  // no exception traps, nearest even, subnormals kept, NaNs propagated
  static void set_control(std::uint64_t control) { asm volatile("msr fpcr, %0" : : "r"(control) : "memory"); }
  std::uint64_t saved_control_, saved_flags_;

#else
  FloatEnvironment() {
    std::fegetenv(&saved_);
    std::fesetenv(FE_DFL_ENV);
  }
  ~FloatEnvironment() { std::fesetenv(&saved_); }

 private:
  std::fenv_t saved_;
#endif

  // Keeps memory accesses, and so the arithmetic on the values they load and store, inside the scope.
  static void order() { asm volatile("" : : : "memory"); }
};

}  // namespace noggin::runtime
