#include "data/demo/demo.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "data/demo/demo_grammar.h"
#include "data/demo/demo_log.h"
#include "data/demo/demo_teacher.h"
#include "data/ingest/ingest.h"

namespace noggin::data {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;

constexpr DemoOptions kSmall{.seed = 7, .training_texts = 900, .dev_texts = 100, .test_texts = 200};

std::string read_all(const fs::path& path) {
  std::ifstream file(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(file), {}};
}

std::vector<std::string> lines_of(const std::string& content) {
  std::vector<std::string> lines;
  std::istringstream stream(content);
  for (std::string line; std::getline(stream, line);) lines.push_back(line);
  return lines;
}

class DemoTest : public testing::Test {
 protected:
  void SetUp() override {
    folder_ = fs::path(testing::TempDir()) /
              (std::string("demo_") + testing::UnitTest::GetInstance()->current_test_info()->name());
    fs::remove_all(folder_);
  }
  void TearDown() override { fs::remove_all(folder_); }

  void write(const DemoOptions& options) {
    const Result<std::vector<std::string>> files = write_demo(folder_.string(), options);
    ASSERT_TRUE(files) << files.error().message;
  }
  std::vector<std::string> lines(const char* name) const { return lines_of(read_all(folder_ / name)); }

  fs::path folder_;
};

TEST_F(DemoTest, WritesTheFilesItNamesWithTheCountsAskedFor) {
  const Result<std::vector<std::string>> files = write_demo(folder_.string(), kSmall);
  ASSERT_TRUE(files) << files.error().message;
  std::set<std::string> names;
  for (const std::string& path : *files) names.insert(fs::path(path).filename().string());
  EXPECT_EQ(names, (std::set<std::string>{"requests.jsonl", "output.jsonl", "dev.jsonl", "test.jsonl", "labels.json"}));
  EXPECT_EQ(lines("requests.jsonl").size(), 900U);
  EXPECT_EQ(lines("dev.jsonl").size(), 100U);
  EXPECT_EQ(lines("test.jsonl").size(), 200U);
}

TEST_F(DemoTest, TheSameOptionsGiveTheSameBytes) {
  write(kSmall);
  std::map<std::string, std::string> first;
  for (const auto& entry : fs::directory_iterator(folder_)) first[entry.path().filename()] = read_all(entry.path());
  fs::remove_all(folder_);
  write(kSmall);
  for (const auto& [name, content] : first) EXPECT_EQ(read_all(folder_ / name), content) << name;
  fs::remove_all(folder_);
  DemoOptions other = kSmall;
  other.seed = 8;
  write(other);
  EXPECT_NE(read_all(folder_ / "test.jsonl"), first["test.jsonl"]);
}

TEST_F(DemoTest, NoTextIsInTwoPlaces) {
  write({.training_texts = 6000, .dev_texts = 600, .test_texts = 1200});  // enough for the grammar to repeat itself
  std::set<std::string> texts;
  for (const std::string& line : lines("requests.jsonl")) {
    texts.insert(json::parse(line)["body"]["messages"].back()["content"].get<std::string>());
  }
  for (const char* name : {"dev.jsonl", "test.jsonl"}) {
    for (const std::string& line : lines(name)) texts.insert(json::parse(line)["text"].get<std::string>());
  }
  EXPECT_EQ(texts.size(), 7800U);
}

TEST_F(DemoTest, EveryClassIsInDevAndEveryLabelIsAClass) {
  write({.training_texts = 100, .dev_texts = 600, .test_texts = 100});
  const json names = json::parse(read_all(folder_ / "labels.json"));
  EXPECT_GE(names.size(), 13U);
  EXPECT_EQ(names.back(), kDemoNoneLabel);
  std::set<std::string> seen;
  for (const std::string& line : lines("dev.jsonl")) seen.insert(json::parse(line)["label"].get<std::string>());
  EXPECT_EQ(seen, names.get<std::set<std::string>>());
}

TEST_F(DemoTest, TheLogHoldsWhatRealLogsHold) {
  write(kSmall);
  std::vector<std::string> rows = lines("output.jsonl");
  EXPECT_FALSE(json::accept(rows.back())) << "the last line is cut";
  EXPECT_NE(read_all(folder_ / "output.jsonl").back(), '\n');
  rows.pop_back();

  std::map<std::string, int> answers, failures;
  std::vector<std::string> order;
  int without_logprobs = 0;
  for (const std::string& line : rows) {
    const json row = json::parse(line);
    const std::string id = row["custom_id"];
    if (!row["error"].is_null() || row["response"]["status_code"] != 200) {
      ++failures[id];
      continue;
    }
    ++answers[id];
    order.push_back(id);
    without_logprobs += row["response"]["body"]["choices"][0]["logprobs"].is_null() ? 1 : 0;
  }
  std::size_t steps_back = 0;  // the few repeated requests alone make a handful
  for (std::size_t i = 1; i < order.size(); ++i) steps_back += order[i] < order[i - 1] ? 1U : 0U;
  EXPECT_GT(steps_back, order.size() / 4) << "output order is not request order";
  EXPECT_EQ(without_logprobs, 1);
  int repaired = 0, never_repaired = 0, twice = 0;
  for (const auto& [id, count] : failures) ++(answers.count(id) ? repaired : never_repaired);
  for (const auto& [id, count] : answers) twice += count == 2 ? 1 : 0;
  EXPECT_EQ(repaired, 4);
  EXPECT_EQ(never_repaired, 1);
  EXPECT_EQ(twice, 1);
  EXPECT_EQ(answers.size(), 898U);  // one failed for good, one is cut
}

TEST_F(DemoTest, IngestTakesAllButTwoRowsOfTheLog) {
  write(kSmall);
  const Result<LabelSet> labels = LabelSet::create(demo_labels(), {}, kDemoNoneLabel);
  ASSERT_TRUE(labels) << labels.error().message;
  SplitInput input;
  input.name = "train";
  input.training = true;
  input.sources.push_back({.adapter = Adapter::kOpenAiBatch,
                           .path = (folder_ / "output.jsonl").string(),
                           .requests_path = (folder_ / "requests.jsonl").string()});
  std::size_t records = 0;
  const Result<SplitReport> report =
      read_split(input, *labels, {}, (folder_ / "quarantine.jsonl").string(), [&](Record&& record) -> Status {
        ++records;
        float mass = 0.0F;
        for (const float p : record.teacher.probabilities) mass += p;
        EXPECT_GT(mass, 0.97F) << record.id;  // spellings of one class are added up; little is left for other words
        return {};
      });
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(records, 898U);
  EXPECT_EQ(report->accepted, 898U);
  EXPECT_EQ(report->answers.from_tokens, 897U);
  EXPECT_EQ(report->answers.from_text, 1U) << "the one without logprobs";
  EXPECT_EQ(report->duplicates, 0U);
  EXPECT_GT(report->retried, 0U);
  EXPECT_GT(report->answers.class_mass, 0.97 * 897);
}

TEST_F(DemoTest, RefusesAFolderThatHoldsSomething) {
  fs::create_directories(folder_);
  std::ofstream(folder_ / "mine.txt") << "keep";
  const Result<std::vector<std::string>> refused = write_demo(folder_.string(), kSmall);
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kExists);
  EXPECT_EQ(read_all(folder_ / "mine.txt"), "keep");
  EXPECT_FALSE(fs::exists(folder_ / "labels.json"));
}

