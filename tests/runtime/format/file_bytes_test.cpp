#include "format/file_bytes.h"

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
  const Result<FileBytes> file = FileBytes::open(path);
  ASSERT_FALSE(file);
  EXPECT_EQ(file.error().code, code) << file.error().message;
  EXPECT_NE(file.error().message.find(path), std::string::npos) << file.error().message;
}

TEST(FileBytes, AbsentEmptyAndFolderAreErrorsThatNameThePath) {
  expect_error(temporary("absent"), ErrorCode::kNotFound);
  expect_error(testing::TempDir(), ErrorCode::kIo);
  const std::string empty = temporary("empty");
  std::ofstream(empty).close();
  expect_error(empty, ErrorCode::kCorrupt);
  std::filesystem::remove(empty);
}

TEST(FileBytes, MovesAndUnmapsOnce) {
  const std::string path = temporary("move");
  ASSERT_TRUE(write_file_atomically(path, "abc", 3));
  Result<FileBytes> opened = FileBytes::open(path);
  ASSERT_TRUE(opened) << opened.error().message;
  FileBytes first = *std::move(opened);
  FileBytes second = std::move(first);
  ASSERT_EQ(second.bytes().size(), 3U);
  EXPECT_EQ(std::memcmp(second.bytes().data(), "abc", 3), 0);
  Result<FileBytes> other = FileBytes::open(path);
  ASSERT_TRUE(other);
  *other = std::move(second);
  EXPECT_EQ(other->bytes().size(), 3U);
  std::filesystem::remove(path);
}

TEST(FileBytes, AWrittenModelIsRead) {
  const std::string path = temporary("model");
  const FrozenModel model = test::random_frozen_model(test::small_config(), 4);
  ASSERT_TRUE(write_model(model, {}, path));
  const Result<FileBytes> file = FileBytes::open(path);
  ASSERT_TRUE(file) << file.error().message;
  const Result<ModelView> view = read_model(file->bytes());
  ASSERT_TRUE(view) << view.error().message;
  EXPECT_EQ(view->config, model.config);
  std::filesystem::remove(path);
}

std::string text_of(const FileBytes& file) {
  return {reinterpret_cast<const char*>(file.bytes().data()), file.bytes().size()};
}

// Not by rename: the same file.
void overwrite(const std::string& path, const std::string& text) { std::ofstream(path, std::ios::trunc) << text; }

TEST(FileBytes, ACopyIsNotTouchedByWhatHappensToTheFile) {
  const std::string path = temporary("overwritten"), before(10000, 'a');
  overwrite(path, before);
  const Result<FileBytes> file = FileBytes::open(path);
  ASSERT_TRUE(file) << file.error().message;
  overwrite(path, std::string(10000, 'b'));
  EXPECT_EQ(text_of(*file), before);
  overwrite(path, "");
  EXPECT_EQ(text_of(*file), before) << "a mapping would end the process here";
  std::filesystem::remove(path);
  EXPECT_EQ(text_of(*file), before);
}

TEST(FileBytes, AMappingIsOfTheFileThatWasOpened) {
  const std::string path = temporary("mapped");
  overwrite(path, "abc");
  const Result<FileBytes> file = FileBytes::open(path, FileAccess::kMap);
  ASSERT_TRUE(file) << file.error().message;
  ASSERT_TRUE(write_file_atomically(path, "x", 1));
  EXPECT_EQ(text_of(*file), "abc");
  std::filesystem::remove(path);
}

}  // namespace
}  // namespace noggin::format
