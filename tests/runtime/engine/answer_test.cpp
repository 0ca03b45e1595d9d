// From logits to answers: temperature, abstaining, thresholds, and which call suits which task.
#include "engine/answer.h"

#include <gmock/gmock.h>

#include <cmath>

#include "format/reader.h"
#include "spec/formulas.h"
#include "tests/support/engine_model.h"

namespace noggin {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;

const std::vector<float> kSomeLogits = {0.5F, -1.25F, 2.0F, 1.75F};

std::vector<float> probabilities_of(const std::vector<float>& logits, const format::Decision& decision) {
  std::vector<float> result(logits.size());
  runtime::probabilities_of(logits, decision, result.data());
  return result;
}

TEST(Answer, ProbabilityIsTheSoftmaxOfTheBestClass) {
  double sum = 0;
  for (const float logit : kSomeLogits) sum += std::exp(static_cast<double>(logit) - 2.0);
  const Answer answer = runtime::answer_of(kSomeLogits, {});
  EXPECT_EQ(answer.label, 2U);
  EXPECT_FALSE(answer.abstained);
  EXPECT_NEAR(answer.probability, 1.0 / sum, 4e-7);  // 4 exponentials of 1 ulp, 3 sums, 1 quotient
  EXPECT_EQ(runtime::answer_of(std::vector<float>{900.0F, -900.0F}, {}).probability, 1.0F);
  EXPECT_EQ(runtime::answer_of(std::vector<float>{-3.0F, -3.0F}, {}).probability, 0.5F);
}

// What NUMERICS.md states, and what runtimes before temperatures gave.
TEST(Answer, TemperatureOneChangesNoBit) {
  test::Random random(4);
  for (int i = 0; i < 2000; ++i) {
    std::vector<float> logits(2 + random.below(9));
    for (float& logit : logits) logit = random.uniform(-30.0F, 30.0F);
    const float largest = logits[runtime::argmax(logits)];
    float sum = 0.0F;
    for (const float logit : logits) sum += spec::exp(logit - largest);
    ASSERT_EQ(runtime::answer_of(logits, {}).probability, 1.0F / sum);
  }
}

TEST(Answer, TemperatureDividesBeforeAnythingElse) {
  for (const float temperature : {0.05F, 0.7F, 3.0F, 20.0F}) {
    const format::Decision decision{TaskKind::kSingleLabel, temperature};
    std::vector<float> divided;
    for (const float logit : kSomeLogits) divided.push_back(logit / temperature);
    const Answer answer = runtime::answer_of(kSomeLogits, decision);
    EXPECT_EQ(answer.label, 2U);
    EXPECT_EQ(answer.probability, runtime::answer_of(divided, {}).probability);
    EXPECT_EQ(test::bits(probabilities_of(kSomeLogits, decision)), test::bits(probabilities_of(divided, {})));
    EXPECT_EQ(probabilities_of(kSomeLogits, decision)[2], answer.probability);  // bit for bit
  }
}

TEST(Answer, AbstainsBelowTheThresholdOnly) {
  const float probability = runtime::answer_of(kSomeLogits, {}).probability;
  const float above = std::nextafter(probability, 1.0F);
  EXPECT_FALSE(runtime::answer_of(kSomeLogits, {TaskKind::kSingleLabel, 1.0F, probability}).abstained);
  EXPECT_TRUE(runtime::answer_of(kSomeLogits, {TaskKind::kSingleLabel, 1.0F, above}).abstained);
  EXPECT_EQ(runtime::answer_of(kSomeLogits, {TaskKind::kSingleLabel, 1.0F, above}).label, 2U);  // still told
}

TEST(Answer, ScoresAndLabelsOfTheirOwnAreSigmoids) {
  const format::Decision score{TaskKind::kScore, 2.0F}, labels{TaskKind::kMultiLabel, 2.0F};
  for (const float logit : {-200.0F, -3.0F, -0.0F, 0.4F, 7.5F, 300.0F}) {
    const Answer answer = runtime::answer_of(std::vector<float>{logit}, score);
    EXPECT_EQ(answer.label, 0U);
    EXPECT_FALSE(answer.abstained);
    EXPECT_EQ(answer.probability, spec::sigmoid(logit / 2.0F));
    EXPECT_EQ(probabilities_of({logit, 1.0F}, labels)[0], answer.probability);
  }
}

test::OpenModel model_of(TaskKind kind) {
  spec::ModelConfig config = test::engine_config();
  if (kind == TaskKind::kScore) config.classes = 1;
  if (kind == TaskKind::kTag) config.pooling = spec::Pooling::kEveryToken;
  format::FrozenModel frozen = test::frozen_model_with_golden(config, 8);
  if (kind == TaskKind::kMultiLabel) {
    frozen.task.kind = kind;
    frozen.task.none_class = -1;
    frozen.task.thresholds = {0.25F, 0.5F, 0.75F};
  }
  frozen.task.temperature = 1.5F;
  if (kind == TaskKind::kSingleLabel) frozen.task.abstain_below = 0.875F;
  return test::open_model(frozen);
}

TEST(TaskOfAModel, IsTold) {
  for (const TaskKind kind : {TaskKind::kSingleLabel, TaskKind::kMultiLabel, TaskKind::kTag, TaskKind::kScore}) {
    const test::OpenModel open = model_of(kind);
    EXPECT_EQ(open.model.task(), kind);
    EXPECT_EQ(open.model.temperature(), 1.5F);
    EXPECT_EQ(open.model.abstain_below(), kind == TaskKind::kSingleLabel ? 0.875F : 0.0F);
    EXPECT_EQ(open.model.threshold(0), kind == TaskKind::kMultiLabel ? 0.25F : 0.5F);
    EXPECT_EQ(open.model.span_types().size(), kind == TaskKind::kTag ? 1U : 0U);
  }
  EXPECT_EQ(model_of(TaskKind::kTag).model.span_types()[0], "type_0");
}

TEST(TaskOfAModel, DecidesWhichCallsAreAnswered) {
  for (const TaskKind kind : {TaskKind::kSingleLabel, TaskKind::kMultiLabel, TaskKind::kTag, TaskKind::kScore}) {
    const test::OpenModel open = model_of(kind);
    Session session = *Session::create(open.model);
    const bool classified = kind == TaskKind::kSingleLabel || kind == TaskKind::kScore;
    const std::string_view texts[] = {"the thing"};
    Answer answers[1];
    EXPECT_EQ(static_cast<bool>(session.classify("the thing")), classified);
    EXPECT_EQ(static_cast<bool>(session.classify_batch(texts, answers)), classified);
    EXPECT_EQ(static_cast<bool>(session.probabilities("the thing")), kind != TaskKind::kTag);
    EXPECT_TRUE(session.logits(session.tokenize("the thing")));
    EXPECT_EQ(session.self_test().failed, 0U);
  }
  const test::OpenModel open = model_of(TaskKind::kTag);
  const Error error = Session::create(open.model)->classify("a").error();
  EXPECT_EQ(error.code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(error.message,
              AllOf(HasSubstr("classify"), HasSubstr("single_label or score"), HasSubstr("this model's is tag")));
}

TEST(TaskOfAModel, AnswersComeFromTheLogits) {
  for (const TaskKind kind : {TaskKind::kSingleLabel, TaskKind::kMultiLabel, TaskKind::kScore}) {
    const test::OpenModel open = model_of(kind);
    for (const std::string& name : test::executable_kernel_sets()) {
      Session session = *Session::create(open.model, name);
      for (const std::string& text : test::sample_texts()) {
        const std::vector<float> found = test::copied(*session.probabilities(text));
        const std::vector<float> logits = test::copied(session.last_logits());
        EXPECT_EQ(test::bits(found), test::bits(probabilities_of(logits, open.model.view().decision)));
        if (kind == TaskKind::kMultiLabel) continue;
        const Answer answer = *session.classify(text);
        EXPECT_EQ(answer.probability, found[answer.label]);
        EXPECT_EQ(answer.abstained, kind == TaskKind::kSingleLabel && answer.probability < 0.875F);
      }
    }
  }
}

}  // namespace
}  // namespace noggin