TEST_F(DemoTest, WritesIntoAnEmptyFolderAndTheSmallestLogHasAllAccidents) {
  fs::create_directories(folder_);
  write({.training_texts = kMinDemoRequests, .dev_texts = 1, .test_texts = 1});
  EXPECT_EQ(lines("output.jsonl").size(), kMinDemoRequests + 6);  // 5 failed rows and 1 answer too many
}

TEST_F(DemoTest, RefusesTooFewTexts) {
  const Result<std::vector<std::string>> refused = write_demo(folder_.string(), {.training_texts = 15});
  ASSERT_FALSE(refused);
  EXPECT_EQ(refused.error().code, ErrorCode::kInvalidArgument);
  EXPECT_FALSE(fs::exists(folder_));
}

// What the documentation says of the teacher: mostly right, sure of plain texts, unsure where nobody can tell.
TEST(DemoTeacher, IsMostlyRightAndDoubtsWhereItShould) {
  constexpr std::uint64_t kTexts = 4000;
  std::size_t right = 0;
  std::map<DemoDifficulty, std::pair<double, int>> top;  // sum of the first probability, texts
  for (std::uint64_t i = 0; i < kTexts; ++i) {
    DemoRandom random(1, i);
    const DemoText text = draw_demo_text(random);
    const std::vector<DemoToken> tokens = ask_demo_teacher(text, random);
    ASSERT_LE(tokens.size(), 20U);
    right += tokens.front().word == demo_labels()[static_cast<std::size_t>(text.label)] ? 1 : 0;
    top[text.difficulty].first += tokens.front().probability;
    ++top[text.difficulty].second;
  }
  EXPECT_NEAR(static_cast<double>(right) / kTexts, 0.965, 0.012);
  const auto mean = [&](DemoDifficulty difficulty) { return top[difficulty].first / top[difficulty].second; };
  EXPECT_GT(mean(DemoDifficulty::kPlain), mean(DemoDifficulty::kComposed));
  EXPECT_LT(mean(DemoDifficulty::kAmbiguous), 0.6);
}

TEST(DemoGrammar, TextsAreShortAndSpelledOut) {
  std::size_t composed = 0;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    DemoRandom random(3, i);
    const DemoText drawn = draw_demo_text(random);
    EXPECT_EQ(drawn.text.find_first_of("{}|="), std::string::npos) << drawn.text;
    EXPECT_EQ(drawn.text.find("  "), std::string::npos) << drawn.text;
    EXPECT_FALSE(drawn.plausible.empty()) << drawn.text;
    const auto words = 1 + std::count(drawn.text.begin(), drawn.text.end(), ' ');
    EXPECT_LE(words, 40) << drawn.text;
    composed += drawn.difficulty == DemoDifficulty::kComposed ? 1U : 0U;
  }
  EXPECT_NEAR(static_cast<double>(composed) / 3000, 0.56, 0.04);
}

}  // namespace
}  // namespace noggin::data
