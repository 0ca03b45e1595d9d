// The decision log of a real teacher, where it lies beside the checkout (or in NOGGIN_DATA). Skipped where it is not.
#include <gmock/gmock.h>

#include <chrono>
#include <cmath>
#include <cstdlib>
#include <filesystem>
#include <unordered_map>

#include "data/decisions/question_classes.h"
#include "data/decisions/question_findings.h"
#include "data/json/json_row.h"
#include "data/lines/line_reader.h"

namespace noggin::data {
namespace {

std::string real_folder() {
  const char* root = std::getenv("NOGGIN_DATA");
  const std::string data =
      root != nullptr ? root : (std::filesystem::path(NOGGIN_SOURCE_DIR) / "../shared").lexically_normal().string();
  return data + "/teacher_logs/";
}

// Calls visit(row as JSON, line) for each line of a file.
template <typename Visit>
void for_each_row(const std::string& path, Visit&& visit) {
  Result<LineReader> reader = LineReader::open(path);
  ASSERT_TRUE(reader) << reader.error().message;
  JsonRow row;
  for (;;) {
    const auto line = reader->next();
    ASSERT_TRUE(line) << line.error().message;
    if (!line->has_value()) return;
    const Checked<JsonValue> root = row.parse(**line);
    ASSERT_TRUE(std::holds_alternative<JsonValue>(root));
    visit(std::get<JsonValue>(root), (*line)->text);
  }
}

class RealDecisions : public testing::Test {
 protected:
  void SetUp() override {
    if (!std::filesystem::exists(real_folder() + "clinc150_decisions")) GTEST_SKIP() << real_folder() << " is absent";
  }
  // All rows of one split; every one must be read whole.
  void read(const std::string& file, DecisionShape shape) {
    const auto start = std::chrono::steady_clock::now();
    for_each_row(real_folder() + "clinc150_decisions/" + file, [&](JsonValue row, std::string_view line) {
      Checked<DecisionRow> decision =
          read_decision({.request = row["request"], .request_json = line, .response = row["response"]}, {});
      ASSERT_TRUE(std::holds_alternative<DecisionRow>(decision)) << std::get<Rejection>(decision).detail;
      auto& built = std::get<DecisionRow>(decision);
      ledger_.add(built);
      EXPECT_EQ(built.shape, shape);
      std::string_view id;
      ASSERT_EQ(row["id"].get_string().get(id), simdjson::SUCCESS);
      if (const QuestionAnswer* intent = built.find("intent"))
        if (!intent->missing) intents_.emplace(std::string(id), std::pair(intent->options, intent->p));
    });
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start;
    if (std::getenv("NOGGIN_SHOW") != nullptr)
      std::printf("%s: %llu rows, %.0f rows/s\n", file.c_str(), static_cast<unsigned long long>(ledger_.rows()),
                  static_cast<double>(ledger_.rows()) / seconds.count());
  }

  QuestionLedger ledger_;
  std::unordered_map<std::string, std::pair<std::vector<Option>, std::vector<double>>> intents_;
};

TEST_F(RealDecisions, TwoDecimalsAreTheTeachersOwnDistribution) {
  read("train.systemone.jsonl.gz", DecisionShape::kSystemOne);
  EXPECT_EQ(ledger_.rows(), 15250U);
  ASSERT_EQ(ledger_.questions().size(), 3U);
  for (const auto& [name, counts] : ledger_.questions()) {
    EXPECT_EQ(counts.answered, 15250U) << name;
    EXPECT_EQ(counts.log_decimals(), 2) << name;
    EXPECT_EQ(counts.choice_differs, 0U) << name;
    EXPECT_THAT(question_findings(ledger_, name), testing::IsEmpty());
  }
  // The same teacher with all its digits, by id: its 20 most probable classes.
  double largest = 0, total = 0;
  std::uint64_t compared = 0;
  for_each_row(real_folder() + "clinc150/train.jsonl", [&](JsonValue row, std::string_view) {
    std::string_view id;
    ASSERT_EQ(row["id"].get_string().get(id), simdjson::SUCCESS);
    const auto found = intents_.find(std::string(id));
    if (found == intents_.end()) return;
    const auto& [options, p] = found->second;
    for (std::size_t i = 0; i < options.size(); ++i) {
      double logprob = 0;
      if (row["logprobs"][options[i].name].get_double().get(logprob) != simdjson::SUCCESS) continue;
      const double difference = std::abs(p[i] - std::exp(logprob));
      largest = std::max(largest, difference);
      total += difference;
      ++compared;
    }
  });
  EXPECT_EQ(compared, 15250U * 20);
  if (std::getenv("NOGGIN_SHOW") != nullptr)
    std::printf("largest %.4f, mean %.6f\n", largest, total / static_cast<double>(compared));
  EXPECT_LT(total / static_cast<double>(compared), 0.005);  // half a step
}

TEST_F(RealDecisions, TheOtherFormatAsksTheSame) {
  read("val.systemone.jsonl.gz", DecisionShape::kSystemOne);
  const std::string wording = ledger_.questions().at("intent").wordings.begin()->first;
  read("test.openai.jsonl.gz", DecisionShape::kOpenAi);
  EXPECT_EQ(ledger_.rows(), 3100U + 5500U);
  for (const auto& [name, counts] : ledger_.questions()) {
    EXPECT_EQ(counts.rows, counts.answered) << name;
    EXPECT_EQ(counts.wordings.size(), 1U) << name;
    EXPECT_EQ(counts.log_decimals(), 4) << name;
  }
  EXPECT_EQ(ledger_.questions().at("intent").wordings.begin()->first, wording);
  EXPECT_EQ(propose_questions(ledger_).size(), 3U);
}

}  // namespace
}  // namespace noggin::data
