// write_file_atomically: whole or not at all, and nothing left behind.
#include "bytes/atomic_file.h"

#include <gtest/gtest.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

#include <csignal>
#include <filesystem>
#include <fstream>

namespace noggin {
namespace {

class AtomicFile : public testing::Test {
 protected:
  void SetUp() override { std::filesystem::create_directories(folder_); }
  void TearDown() override { std::filesystem::remove_all(folder_); }

  Status write(const std::string& name, const std::string& text) const {
    return write_file_atomically(path(name), text.data(), text.size());
  }
  std::string path(const std::string& name) const { return folder_ + "/" + name; }
  std::string read(const std::string& name) const {
    std::ifstream file(path(name), std::ios::binary);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  std::vector<std::string> names() const {
    std::vector<std::string> found;
    for (const auto& entry : std::filesystem::directory_iterator(folder_)) found.push_back(entry.path().filename());
    return found;
  }

  const std::string folder_ = testing::TempDir() + "noggin_atomic_" + std::to_string(getpid());
};

TEST_F(AtomicFile, WritesAndReplaces) {
  ASSERT_TRUE(write("a", "first"));
  EXPECT_EQ(read("a"), "first");
  ASSERT_TRUE(write("a", std::string(3000000, 'x')));
  EXPECT_EQ(read("a"), std::string(3000000, 'x'));
  EXPECT_EQ(names(), std::vector<std::string>{"a"});
}

TEST_F(AtomicFile, EmptyFileIsWritten) {
  ASSERT_TRUE(write("empty", ""));
  EXPECT_TRUE(std::filesystem::exists(path("empty")));
}

TEST_F(AtomicFile, HonoursTheUmask) {
  const mode_t before = umask(027);
  ASSERT_TRUE(write("a", "x"));
  umask(before);
  EXPECT_EQ(std::filesystem::status(path("a")).permissions(), std::filesystem::perms(0640));
}

TEST_F(AtomicFile, RelativePathsWork) {
  const std::filesystem::path before = std::filesystem::current_path();
  std::filesystem::current_path(folder_);
  const Status status = write_file_atomically("plain", "x", 1);
  std::filesystem::current_path(before);
  EXPECT_TRUE(status);
  EXPECT_EQ(read("plain"), "x");
}

TEST_F(AtomicFile, MissingFolderIsNamed) {
  const Status status = write("absent/a", "x");
  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kIo);
  EXPECT_NE(status.error().message.find(path("absent/a")), std::string::npos);
}

TEST_F(AtomicFile, FolderInTheWayLeavesNothingBehind) {
  std::filesystem::create_directories(path("folder/inside"));
  const Status status = write("folder", "x");
  ASSERT_FALSE(status);
  EXPECT_EQ(names(), std::vector<std::string>{"folder"});
}

TEST_F(AtomicFile, PiecesAppearTogetherOrNotAtAll) {
  ASSERT_TRUE(write("a", "old"));
  {
    Result<noggin::AtomicFile> abandoned = noggin::AtomicFile::create(path("a"));
    ASSERT_TRUE(abandoned);
    ASSERT_TRUE(abandoned->append("new"));
    EXPECT_EQ(read("a"), "old");
    EXPECT_EQ(names().size(), 2U);
  }
  EXPECT_EQ(read("a"), "old");
  EXPECT_EQ(names(), std::vector<std::string>{"a"});
  Result<noggin::AtomicFile> created = noggin::AtomicFile::create(path("a"));
  ASSERT_TRUE(created);
  noggin::AtomicFile moved = *std::move(created);
  ASSERT_TRUE(moved.append("one, "));
  ASSERT_TRUE(moved.append("two"));
  ASSERT_TRUE(moved.commit());
  EXPECT_EQ(read("a"), "one, two");
  EXPECT_EQ(names(), std::vector<std::string>{"a"});
}

// A leftover of a killed process does not stand in the way and is not touched.
TEST_F(AtomicFile, TheStartMayBeWrittenLast) {
  Result<noggin::AtomicFile> file = noggin::AtomicFile::create(path("a"));
  ASSERT_TRUE(file);
  ASSERT_TRUE(file->append("head ?\n"));
  ASSERT_TRUE(file->append("row\n"));
  ASSERT_TRUE(file->replace_start("head 1"));
  ASSERT_TRUE(file->append("row\n"));
  ASSERT_TRUE(file->commit());
  EXPECT_EQ(read("a"), "head 1\nrow\nrow\n");
}

TEST_F(AtomicFile, LeftoverOfAnotherRunIsKept) {
  const std::string leftover = "a.tmp-" + std::to_string(getpid()) + "-0";
  std::ofstream(path(leftover)) << "old";
  ASSERT_TRUE(write("a", "x"));
  EXPECT_EQ(read("a"), "x");
  EXPECT_EQ(read(leftover), "old");
}

// A file size limit stands for the full disk: write() stores a part, then fails.
TEST_F(AtomicFile, NoRoomKeepsTheOldFileAndRemovesTheTemporary) {
  ASSERT_TRUE(write("a", "old"));
  rlimit before{};
  ASSERT_EQ(getrlimit(RLIMIT_FSIZE, &before), 0);
  const auto handler = std::signal(SIGXFSZ, SIG_IGN);
  rlimit small = before;
  small.rlim_cur = 1000;
  ASSERT_EQ(setrlimit(RLIMIT_FSIZE, &small), 0);
  const Status status = write("a", std::string(5000, 'x'));
  setrlimit(RLIMIT_FSIZE, &before);
  std::signal(SIGXFSZ, handler);

  ASSERT_FALSE(status);
  EXPECT_EQ(status.error().code, ErrorCode::kOutOfSpace) << status.error().message;
  EXPECT_EQ(read("a"), "old");
  EXPECT_EQ(names(), std::vector<std::string>{"a"});
}

}  // namespace
}  // namespace noggin
