// The kinds of task are rows of tables: few files may list them.
#include <gtest/gtest.h>

#include <regex>
#include <set>

#include "tests/support/engine_source_scan.h"

namespace noggin {
namespace {

// Does a line name a kind of task, other than as the default of a member or parameter, or in a comment?
bool names_a_kind(std::string line) {
  line = line.substr(0, line.find("//"));
  static const std::regex fallback(R"(= (spec::)?TaskKind::kSingleLabel(;|,|\)))");
  line = std::regex_replace(line, fallback, "");
  return line.find("TaskKind::k") != std::string::npos;
}

TEST(Tasks, FewFilesNameAKind) {
  std::set<std::string> files;
  for (const test::SourceFile& file : test::source_files({"runtime", "data", "train", "distill", "export"}, false)) {
    for (const std::string& line : file.lines) {
      if (names_a_kind(line)) files.insert(file.path);
    }
  }
  EXPECT_TRUE(files.contains("runtime/spec/task.cpp"));
  // Three of them only say which task a foreign log, field or question is for, and may leave a new kind out.
  EXPECT_LE(files.size(), 9U) << "a new kind of task must not mean a visit to many files. Fix: ask spec::traits_of(), "
                                 "or put the difference into the kind's file in train/task: "
                              << testing::PrintToString(files);
}

TEST(Tasks, TheScanSeesWhatItShould) {
  EXPECT_TRUE(names_a_kind("  if (kind == TaskKind::kTag) return;"));
  EXPECT_TRUE(names_a_kind("    case spec::TaskKind::kSingleLabel:"));
  EXPECT_FALSE(names_a_kind("  spec::TaskKind kind = spec::TaskKind::kSingleLabel;"));
  EXPECT_FALSE(names_a_kind("  // TaskKind::kEdit has no B class"));
}

}  // namespace
}  // namespace noggin
