#include "bytes/exit_code.h"

#include <gtest/gtest.h>

namespace noggin {
namespace {

// README.md lists these numbers for both tools.
TEST(ExitCodes, AreTheDocumentedNumbers) {
  EXPECT_EQ(static_cast<int>(exit_code_of(ErrorCode::kInvalidArgument)), 2);
  EXPECT_EQ(static_cast<int>(exit_code_of(ErrorCode::kNotFound)), 3);
  EXPECT_EQ(static_cast<int>(exit_code_of(ErrorCode::kIo)), 3);
  EXPECT_EQ(static_cast<int>(exit_code_of(ErrorCode::kCorrupt)), 3);
  EXPECT_EQ(static_cast<int>(exit_code_of(ErrorCode::kUnsupported)), 3);
  EXPECT_EQ(static_cast<int>(exit_code_of(ErrorCode::kBadData)), 3);
  EXPECT_EQ(static_cast<int>(exit_code_of(ErrorCode::kExists)), 4);
  EXPECT_EQ(static_cast<int>(exit_code_of(ErrorCode::kOutOfSpace)), 6);
  EXPECT_EQ(static_cast<int>(ExitCode::kOk), 0);
  EXPECT_EQ(static_cast<int>(ExitCode::kFailure), 1);
  EXPECT_EQ(static_cast<int>(ExitCode::kGate), 5);
  EXPECT_EQ(static_cast<int>(ExitCode::kInterrupted), 130);
  EXPECT_EQ(static_cast<int>(ExitCode::kTerminated), 143);
}

TEST(ExitCodes, WhatCannotBeWrittenIsOutput) {
  EXPECT_EQ(exit_code_of_writing(ErrorCode::kIo), ExitCode::kOutput);
  EXPECT_EQ(exit_code_of_writing(ErrorCode::kExists), ExitCode::kOutput);
  EXPECT_EQ(exit_code_of_writing(ErrorCode::kOutOfSpace), ExitCode::kOutOfSpace);
  EXPECT_EQ(exit_code_of_writing(ErrorCode::kInvalidArgument), ExitCode::kUsage);
}

}  // namespace
}  // namespace noggin
