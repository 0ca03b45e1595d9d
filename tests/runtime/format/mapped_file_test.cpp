#include "format/mapped_file.h"

#include <gtest/gtest.h>
#include <unistd.h>

#include <cstring>
#include <filesystem>
#include <fstream>

#include "bytes/atomic_file.h"
#include "format/reader.h"
#include "format/writer.h"
#include "tests/support/format_random_model.h"

namespace noggin::format {
namespace {

std::string temporary(const std::string& name) {
  return testing::TempDir() + "noggin_mapped_" + std::to_string(getpid()) + "_" + name;
}

void expect_error(const std::string& path, ErrorCode code) {
  const Result<MappedFile> file = MappedFile::open(path);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, code) << file.error().message;
  EXPECT_NE(file.error().message.find(path), std::string::npos) << file.error().message;
}

TEST(MappedFile, AbsentEmptyAndFolderAreErrorsThatNameThePath) {
  expect_error(temporary("absent"), ErrorCode::kNotFound);
  expect_error(testing::TempDir(), ErrorCode::kIo);
  const std::string empty = temporary("empty");
  std::ofstream(empty).close();
  expect_error(empty, ErrorCode::kCorrupt);
  std::filesystem::remove(empty);
}

TEST(MappedFile, MovesAndUnmapsOnce) {
  const std::string path = temporary("move");
  ASSERT_TRUE(write_file_atomically(path, "abc", 3));
  Result<MappedFile> opened = MappedFile::open(path);
  ASSERT_TRUE(opened) << opened.error().message;
  MappedFile first = *std::move(opened);
  MappedFile second = std::move(first);
  ASSERT_EQ(second.bytes().size(), 3U);
  EXPECT_EQ(std::memcmp(second.bytes().data(), "abc", 3), 0);
  Result<MappedFile> other = MappedFile::open(path);
  ASSERT_TRUE(other);
  *other = std::move(second);
  EXPECT_EQ(other->bytes().size(), 3U);
  std::filesystem::remove(path);
}

TEST(MappedFile, AWrittenModelIsReadFromTheMapping) {
  const std::string path = temporary("model");
  const FrozenModel model = test::random_frozen_model(test::small_config(), 4);
  ASSERT_TRUE(write_model(model, {}, path));
  const Result<MappedFile> file = MappedFile::open(path);
  ASSERT_TRUE(file) << file.error().message;
  // Replaced while mapped: the mapping still shows the file that was opened.
  ASSERT_TRUE(write_file_atomically(path, "x", 1));
  const Result<ModelView> view = read_model(file->bytes());
  ASSERT_TRUE(view) << view.error().message;
  EXPECT_EQ(view->config, model.config);
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace noggin::format
