// Rows that are large in one direction: time and memory stay near those of the row.
#include <chrono>

#include "data/decisions/question_classes.h"
#include "tests/data/decisions/decision_samples.h"

namespace noggin::data {
namespace {

using test_decisions::read_row;

constexpr int kMany = 50'000;
constexpr double kSeconds = 20.0;  // quadratic work takes minutes

class HostileDecisions : public testing::Test {
 protected:
  ~HostileDecisions() override {
    const std::chrono::duration<double> seconds = std::chrono::steady_clock::now() - start_;
    EXPECT_LT(seconds.count(), kSeconds);
  }
  // "head0tail", ... joined by commas, the last first if wanted.
  static std::string listed(const std::string& head, const std::string& tail, bool is_reversed = false) {
    std::string list;
    for (int i = 0; i < kMany; ++i) {
      if (i > 0) list += ',';
      list.append(head).append(std::to_string(is_reversed ? kMany - 1 - i : i)).append(tail);
    }
    return list;
  }
  static std::string braced(std::string list) { return "{" + std::move(list) + "}"; }

 private:
  std::chrono::steady_clock::time_point start_ = std::chrono::steady_clock::now();
};

TEST_F(HostileDecisions, ManyOptionsInAnotherOrder) {
  std::string p = listed("\"o", "\":0", true);
  p += R"(,"last":1)";
  std::string criteria = listed("\"o", "\":null");
  criteria += R"(,"last":null)";
  QuestionLedger ledger;
  DecisionRow row = read_row(test_decisions::shelf_request(braced(criteria)), test_decisions::shelf_answer(braced(p)));
  ledger.add(row);
  DecisionRow reversed =
      read_row(test_decisions::shelf_request(braced(R"("last":null,)" + listed("\"o", "\":null", true))),
               test_decisions::shelf_answer(braced(p)));
  ledger.add(reversed);
  ASSERT_FALSE(reversed.questions[0].missing);
  EXPECT_EQ(reversed.questions[0].p[0], 1.0);
  const LabelSet labels = *LabelSet::create(class_names(row.questions[0]));
  QuestionMapper mapper("shelf", spec::TaskKind::kSingleLabel, labels);
  EXPECT_TRUE(std::holds_alternative<ClassProbabilities>(mapper.map(row)));
  EXPECT_TRUE(std::holds_alternative<ClassProbabilities>(mapper.map(reversed)));
}

TEST_F(HostileDecisions, ManyQuestionsAnsweredInAnotherOrder) {
  const DecisionRow row = read_row(
      R"({"input": "x", "questions": [)" + listed(R"({"type": "predicate", "name": "q)", "\"}") + "]}",
      R"({"answers": [)" + listed(R"({"type": "predicate", "probability": 0.5, "name": "q)", "\"}", true) + "]}");
  ASSERT_EQ(row.questions.size(), static_cast<std::size_t>(kMany));
  for (const QuestionAnswer& question : row.questions) EXPECT_FALSE(question.missing);
  EXPECT_EQ(row.unasked, 0U);
}

TEST_F(HostileDecisions, ALongKeyBeforeManyLeaves) {
  const std::string state = R"({"state": {")" + std::string(100'000, 'k') + R"(": [)" + listed("", "") +
                            R"(]}, "questions": {"q": {"type": "noul"}}})";
  EXPECT_EQ(test_decisions::refused(state, R"({"answers": {}})"), Reason::kLineTooLong);
}

TEST_F(HostileDecisions, ManyFieldsThatMightHoldTheInput) {
  const std::string state = R"({"meta": [)" + listed(R"({"state": {"n": )", ".0}}") +
                            R"(], "state": {"n": 1.50}, "questions": {"q": {"type": "noul"}}})";
  EXPECT_EQ(read_row(state, R"({"answers": {}})").text, "n: 1.50");
}

}  // namespace
}  // namespace noggin::data
