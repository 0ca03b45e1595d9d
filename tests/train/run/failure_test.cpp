#include "train/run/failure.h"

#include <gtest/gtest.h>

#include "bytes/atomic_file.h"
#include "format/file_bytes.h"
#include "tests/support/cli_temporary_folder.h"

namespace noggin::train {
namespace {

constexpr ErrorCode kAllCodes[] = {ErrorCode::kInvalidArgument, ErrorCode::kNotFound,    ErrorCode::kIo,
                                   ErrorCode::kCorrupt,         ErrorCode::kUnsupported, ErrorCode::kBadData,
                                   ErrorCode::kExists,          ErrorCode::kOutOfSpace};

TEST(Failures, HaveTheExitCodesOfNogginRun) {
  for (const ErrorCode code : kAllCodes) {
    const Failure failure(Error{code, "why"});
    EXPECT_EQ(failure.code(), noggin::exit_code_of(code));
    EXPECT_STREQ(failure.what(), "why");
  }
}

TEST(Failures, AnUnreadableInputIsBadData) {
  const test::TemporaryFolder folder;
  try {
    value_or_throw(format::FileBytes::open(folder.path()));
    FAIL() << "a folder is not a file";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::kBadData);
  }
}

TEST(Failures, AnUnwritableFileIsOutput) {
  const test::TemporaryFolder folder;
  EXPECT_NO_THROW(throw_unless_written(write_file_atomically(folder.file("a"), "x", 1)));
  try {
    throw_unless_written(write_file_atomically(folder.file("absent/a"), "x", 1));
    FAIL() << "the folder does not exist";
  } catch (const Failure& failure) {
    EXPECT_EQ(failure.code(), ExitCode::kOutput);
  }
}

}  // namespace
}  // namespace noggin::train
