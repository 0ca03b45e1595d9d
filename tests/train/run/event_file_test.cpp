#include "train/run/event_file.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <iterator>
#include <nlohmann/json.hpp>

#include "tests/support/cli_temporary_folder.h"
#include "tests/support/engine_process.h"

namespace noggin::train {
namespace {

using Json = nlohmann::ordered_json;
using testing::HasSubstr;

Json line(std::uint64_t phase, std::uint64_t step, Json figures) {
  Json json = {
      {"run", "aa"}, {"time", "2026-01-31T12:00:00Z"}, {"phase", "distil"}, {"phase_index", phase}, {"step", step}};
  json.update(figures);
  return json;
}

std::vector<Json> example() {
  return {Json{{"run", "aa"}, {"time", "2026-01-31T12:00:00Z"}, {"precision", "fp32"}},
          line(0, 0, {{"dev", {{"quality", 0.25}}}}),
          line(0, 25, {{"loss", 1.5}, {"learning_rate", 0.001}}),
          line(0, 300, {{"dev", {{"quality", 0.5}}}}),
          line(1, 0, {{"dev", {{"quality", 0.75}}}}),
          line(1, 25, {{"loss", 0.5}})};
}

// Test vectors of RFC 3720, appendix B.4.
TEST(EventFile, HasTheStandardsCrc) {
  EXPECT_EQ(crc32c("123456789"), 0xE3069283U);
  EXPECT_EQ(crc32c(std::string(32, '\0')), 0x8A9136AAU);
  EXPECT_EQ(crc32c(std::string(32, '\xff')), 0x62A8AB43U);
  EXPECT_EQ(crc32c(""), 0U);
}

TEST(EventFile, ResumingWritesNothingTwice) {
  const test::TemporaryFolder folder;
  std::string text;
  for (const Json& json : example()) text += json.dump() + "\n";
  folder.write("metrics.jsonl", text + R"({"run":"another","phase_index":0,"step":1,"loss":9})"
                                       "\n"
                                       R"({"run":"aa","cut)");
  write_event_file(folder.path(), "aa");
  const std::string first = test::read_text(event_path(folder.path()));
  EXPECT_EQ(first, event_file(example()));
  write_event_file(folder.path(), "aa");
  EXPECT_EQ(test::read_text(event_path(folder.path())), first);
  write_event_file(folder.path(), "none");
  EXPECT_EQ(test::read_text(event_path(folder.path())), first);
  EXPECT_EQ(test::files_in(folder.file("tb")).size(), 1U);
}

// TensorBoard reads on in the file that it has open, so the same file must grow.
TEST(EventFile, GrowsInPlaceWhileItsLinesGoOn) {
  const test::TemporaryFolder folder;
  const auto write = [&](std::size_t lines) {
    const std::vector<Json> all = example();
    std::string text;
    for (std::size_t i = 0; i < lines; ++i) text += all[i].dump() + "\n";
    folder.write("metrics.jsonl", text);
    write_event_file(folder.path(), "aa");
  };
  write(3);
  std::ifstream opened(event_path(folder.path()), std::ios::binary);
  std::string seen(std::istreambuf_iterator<char>(opened), {});
  opened.clear();
  write(6);
  seen += std::string(std::istreambuf_iterator<char>(opened), {});
  EXPECT_EQ(seen, event_file(example()));
  write(4);  // other lines than before, as after a checkpoint that lies further back: another file
  EXPECT_LT(test::read_text(event_path(folder.path())).size(), seen.size());
  folder.write("tb/events.out.tfevents.noggin", seen.substr(0, 50));  // the end of a write was lost
  write(6);
  EXPECT_EQ(test::read_text(event_path(folder.path())), seen);
}

TEST(EventFile, OddLinesAreNoFault) {
  const std::string file =
      event_file({Json::object(), Json{{"phase_index", "x"}}, Json{{"phase_index", 0}, {"step", -1}},
                  Json{{"phase_index", 0U}, {"step", 3U}, {"time", 7}, {"loss", nullptr}}});
  EXPECT_GT(file.size(), 40U);
}

// TensorBoard's own reader, which checks lengths and checksums.
TEST(EventFile, TensorBoardReadsIt) {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("events.out.tfevents.noggin", event_file(example()));
  const std::string script = R"(
import sys
from tensorboard.backend.event_processing.event_file_loader import LegacyEventFileLoader
for event in LegacyEventFileLoader(sys.argv[1]).Load():
    if event.file_version: print(event.file_version, int(event.wall_time))
    for value in event.summary.value: print(event.step, value.tag, value.simple_value)
)";
  for (const char* python : {"python3", "/usr/bin/python3"}) {
    const std::vector<std::string> with = {"/usr/bin/env", "PYTHONPATH=" NOGGIN_TENSORBOARD_WHEELS, python, "-c"};
    std::vector<std::string> probe = with, command = with;
    probe.emplace_back("import tensorboard.backend.event_processing.event_file_loader");
    if (test::run_process(probe).exit_code != 0) continue;
    command.insert(command.end(), {script, path});
    const test::ProcessResult read = test::run_process(command);
    EXPECT_EQ(read.exit_code, 0) << read.errors;
    EXPECT_THAT(test::lines_of(read.output),
                testing::ElementsAre("brain.Event:2 1769860800", "0 dev/quality 0.25", "0 phase 0.0", "25 loss 1.5",
                                     "25 learning_rate 0.0010000000474974513", "25 phase 0.0", "300 dev/quality 0.5",
                                     "300 phase 0.0", "300 dev/quality 0.75", "300 phase 1.0", "325 loss 0.5",
                                     "325 phase 1.0"));
    return;
  }
  GTEST_SKIP() << "no Python with tensorboard in " NOGGIN_TENSORBOARD_WHEELS
                  ". To run this test: bash configs/build/setup.sh";
}

}  // namespace
}  // namespace noggin::train
