// An ingest that is killed again and again: it goes on, reads no finished file or piece of one again, and ends with the
// same bytes.
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
  static constexpr int kMostKills = 40;

  // Files with so many rows each, the bytes of a row filled up to row_bytes by what is no field of ours.
  void write_logs(int files, int rows, std::size_t row_bytes) {
    std::string sources;
    for (int i = 0; i < files; ++i) {
      write_rows(fmt::format("{}.jsonl", i), i * rows, rows, row_bytes);
      sources += fmt::format("    - {{path: {}.jsonl}}\n", i);
    }
    write_rows("dev.jsonl", files * rows, 20);
    write_rows("test.jsonl", files * rows + 20, 20);
    folder_.write("recipe.yaml", "name: resume\ndata:\n  labels: [refund, parcel]\n  train:\n" + sources +
                                     "  dev: [{path: dev.jsonl}]\n  test: [{path: test.jsonl}]\n"
                                     "tokenizer: {size: 300, min_frequency: 1, max_tokens: 12}\n"
                                     "student: {layers: 1, width: 8, heads: 1, ffn_width: 8}\ntrain: {threads: 1}\n"
                                     "phases: [{kind: distil, epochs: 1}, {kind: qat, epochs: 0}]\n");
  }
  void write_rows(const std::string& name, int first, int count, std::size_t row_bytes = 0) {
    std::string text;
    for (int i = first; i < first + count; ++i) {
      std::string row = fmt::format(R"({{"text": "the {} of order {}", "label": "{}")", i % 2 == 0 ? "money" : "box", i,
                                    i % 2 == 0 ? "refund" : "parcel");
      if (row.size() < row_bytes) row += R"(, "trace": ")" + std::string(row_bytes - row.size(), 'x') + '"';
      text += row + "}\n";
    }
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

  // Kills an ingest until it is through. parts: that it leaves, of which some must be there before the last kill.
  void kill_until_finished(std::size_t parts_in_the_end, double first_seconds, double more_seconds) {
    const test::ProcessResult whole = test::run_process(ingest("whole"));
    ASSERT_EQ(whole.exit_code, 0) << whole.errors;

    int kills = 0, kills_between_parts = 0;
    bool finished = false;
    std::map<std::string, std::int64_t> seen;
    for (double seconds = first_seconds; !finished; seconds += more_seconds) {
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
      // 124: it ended by itself in the instant in which timeout would have killed it.
      ASSERT_TRUE(result.exit_code == 137 || result.exit_code == 124) << result.exit_code << result.errors;
      ++kills;
      if (!seen.empty() && seen.size() < parts_in_the_end) ++kills_between_parts;
    }
    RecordProperty("kills", kills);
    RecordProperty("kills_between_parts", kills_between_parts);
    EXPECT_EQ(seen.size(), parts_in_the_end);
    for (const char* name : {"shards/train-00000.h5", "shards/dev-00000.h5", "vocab.txt", "ingest_report.json"})
      EXPECT_EQ(read_text(folder_.file(std::string("killed/data/") + name)),
                read_text(folder_.file(std::string("whole/data/") + name)))
          << name;
  }

  test::TemporaryFolder folder_;
};

TEST_F(IngestResume, KillsCostNoFileThatWasRead) {
  constexpr int kFiles = 24;
  write_logs(kFiles, 4000, 0);
  kill_until_finished(kFiles + 2, 0.2, 0.05);
}

TEST_F(IngestResume, KillsCostNoPieceOfALargeFileThatWasRead) {
  constexpr int kPieces = 4, kRowBytes = 4096;
  write_logs(1, (kPieces << 20) * 63 / kRowBytes, kRowBytes);
  kill_until_finished(kPieces + 2, 0.4, 0.1);
}

// A log that grows from night to night.
TEST_F(IngestResume, WhatALargeFileHadBeforeIsNotReadAgain) {
  constexpr int kRowBytes = 4096, kRows = (3 << 20) * 60 / kRowBytes;
  write_logs(1, kRows, kRowBytes);
  ASSERT_EQ(test::run_process(ingest("run")).exit_code, 0);
  const auto before = parts("run");
  ASSERT_EQ(before.size(), 5U);
  write_rows("0.jsonl", 0, kRows + 10, kRowBytes);
  write_rows("dev.jsonl", 2 * kRows, 20);
  const test::ProcessResult grown = test::run_process(ingest("run"));
  ASSERT_EQ(grown.exit_code, 0) << grown.errors;
  EXPECT_NE(grown.output.find("3 of 5 pieces of 3 files of logs were read before, and not again"), std::string::npos)
      << grown.output;
  int kept = 0;
  for (const auto& [name, time] : parts("run")) kept += before.contains(name) && before.at(name) == time ? 1 : 0;
  EXPECT_EQ(kept, 3);
}

}  // namespace
}  // namespace noggin
