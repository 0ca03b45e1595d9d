// What needs no model; the rest is in tests/export/onnx/onnx_runtime_agreement_test.cpp.
#include "export/onnx_runtime/onnx_runtime.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cstdio>
#include <fstream>

namespace noggin::exporter {
namespace {

using testing::HasSubstr;

TEST(OnnxRuntime, NamesALibraryThatIsNotThere) {
  const Result<OnnxRuntimeSession> session = OnnxRuntimeSession::open("no/such/libonnxruntime.so", "model.onnx");
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(session.error().message, HasSubstr("no/such/libonnxruntime.so"));
  EXPECT_THAT(session.error().message, HasSubstr("install it"));
}

TEST(OnnxRuntime, RefusesAnotherLibrary) {
  const Result<OnnxRuntimeSession> session = OnnxRuntimeSession::open("libm.so.6", "model.onnx");
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().code, ErrorCode::kUnsupported);
  EXPECT_THAT(session.error().message, HasSubstr("is not an ONNX Runtime"));
}

TEST(OnnxRuntime, RefusesANegativeNumberOfThreads) {
  OnnxRuntimeOptions options;
  options.threads = -1;
  const Result<OnnxRuntimeSession> session = OnnxRuntimeSession::open("", "model.onnx", options);
  ASSERT_FALSE(session);
  EXPECT_EQ(session.error().code, ErrorCode::kInvalidArgument);
}

TEST(OnnxRuntime, QuotesWhatOnnxRuntimeSaysOfABadModel) {
  const std::string path = testing::TempDir() + "/onnx_runtime_test.onnx";
  const Result<OnnxRuntimeSession> missing = OnnxRuntimeSession::open("", path);
  ASSERT_FALSE(missing);
  if (missing.error().code == ErrorCode::kUnsupported) GTEST_SKIP() << "not run: " << missing.error().message;
  EXPECT_EQ(missing.error().code, ErrorCode::kNotFound);
  std::ofstream(path) << "this is not a model";
  const Result<OnnxRuntimeSession> bad = OnnxRuntimeSession::open("", path);
  std::remove(path.c_str());
  ASSERT_FALSE(bad);
  EXPECT_EQ(bad.error().code, ErrorCode::kCorrupt);
  EXPECT_THAT(bad.error().message, HasSubstr(path));
  EXPECT_THAT(bad.error().message, HasSubstr("says: "));
}

}  // namespace
}  // namespace noggin::exporter
