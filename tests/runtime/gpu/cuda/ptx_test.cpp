// What nvcc made of the kernels: every float operation rounds once, to nearest, and keeps subnormals. Read from the
// PTX, whose ".rn" forbids the assembler and the driver to contract a product and a sum.
#include <gtest/gtest.h>

#include <map>
#include <regex>

#include "tests/support/engine_source_scan.h"

namespace noggin {
namespace {

// Instructions on floats that compute, without operands: "mul.rn.f32" -> how often.
std::map<std::string, int> float_operations() {
  static const std::regex instruction("^\\s*(@!?%p\\d+\\s+)?([a-z][a-z0-9_.]*\\.f(16|32|64)[a-z0-9.]*)\\s.*");
  std::map<std::string, int> operations;
  for (const std::string& line : test::split_lines(test::file_content(NOGGIN_CUDA_PTX))) {
    std::smatch match;
    if (std::regex_match(line, match, instruction)) ++operations[match[2]];
  }
  return operations;
}

TEST(CudaPtx, EveryFloatOperationRoundsOnceToNearest) {
  static const std::regex exact(
      "(add|sub|mul|div|sqrt|rcp)\\.rn\\.f32|cvt\\.rn\\.f32\\.[su](8|16|32|64)|cvt\\.rzi\\.[su](8|16|32|64)\\.f32");
  static const std::regex rounds_nothing("(ld|st|mov|selp|setp|min|max|neg|abs|fns|bra)\\..*");
  const std::map<std::string, int> operations = float_operations();
  for (const auto& [operation, count] : operations) {
    EXPECT_TRUE(std::regex_match(operation, exact) || std::regex_match(operation, rounds_nothing))
        << operation << ", " << count << " times. Fix: keep -fmad=false -ftz=false -prec-div=true -prec-sqrt=true";
    EXPECT_EQ(operation.find(".ftz"), std::string::npos) << operation;
  }
  for (const char* expected : {"add.rn.f32", "mul.rn.f32", "div.rn.f32", "sqrt.rn.f32"}) {
    EXPECT_TRUE(operations.contains(expected)) << expected << " is not there: the PTX was not understood";
  }
}

TEST(CudaPtx, IntegerProductsAreThoseOfTheHardware) {
  const std::string ptx = test::file_content(NOGGIN_CUDA_PTX);
  EXPECT_NE(ptx.find("dp4a.s32.s32"), std::string::npos);
  EXPECT_NE(ptx.find("mma.sync.aligned.m16n8k32.row.col.s32.s8.s8.s32"), std::string::npos);
}

}  // namespace
}  // namespace noggin
