// What the formatter leaves to the writer: the width of comments and of strings.
#include <gtest/gtest.h>

#include <algorithm>

#include "tests/support/engine_source_scan.h"

namespace noggin {
namespace {

constexpr std::size_t kColumns = 120;

// Code points: what is not the continuation of one.
std::size_t columns(const std::string& line) {
  return static_cast<std::size_t>(std::count_if(
      line.begin(), line.end(), [](char byte) { return (static_cast<unsigned char>(byte) & 0xC0) != 0x80; }));
}

TEST(Text, NoLineIsWiderThanTheFormat) {
  std::size_t seen = 0;
  for (const test::SourceFile& file : test::source_files({"runtime", "data", "train", "distill", "export"}, true)) {
    for (std::size_t i = 0; i < file.lines.size(); ++i, ++seen)
      EXPECT_LE(columns(file.lines[i]), kColumns) << file.path << ":" << i + 1;
  }
  EXPECT_GT(seen, 10000U);
}

}  // namespace
}  // namespace noggin
