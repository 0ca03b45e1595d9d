#include "train/run/file_hash.h"

#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <algorithm>
#include <chrono>
#include <fstream>
#include <iterator>
#include <thread>

#include "tests/support/cli_temporary_folder.h"

namespace noggin::train {
namespace {

std::string bytes_of(const std::string& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), std::istreambuf_iterator<char>()};
}

std::string state_of(const std::string& path) {
  struct stat now = {};
  EXPECT_EQ(::stat(path.c_str(), &now), 0);
  return fmt::format("[{},{},{},{},{}]", now.st_dev, now.st_ino, now.st_size, now.st_ctim.tv_sec, now.st_ctim.tv_nsec);
}

// What has not settled yet is read each time, whatever its size and time say.
TEST(FileHash, FollowsAChangeOfTheSameLength) {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("a", "one");
  const std::uint64_t before = hash_file(path);
  folder.write("a", "two");
  EXPECT_NE(hash_file(path), before);
}

// A hash that is wrong shows that the file was not read for it.
TEST(FileHash, OfAFileOfThisProcessIsKnownUntilItChanges) {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("a", "one");
  const std::uint64_t before = hash_file(path);
  know_file_hash(path, before + 1);
  EXPECT_EQ(hash_file(path), before + 1);
  folder.write("a", "longer");
  EXPECT_NE(hash_file(path), before + 1);
  know_file_hash(folder.file("absent"), 1);
  EXPECT_ANY_THROW(hash_file(folder.file("absent")));
}

TEST(FileHash, IsMadeByTheCallerOnlyWhereItIsNotKnown) {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("a", "one");
  int calls = 0;
  const auto read = [&calls] { return ++calls, std::uint64_t{5}; };
  EXPECT_EQ(hash_file(path, read), 5U);
  know_file_hash(path, 7);
  EXPECT_EQ(hash_file(path, read), 7U);
  EXPECT_EQ(calls, 1);
}

// A memory that lies shows that it is asked, and for which files.
TEST(FileHash, IsRememberedBeyondTheProcess) {
  const test::TemporaryFolder folder;
  const std::string large = folder.write("large", std::string(kWorthRemembering, 'x'));
  const std::string small = folder.write("small", "one");
  const std::string other = folder.write("other", std::string(kWorthRemembering, 'y'));
  const std::string memory = folder.file("hashes.jsonl");
  std::this_thread::sleep_for(std::chrono::seconds(4));  // a change that has not settled is not remembered

  remember_file_hashes(memory);
  const std::uint64_t hash = hash_file(large);
  hash_file(small);
  const std::string written = bytes_of(memory);
  EXPECT_EQ(std::ranges::count(written, '\n'), 1) << "small files are read as fast";
  EXPECT_NE(written.find("\"state\":" + state_of(large)), std::string::npos) << written;

  const std::string state = "{\"state\": " + state_of(other) + ", \"xxh3\": ";
  folder.write("hashes.jsonl", state + "\"12\"}\nnonsense\n" + state + "\"00000000000000ff\"}\n" + state);
  remember_file_hashes(memory);
  EXPECT_EQ(hash_file(other), 0xFFU);
  EXPECT_EQ(hash_file(folder.write("copy", std::string(kWorthRemembering, 'x'))), hash) << "not the same file: read";
  folder.write("other", std::string(kWorthRemembering, 'z'));
  EXPECT_NE(hash_file(other), 0xFFU) << "changed";
  remember_file_hashes({});
}

}  // namespace
}  // namespace noggin::train
