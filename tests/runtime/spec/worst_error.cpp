// Tries every binary32 input and prints the worst error of each elementary function; the figures stand in
// runtime/spec/NUMERICS.md. Usage: worst_error [STRIDE], 1 (every input) by default.
#include <cstdio>
#include <cstdlib>
#include <thread>
#include <vector>

#include "tests/support/kernel_formula_error.h"

namespace {

using noggin::testing::WorstError;
using Sweep = WorstError (*)(std::uint64_t, std::uint64_t, std::uint64_t);

void report(const char* name, const char* unit, Sweep sweep, std::uint64_t stride) {
  const unsigned threads = std::max(1U, std::thread::hardware_concurrency());
  std::vector<WorstError> found(threads);
  std::vector<std::thread> workers;
  for (unsigned i = 0; i < threads; ++i) {  // interleaved: the slow inputs lie together
    workers.emplace_back([&, i] { found[i] = sweep(i * stride, 1ULL << 32, stride * threads); });
  }
  WorstError worst;
  for (unsigned i = 0; i < threads; ++i) {
    workers[i].join();
    worst = noggin::testing::worse(worst, found[i]);
  }
  std::printf("%-7s worst error %.6g %s at x = %a (%.9g): got %a, true %.17g\n", name, worst.error, unit,
              static_cast<double>(worst.input), static_cast<double>(worst.input), static_cast<double>(worst.result),
              worst.truth);
  std::fflush(stdout);
}

}  // namespace

int main(int argc, char** argv) {
  const long stride = argc > 1 ? std::strtol(argv[1], nullptr, 10) : 1;
  if (stride < 1) {
    std::fprintf(stderr, "worst_error: STRIDE is '%s', must be a number from 1\n", argv[1]);
    return 2;
  }
  const auto step = static_cast<std::uint64_t>(stride);
  report("exp", "ulp", noggin::testing::worst_exp_error, step);
  report("erf", "ulp", noggin::testing::worst_erf_error, step);
  report("tanh", "ulp", noggin::testing::worst_tanh_error, step);
  report("silu", "ulp", noggin::testing::worst_silu_error, step);
  report("sigmoid", "ulp", noggin::testing::worst_sigmoid_error, step);
  report("log", "ulp", noggin::testing::worst_log_error, step);
  report("gelu", "max(1, |x|)", noggin::testing::worst_gelu_error, step);
  return 0;
}
