// What noggin-run prints for models that are no plain classifiers.
#include <gmock/gmock.h>

#include "prediction/json_writer.h"
#include "streams/json_reader.h"
#include "tests/support/engine_model.h"
#include "tests/support/engine_process.h"

namespace noggin {
namespace {

using ::testing::HasSubstr;
using ::testing::MatchesRegex;
using ::testing::Not;

class TaskLines : public ::testing::Test {
 protected:
  test::ProcessResult run(const format::FrozenModel& frozen, std::vector<std::string> words, const std::string& input) {
    const std::vector<std::byte> bytes = test::serialized(frozen);
    words.insert(words.begin(),
                 folder_.write("model.nog", {reinterpret_cast<const char*>(bytes.data()), bytes.size()}));
    words.insert(words.begin(), std::string(NOGGIN_BIN_DIR) + "/noggin-run");
    return test::run_process(words, input);
  }
  test::TestFolder folder_;
};

format::FrozenModel labels_model(std::vector<float> thresholds) {
  format::FrozenModel frozen = test::frozen_model_with_golden(test::engine_config(), 41);
  frozen.task.kind = TaskKind::kMultiLabel;
  frozen.task.none_class = -1;
  frozen.task.thresholds = std::move(thresholds);
  return frozen;
}

TEST_F(TaskLines, AnAbstainedAnswerSaysWhy) {
  format::FrozenModel frozen = test::frozen_model_with_golden(test::engine_config(), 41);
  frozen.task.temperature = 20.0F;  // no class of three can be sure then
  frozen.task.abstain_below = 0.9375F;
  const test::ProcessResult text = run(frozen, {}, "the thing\n");
  EXPECT_THAT(text.output, MatchesRegex("abstain\tprobability 0\\.[0-9]+ below 0\\.9375\n")) << text.errors;
  const test::ProcessResult json = run(frozen, {"--json"}, "the thing\n");
  const Result<JsonValue> row = parse_json(std::string_view(json.output).substr(0, json.output.size() - 1));
  ASSERT_TRUE(row) << json.output;
  EXPECT_EQ(row->find("abstained")->kind, JsonValue::Kind::kTrue);
  EXPECT_THAT(row->find("reason")->text, MatchesRegex("probability 0\\.[0-9]+ below 0\\.9375"));
  EXPECT_THAT(row->find("label")->text, HasSubstr("label_"));
  frozen.task.abstain_below = 0.25F;
  EXPECT_THAT(run(frozen, {}, "the thing\n").output, MatchesRegex("label_[0-2]\t0\\.[0-9]+\n"));
  EXPECT_THAT(run(frozen, {"--json"}, "the thing\n").output, Not(HasSubstr("abstain")));
}

TEST_F(TaskLines, LabelsThatReachTheirThreshold) {
  EXPECT_THAT(run(labels_model({0, 0, 0}), {}, "the thing\n\n").output,
              MatchesRegex("(label_0\t[0-9.]+\tlabel_1\t[0-9.]+\tlabel_2\t[0-9.]+\n){2}"));
  EXPECT_EQ(run(labels_model({1, 1, 1}), {}, "the thing\na\n").output, "\n\n");
  const std::string one = run(labels_model({1, 0, 1}), {"--json", "--logits"}, "the thing\n").output;
  const Result<JsonValue> row = parse_json(std::string_view(one).substr(0, one.size() - 1));
  ASSERT_TRUE(row) << one;
  ASSERT_EQ(row->find("labels")->items.size(), 1U);
  EXPECT_EQ(row->find("labels")->items[0].find("label")->text, "label_1");
  EXPECT_EQ(row->find("logits")->items.size(), 3U);
}

TEST_F(TaskLines, AScoreIsANumber) {
  spec::ModelConfig config = test::engine_config();
  config.classes = 1;
  const format::FrozenModel frozen = test::frozen_model_with_golden(config, 41);
  EXPECT_THAT(run(frozen, {}, "the thing\na\n").output, MatchesRegex("([01]\\.[0-9]+\t(yes|no)\n){2}"));
  EXPECT_THAT(run(frozen, {"--json"}, "a\n").output, HasSubstr("\"score\":"));
  EXPECT_EQ(run(frozen, {"--bench"}, "a\n").exit_code, 0);
  EXPECT_EQ(run(frozen, {"--self-test"}, "").exit_code, 0);
}

TEST_F(TaskLines, InfoShowsTheDecision) {
  format::FrozenModel frozen = labels_model({0.5F, 0.25F, 0.75F});
  frozen.task.temperature = 1.5F;
  const std::string text = run(frozen, {"--info"}, "").output;
  EXPECT_THAT(text, HasSubstr("task           multi_label, temperature 1.5\n"));
  EXPECT_THAT(text, HasSubstr("label_1 (from 0.25)"));
  const std::string json = run(frozen, {"--info", "--json"}, "").output;
  EXPECT_THAT(json, HasSubstr("\"task\":\"multi_label\",\"temperature\":1.5,"));
  EXPECT_THAT(json, HasSubstr("\"thresholds\":[0.5,0.25,0.75]"));
  frozen = test::frozen_model_with_golden(test::engine_config(), 41);
  frozen.task.abstain_below = 0.75F;
  EXPECT_THAT(run(frozen, {"--info"}, "").output, HasSubstr("single_label, temperature 1, abstains below 0.75\n"));
}

TEST_F(TaskLines, VerifyComparesEveryTokenOfATagger) {
  spec::ModelConfig config = test::engine_config();
  config.pooling = spec::Pooling::kEveryToken;
  const format::FrozenModel frozen = test::frozen_model_with_golden(config, 41);
  EXPECT_EQ(run(frozen, {"--self-test"}, "").exit_code, 0);
  EXPECT_EQ(run(frozen, {"--bench"}, "a\n").exit_code, 0);
  std::string rows;
  for (const format::GoldenVector& golden : frozen.golden) {
    if (golden.text.starts_with('\xFF')) continue;  // JSON cannot say what is no UTF-8
    JsonObject(rows).text("text", golden.text).floats("logits", golden.logits).finish();
    rows += '\n';
  }
  const std::string parity = folder_.write("parity.jsonl", rows);
  const test::ProcessResult equal = run(frozen, {"--verify", parity}, "");
  EXPECT_EQ(equal.exit_code, 0) << equal.errors << equal.output;
  EXPECT_THAT(equal.output, HasSubstr("equal to the last bit"));
  format::FrozenModel other = frozen;
  other.tensors["head.classifier"].bias[1] += 1;  // one class of every token
  EXPECT_EQ(run(other, {"--verify", parity}, "").exit_code, 5);
}

}  // namespace
}  // namespace noggin
