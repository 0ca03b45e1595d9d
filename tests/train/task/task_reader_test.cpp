// What each kind of task makes of an answer: score, description, figures.
#include "train/task/task_reader.h"

#include <gmock/gmock.h>

#include "tests/support/tokenizer_tiny.h"
#include "train/task/figures.h"

namespace noggin::train {
namespace {

using runtime::ClassAnswer;
using runtime::LabelSetAnswer;
using runtime::ScoreAnswer;
using runtime::SpanAnswer;
using spec::TaskKind;
using ::testing::HasSubstr;

std::unique_ptr<const TaskReader> reader(TaskKind kind, std::vector<std::string> labels) {
  format::TaskContents task{std::move(labels), -1};
  task.kind = kind;
  auto made = TaskReader::create(task, tests::tiny_tokenizer(60), 16);
  EXPECT_TRUE(made) << (made ? "" : made.error().message);
  return *std::move(made);
}

data::ExampleTable table(TaskKind kind, std::uint32_t classes, const std::vector<data::Record>& records) {
  data::ExampleTable rows;
  rows.task = kind;
  rows.classes = classes;
  rows.top_k = 1;
  const std::vector<std::uint32_t> tokens = {2, 5, 3};
  for (const data::Record& record : records) rows.append(record, tokens);
  return rows;
}

data::Record record(std::string text) {
  data::Record made;
  made.text = std::move(text);
  return made;
}

double ratio_of(const data::RowScore& score) { return score.of == 0.0 ? -1.0 : score.right / score.of; }

TEST(TaskReader, SingleLabel) {
  data::Record gold = record("a"), none = record("b");
  gold.label = 1;
  const data::ExampleTable rows = table(TaskKind::kSingleLabel, 2, {gold, none});
  const auto task = reader(TaskKind::kSingleLabel, {"bill", "pin"});
  EXPECT_STREQ(task->primary_metric_name(), "accuracy");
  EXPECT_EQ(ratio_of(task->score(rows, 0, ClassAnswer{1, 0.5F, false})), 1.0);
  EXPECT_EQ(ratio_of(task->score(rows, 0, ClassAnswer{0, 0.5F, false})), 0.0);
  EXPECT_EQ(ratio_of(task->score(rows, 1, ClassAnswer{0, 0.5F, false})), -1.0) << "no gold";
  EXPECT_EQ(task->describe(rows, 0, ClassAnswer{1, 0.5F, false}), "pin");
  EXPECT_EQ(task->describe(rows, 0, ClassAnswer{0, 0.5F, true}), "abstain: bill");
  EXPECT_EQ(task->classes({ClassAnswer{1, 0.5F, false}}), std::vector<std::int32_t>{1});
}

TEST(TaskReader, MultiLabel) {
  data::Record gold = record("a");
  gold.gold_values = {1.0F, 0.0F, 1.0F};
  const data::ExampleTable rows = table(TaskKind::kMultiLabel, 3, {gold});
  const auto task = reader(TaskKind::kMultiLabel, {"x", "y", "z"});
  const Prediction half = LabelSetAnswer{{{0, 0.5F}, {1, 0.5F}}};
  EXPECT_EQ(ratio_of(task->score(rows, 0, half)), 0.5);
  EXPECT_EQ(task->describe(rows, 0, half), "x y");
  EXPECT_EQ(task->describe(rows, 0, LabelSetAnswer{}), "nothing");
  EXPECT_FALSE(task->classes({half}));
}

TEST(TaskReader, Score) {
  data::Record gold = record("a");
  gold.gold_values = {0.75F};
  const data::ExampleTable rows = table(TaskKind::kScore, 1, {gold});
  const auto task = reader(TaskKind::kScore, {"score"});
  EXPECT_EQ(ratio_of(task->score(rows, 0, ScoreAnswer{0.4F, true})), 1.0);
  EXPECT_EQ(ratio_of(task->score(rows, 0, ScoreAnswer{0.9F, false})), 0.0);
  EXPECT_EQ(task->describe(rows, 0, ScoreAnswer{0.0625F, false}), "0.063 no");
}

TEST(TaskReader, Tag) {
  data::Record gold = record("hi anna ben");
  gold.has_spans = true;
  gold.spans = {{3, 7, 0}, {8, 11, 0}};
  const data::ExampleTable rows = table(TaskKind::kTag, 3, {gold, record("x")});
  const auto task = reader(TaskKind::kTag, {"O", "B-NAME", "I-NAME"});
  const Prediction one = SpanAnswer{{{{3, 7}, 0, 0.5F}}};
  EXPECT_DOUBLE_EQ(ratio_of(task->score(rows, 0, one)), 2.0 / 3.0);
  EXPECT_EQ(ratio_of(task->score(rows, 1, one)), -1.0);
  EXPECT_EQ(task->describe(rows, 0, one), "NAME[3,7)");
  EXPECT_EQ(task->describe(rows, 0, SpanAnswer{}), "nothing");
  const Figures figures = task->figures(rows, {}, {one, SpanAnswer{}}, {});
  EXPECT_THAT(figures.text, HasSubstr("NAME"));
  EXPECT_EQ(figures.json["types"]["NAME"]["recall"]["value"], 0.5);
}

TEST(TaskReader, ChecksArePartOfAnAnswerButNotOfTheTeachers) {
  format::TaskContents task{{"O", "B-NAME", "I-NAME", "B-MAIL", "I-MAIL"}, -1, TaskKind::kTag};
  task.checks = {{spec::CheckKind::kEmail, 1}};
  const auto reader = *TaskReader::create(task, tests::tiny_tokenizer(60), 16);
  const data::ExampleTable rows = table(TaskKind::kTag, 5, {record("a a@b.de")});
  const ModelInputs inputs = reader->inputs(rows);
  DatasetLogits logits;
  logits.make_room(inputs, 0, 1, 5, true);
  for (std::size_t i = 0; i < logits.values.size(); ++i) logits.values[i] = i % 5 == 1 ? 9.0F : 0.0F;  // all B-NAME
  const auto spans = [](const Prediction& answer) { return std::get<SpanAnswer>(answer).spans; };
  const std::vector<TaggedSpan> found = spans(reader->answer(rows, inputs, logits, 0));
  ASSERT_EQ(found.size(), 2U);
  EXPECT_EQ(found[0].place, (TextSpan{0, 1}));
  EXPECT_EQ(found[1], (TaggedSpan{{2, 8}, 1, 1.0F}));
  EXPECT_EQ(spans(reader->answer_of_logits(rows, inputs, logits, 0)).size(), 6U);
}

TEST(TaskReader, Edit) {
  data::Record gold = record("um hi anna");
  gold.target = "hi anna";
  const data::ExampleTable rows = table(TaskKind::kEdit, 2, {gold});
  const auto task = reader(TaskKind::kEdit, {"keep", "delete"});
  const Prediction right = SpanAnswer{{{{0, 2}, 0, 0.5F}}};
  EXPECT_EQ(task->describe(rows, 0, right), "hi anna");
  EXPECT_EQ(ratio_of(task->score(rows, 0, right)), 1.0);
  EXPECT_EQ(ratio_of(task->score(rows, 0, SpanAnswer{})), 0.0);
  const Figures figures = task->figures(rows, {}, {right}, {});
  EXPECT_EQ(figures.json["word error rate"]["value"], 0.0);
  EXPECT_NEAR(figures.json["word error rate, text unchanged"]["value"].get<double>(), 0.5, 1e-9);
}

TEST(TaskReader, WithoutATokenizerOnlyForTasksPerText) {
  format::TaskContents task{{"O", "B-X", "I-X"}, -1};
  task.kind = TaskKind::kTag;
  EXPECT_FALSE(TaskReader::create(task));
  task.kind = TaskKind::kMultiLabel;
  EXPECT_TRUE(TaskReader::create(task));
  task.kind = TaskKind{9};
  EXPECT_FALSE(TaskReader::create(task));
}

}  // namespace
}  // namespace noggin::train
