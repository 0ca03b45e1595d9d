#include "format/file_bytes.h"

#include <gtest/gtest.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cstdint>
#include <cstring>
#include <ctime>
#include <filesystem>
#include <fstream>

#include "bytes/atomic_file.h"
#include "format/file_layout.h"
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

// As a model's header does.
std::string stating_its_size(std::string text) {
  const std::uint64_t size = text.size();
  std::memcpy(text.data() + kFileSizeOffset, &size, sizeof size);
  return text;
}

TEST(FileBytes, ACopyIsNotTouchedByWhatHappensToTheFile) {
  const std::string path = temporary("overwritten"), before = stating_its_size(std::string(10000, 'a'));
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

TEST(FileBytes, APipeOrADeviceIsNotWaitedFor) {
  const std::string path = temporary("fifo");
  ASSERT_EQ(mkfifo(path.c_str(), 0600), 0);
  expect_error(path, ErrorCode::kIo);
  std::filesystem::remove(path);
  expect_error("/dev/zero", ErrorCode::kIo);
}

// 64 GiB of which a few bytes exist: the header is judged before the rest is read.
TEST(FileBytes, AHugeFileThatIsNoModelIsRefusedAtOnce) {
  const std::string path = temporary("sparse");
  const FrozenModel model = test::random_frozen_model(test::small_config(), 4);
  ASSERT_TRUE(write_model(model, {}, path));
  ASSERT_EQ(truncate(path.c_str(), off_t{1} << 36), 0);
  const std::clock_t start = std::clock();
  for (const FileAccess access : {FileAccess::kCopy, FileAccess::kMap}) {
    const Result<FileBytes> file = FileBytes::open(path, access);
    if (!file) continue;  // a machine that promises less memory
    EXPECT_EQ(file->bytes().size(), std::size_t{1} << 36);
    const Result<ModelView> view = read_model(file->bytes());
    ASSERT_FALSE(view);
    EXPECT_NE(view.error().message.find("and has 68719476736"), std::string::npos) << view.error().message;
  }
  EXPECT_LT(std::clock() - start, CLOCKS_PER_SEC / 2);
  std::filesystem::remove(path);
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
