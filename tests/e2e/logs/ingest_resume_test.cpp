// An ingest that is killed again and again: it goes on, reads no finished file again, and ends with the same bytes.
#include <fmt/format.h>
#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <map>
#include <string>

#include "tests/support/cli_noggin.h"

namespace noggin {
namespace {

namespace fs = std::filesystem;
using test::read_text;

class IngestResume : public testing::Test {
 protected:
  static constexpr int kFiles = 24, kRows = 4000;  // of each
  static constexpr int kMostKills = 40;

  void SetUp() override {
    std::string sources;
    for (int i = 0; i < kFiles; ++i) {
      write_rows(fmt::format("{}.jsonl", i), i * kRows, kRows);
      sources += fmt::format("    - {{path: {}.jsonl}}\n", i);
    }
    write_rows("dev.jsonl", kFiles * kRows, 20);
    write_rows("test.jsonl", kFiles * kRows + 20, 20);
    folder_.write("recipe.yaml", "name: resume\ndata:\n  labels: [refund, parcel]\n  train:\n" + sources +
                                     "  dev: [{path: dev.jsonl}]\n  test: [{path: test.jsonl}]\n"
                                     "tokenizer: {size: 300, min_frequency: 1, max_tokens: 12}\n"
                                     "student: {layers: 1, width: 8, heads: 1, ffn_width: 8}\ntrain: {threads: 1}\n"
                                     "phases: [{kind: distil, epochs: 1}, {kind: qat, epochs: 0}]\n");
  }
  void write_rows(const std::string& name, int first, int count) {
    std::string text;
    for (int i = first; i < first + count; ++i)
      text += fmt::format("{{\"text\": \"the {} of order {}\", \"label\": \"{}\"}}\n", i % 2 == 0 ? "money" : "box", i,
                          i % 2 == 0 ? "refund" : "parcel");
    folder_.write(name, text);
  }
  std::vector<std::string> ingest(const std::string& out) const {
    return {NOGGIN_BIN_DIR "/noggin", "ingest", folder_.file("recipe.yaml"), "--out", folder_.file(out)};
  }
  // What tells a part file from one that was made anew.
  std::map<std::string, std::int64_t> parts(const std::string& out) const {
    std::map<std::string, std::int64_t> files;
    std::error_code error;
    for (const auto& entry : fs::directory_iterator(folder_.file(out + "/data/parts"), error)) {
      struct stat state = {};
      if (entry.path().extension() == ".part" && ::stat(entry.path().c_str(), &state) == 0)
        files[entry.path().filename().string()] = state.st_mtim.tv_sec * 1'000'000'000 + state.st_mtim.tv_nsec;
    }
    return files;
  }

  test::TemporaryFolder folder_;
};

TEST_F(IngestResume, KillsCostNoFileThatWasRead) {
  const test::ProcessResult whole = test::run_process(ingest("whole"));
  ASSERT_EQ(whole.exit_code, 0) << whole.errors;

  int kills = 0, kills_between_files = 0;
  bool finished = false;
  std::map<std::string, std::int64_t> seen;
  for (double seconds = 0.2; !finished; seconds += 0.05) {
    std::vector<std::string> command = ingest("killed");
    if (kills < kMostKills)
      command.insert(command.begin(),
                     {"/usr/bin/timeout", "--foreground", "-s", "KILL", fmt::format("{:.2f}", seconds)});
    const test::ProcessResult result = test::run_process(command);
    finished = result.exit_code == 0;
    const auto now = parts("killed");
    for (const auto& [name, time] : seen) {
      ASSERT_TRUE(now.contains(name)) << name;
      ASSERT_EQ(now.at(name), time) << name << " was made again";
    }
    seen = now;
    if (finished) break;
    ASSERT_EQ(result.exit_code, 137) << result.errors;
    ++kills;
    if (!seen.empty() && seen.size() < kFiles + 2) ++kills_between_files;
  }
  RecordProperty("kills", kills);
  RecordProperty("kills_between_files", kills_between_files);
  EXPECT_EQ(seen.size(), kFiles + 2U);
  for (const char* name : {"shards/train-00000.h5", "shards/dev-00000.h5", "vocab.txt", "ingest_report.json"})
    EXPECT_EQ(read_text(folder_.file(std::string("killed/data/") + name)),
              read_text(folder_.file(std::string("whole/data/") + name)))
        << name;
}

}  // namespace
}  // namespace noggin
