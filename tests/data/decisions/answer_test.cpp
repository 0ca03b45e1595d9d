// Closed sets: what rounding explains, what it does not, and which numbers are probabilities at all.
#include "data/decisions/answer.h"

#include <cmath>
#include <numeric>
#include <random>

#include "tests/data/decisions/decision_samples.h"

namespace noggin::data {
namespace {

using test_decisions::Json;
using test_decisions::missing;
using test_decisions::shelf;
using testing::DoubleEq;
using testing::DoubleNear;
using testing::ElementsAre;

TEST(Answer, DividesOutWhatRoundingExplains) {
  const QuestionAnswer above = shelf(R"({"a": 0.34, "b": 0.34, "c": 0.33})");
  EXPECT_TRUE(above.was_rounded);
  EXPECT_EQ(above.decimals, 2);
  EXPECT_THAT(above.p, ElementsAre(DoubleEq(0.34 / 1.01), DoubleEq(0.34 / 1.01), DoubleEq(0.33 / 1.01)));
  const QuestionAnswer below = shelf(R"({"a": 0.33, "b": 0.33, "c": 0.33})");
  EXPECT_THAT(below.p, ElementsAre(DoubleEq(1.0 / 3), DoubleEq(1.0 / 3), DoubleEq(1.0 / 3)));
  EXPECT_FALSE(shelf(R"({"a": 0.5, "b": 0.25, "c": 0.25})").was_rounded);
}

TEST(Answer, RefusesASumThatRoundingDoesNotExplain) {
  EXPECT_EQ(missing(shelf(R"({"a": 0.5, "b": 0.33, "c": 0.15})")), Reason::kSumNotOne);  // 0.98, bound 0.015
  EXPECT_EQ(missing(shelf(R"({"a": 0.5, "b": 0.35, "c": 0.17})")), Reason::kSumNotOne);
  EXPECT_FALSE(shelf(R"({"a": 0.5, "b": 0.33, "c": 0.16})").missing);
  EXPECT_EQ(missing(shelf(R"({"a": 0.5, "b": 0.334, "c": 0.16})")),
            Reason::kSumNotOne);  // three decimals, bound 0.0015
  EXPECT_EQ(missing(shelf(R"({"a": 0.612345678, "b": 0.2, "c": 0.18})")), Reason::kSumNotOne);
  // A gateway wrote zeros for options that the answer lacked.
  EXPECT_EQ(missing(shelf(R"({"a": 0.61, "b": 0.0, "c": 0.0})")), Reason::kSumNotOne);
  EXPECT_EQ(missing(shelf(R"({"a": 0.0, "b": 0.0, "c": 0.0})")), Reason::kSumNotOne);
  EXPECT_EQ(missing(shelf(R"({"a": 0.61})")), Reason::kSumNotOne);
  EXPECT_THAT(shelf(R"({"a": 0.75, "c": 0.25})").p, ElementsAre(0.75, 0.0, 0.25));  // left out at no mass
}

TEST(Answer, SinglePrecisionIsKnownToBeRounded) {
  const QuestionAnswer floats =
      shelf(R"({"a": 0.8399999737739563, "b": 0.11999999731779099, "c": 0.029999999329447746})");  // 0.84, 0.12, 0.03
  EXPECT_EQ(floats.decimals, 2);
  EXPECT_THAT(floats.p, ElementsAre(DoubleNear(0.84 / 0.99, 1e-7), DoubleNear(0.12 / 0.99, 1e-7), testing::_));
  EXPECT_FALSE(shelf(R"({"a": 0.3333333432674408, "b": 0.3333333432674408, "c": 0.3333333432674408})").missing);
}

// Any distribution over any number of options, rounded option by option to any number of decimals, is accepted, and
// what comes out is as near to it as rounding allows.
TEST(Answer, EveryRoundedDistributionIsRead) {
  std::mt19937 random(7);
  for (int round = 0; round < 400; ++round) {
    const std::size_t n = 2 + random() % 60;
    const int decimals = 2 + static_cast<int>(random() % 5);
    std::vector<double> truth(n);
    for (double& p : truth) p = std::pow(std::uniform_real_distribution<>(0.0, 1.0)(random), 1 + round % 9);
    const double sum = std::accumulate(truth.begin(), truth.end(), 0.0);
    std::string criteria, listed;
    for (std::size_t i = 0; i < n; ++i) {
      truth[i] /= sum;
      std::array<char, 32> shown;
      std::snprintf(shown.data(), shown.size(), "%.*f", decimals, truth[i]);
      const std::string comma = i == 0 ? "" : ", ";
      criteria += comma;
      criteria.append("\"o").append(std::to_string(i)).append("\": null");
      listed += comma;
      listed.append("\"o").append(std::to_string(i)).append("\": ").append(shown.data());
    }
    std::string answer = "{";
    answer.append(listed).append("}");
    std::string asked = "{";
    asked.append(criteria).append("}");
    const DecisionRow row =
        test_decisions::read_row(test_decisions::shelf_request(asked), test_decisions::shelf_answer(answer));
    const QuestionAnswer& read = row.questions.at(0);
    ASSERT_FALSE(read.missing) << answer << reason_code(read.missing->reason) << read.missing->detail;
    EXPECT_LE(read.decimals, decimals);
    const double step = std::pow(10.0, -decimals);
    double total = 0;
    for (std::size_t i = 0; i < n; ++i) {
      total += read.p[i];
      const double slack = 0.5 * step + truth[i] * 0.5 * step * static_cast<double>(n) * 4;
      EXPECT_NEAR(read.p[i], truth[i], slack + 1e-6) << answer;
    }
    EXPECT_NEAR(total, 1.0, 1e-12);
  }
}

TEST(Answer, ProbabilitiesAreNumbersFromZeroToOne) {
  EXPECT_EQ(missing(shelf(R"({"a": 1.5, "b": -0.5, "c": 0})")), Reason::kProbabilityOutOfRange);
  EXPECT_EQ(missing(shelf(R"({"a": -0.01, "b": 1, "c": 0.01})")), Reason::kProbabilityOutOfRange);
  EXPECT_EQ(missing(shelf(R"({"a": "NaN", "b": 1, "c": 0})")), Reason::kProbabilityOutOfRange);
  EXPECT_EQ(missing(shelf(R"({"a": "-Infinity", "b": 1, "c": 0})")), Reason::kProbabilityOutOfRange);
  EXPECT_EQ(missing(shelf(R"({"a": true, "b": 1, "c": 0})")), Reason::kWrongType);
  EXPECT_THAT(shelf(R"({"a": "0.5", "b": null, "c": 0.5})").p, ElementsAre(0.5, 0.0, 0.5));
}

TEST(Answer, OptionsAreThoseAskedAndEachOnce) {
  EXPECT_EQ(missing(shelf(R"({"a": 0.5, "b": 0.3, "d": 0.2})")), Reason::kUnknownOption);
  EXPECT_EQ(missing(shelf(R"({"a": 0.5, "A": 0.3, "b": 0.2})")), Reason::kUnknownOption);
  EXPECT_EQ(missing(shelf(R"({"a": 0.5, "a": 0.3, "b": 0.2})")), Reason::kRepeatedField);
  EXPECT_EQ(missing(shelf(R"([{"value": "a", "probability": 0.5}, {"value": "a", "probability": 0.5}])")),
            Reason::kRepeatedField);
  EXPECT_THAT(shelf(R"([{"value": "c", "probability": 0.5}, {"value": "a", "probability": 0.5}])").p,
              ElementsAre(0.5, 0.0, 0.5));
  EXPECT_EQ(missing(shelf("{}")), Reason::kNoProbabilities);
  EXPECT_EQ(missing(shelf("[]")), Reason::kNoProbabilities);
}

TEST(Answer, ProbabilitiesAreBelievedAgainstTheChoice) {
  const std::string p = R"({"a": 0.4, "b": 0.4, "c": 0.2})";
  EXPECT_FALSE(shelf(p, R"(, "choice": "b")").choice_differs);  // a tie
  const QuestionAnswer differs = shelf(p, R"(, "choice": "c", "confidence": 0.99)");
  EXPECT_TRUE(differs.choice_differs);
  EXPECT_THAT(differs.p, ElementsAre(DoubleEq(0.4), DoubleEq(0.4), DoubleEq(0.2)));
  EXPECT_TRUE(shelf(p, R"(, "choice": "z")").choice_differs);
}

TEST(Answer, OnlyTheFieldsOfTheFormatAreMasses) {
  EXPECT_FALSE(shelf(R"({"a": 1, "b": 0, "c": 0})", R"(, "x_option_mass": 0.1)").missing);
  EXPECT_EQ(missing(shelf(R"({"a": 1, "b": 0, "c": 0})", R"(, "option_mass": 0.1)")), Reason::kLowClassMass);
  EXPECT_FALSE(shelf(R"({"a": 1, "b": 0, "c": 0})", R"(, "option_mass": 0.1)", {.min_class_mass = 0.1}).missing);
}

TEST(Answer, AChoiceAloneIsALabelOnlyIfWanted) {
  const std::string request = test_decisions::shelf_request();
  const auto read = [&](const std::string& answer, bool wanted) {
    return test_decisions::read_row(request, R"({"answers": {"shelf": )" + answer + "}}", {.choice_as_label = wanted})
        .questions.at(0);
  };
  EXPECT_EQ(missing(read(R"({"type": "choice", "choice": "b"})", false)), Reason::kNoProbabilities);
  const QuestionAnswer label = read(R"({"type": "choice", "choice": "b"})", true);
  EXPECT_FALSE(label.missing);
  EXPECT_EQ(label.label, 1);
  EXPECT_TRUE(label.p.empty());
  EXPECT_EQ(missing(read(R"({"type": "choice", "choice": "z"})", true)), Reason::kUnknownOption);
  EXPECT_EQ(missing(read(R"({"type": "noul", "noul": 0.5})", true)), Reason::kAnswerType);
  EXPECT_EQ(missing(read(R"("b")", true)), Reason::kWrongType);
  EXPECT_EQ(missing(read(R"({"type": "choice", "error": "late"})", true)), Reason::kTeacherError);
}

class Score : public testing::Test {
 protected:
  static QuestionAnswer read(const std::string& answer) {
    return test_decisions::read_row(
               R"({"state": "x", "questions": {"q": {"type": "score", "criteria": ["low", "mid", "high"]}}})",
               R"({"answers": {"q": {"type": "score", )" + answer + "}}}")
        .questions.at(0);
  }
};

TEST_F(Score, LevelsAreTakenByPosition) {
  EXPECT_THAT(read(R"("probabilities": {"2": 0.5, "0": 0.25, "1": 0.25})").p, ElementsAre(0.25, 0.25, 0.5));
  EXPECT_THAT(read(R"("probabilities": [{"value": 1, "label": "mid", "probability": 1.0}])").p, ElementsAre(0, 1, 0));
  EXPECT_EQ(missing(read(R"("probabilities": {"1": 0.25, "2": 0.25, "3": 0.5})")), Reason::kUnknownOption);
  EXPECT_THAT(read(R"("probabilities": {"high": 0.5, "low": 0.25, "mid": 0.25})").p, ElementsAre(0.25, 0.25, 0.5));
  EXPECT_EQ(missing(read(R"("score": 1.2)")), Reason::kNoProbabilities);
}

TEST_F(Score, TheMeanAndTheLegendAreCompared) {
  const std::string p = R"("probabilities": {"0": 0.1, "1": 0.2, "2": 0.7})";  // mean 1.6; slack 0.02 + 0.005 * 4
  EXPECT_FALSE(read(p).score_differs);
  EXPECT_FALSE(read(R"("score": 1.639, )" + p).score_differs);
  EXPECT_TRUE(read(R"("score": 1.641, )" + p).score_differs);
  EXPECT_FALSE(read(R"("legend": {"0": "low", "1": "mid", "2": "high"}, )" + p).legend_differs);
  EXPECT_TRUE(read(R"("legend": {"0": "high", "1": "mid", "2": "low"}, )" + p).legend_differs);
  EXPECT_TRUE(read(R"("legend": {"0": "low", "1": "mid"}, )" + p).legend_differs);
  EXPECT_TRUE(read(R"("probabilities": [{"value": 1, "label": "low", "probability": 1.0}])").legend_differs);
}

TEST(YesNo, TakesEveryFormatAndChecksItsRange) {
  const auto read = [](const std::string& answer) {
    return test_decisions::read_row(R"({"state": "x", "questions": {"q": {"type": "noul", "instructions": "?"}}})",
                                    R"({"answers": {"q": {)" + answer + "}}}")
        .questions.at(0);
  };
  EXPECT_THAT(read(R"("type": "noul", "noul": 0.75)").p, ElementsAre(0.25, 0.75));
  EXPECT_THAT(read(R"("probability": 0.75)").p, ElementsAre(0.25, 0.75));
  EXPECT_THAT(read(R"("probabilities": {"true": 0.75, "false": 0.25})").p, ElementsAre(0.25, 0.75));
  EXPECT_THAT(
      read(R"("probabilities": [{"value": true, "probability": 0.75}, {"value": false, "probability": 0.25}])").p,
      ElementsAre(0.25, 0.75));
  EXPECT_EQ(read(R"("noul": 0.0625)").decimals, 4);
  EXPECT_EQ(missing(read(R"("noul": 1.5)")), Reason::kProbabilityOutOfRange);
  EXPECT_EQ(missing(read(R"("noul": null, "type": "noul")")), Reason::kNoProbabilities);
  EXPECT_EQ(missing(read(R"("probabilities": {"yes": 0.7, "no": 0.1})")), Reason::kSumNotOne);
  EXPECT_FALSE(read(R"("noul": 0.99)").clipped);
}

}  // namespace
}  // namespace noggin::data
