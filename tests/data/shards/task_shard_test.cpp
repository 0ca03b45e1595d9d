// Shards of the tasks that are not single_label.
#include <gmock/gmock.h>

#include <functional>
#include <limits>

#include "data/shards/row_checks.h"
#include "data/shards/shard.h"
#include "tests/support/cli_temporary_folder.h"

namespace noggin::data {
namespace {

using spec::TaskKind;
using testing::ElementsAre;
using testing::IsEmpty;

const std::vector<std::uint32_t> kTokens = {2, 7, 8, 3};

// Two rows of 4 tokens: gold and teacher, then neither.
ExampleTable tag_block(TaskKind task = TaskKind::kTag) {
  ExampleTable block;
  block.task = task;
  block.classes = task == TaskKind::kTag ? 3 : 2;
  block.top_k = 2;
  Record row{.id = "a", .text = "Anna ran"};
  row.has_spans = true;
  row.spans = {{0, 4, 0}, {5, 8, 0}};
  row.target = task == TaskKind::kEdit ? "Ran" : "";
  const TokenTargets targets{.label = {-1, 1, 0, -1},
                             .teacher_classes = {-1, -1, 1, 0, 0, -1, -1, -1},
                             .teacher_probabilities = {0, 0, 0.75F, 0.25F, 0.5F, 0, 0, 0}};
  block.append(row, kTokens, targets);
  block.append({.id = "b", .text = "he slept"}, kTokens);
  return block;
}

ExampleTable value_block(TaskKind task) {
  ExampleTable block;
  block.task = task;
  block.classes = task == TaskKind::kScore ? 1 : 3;
  block.top_k = task == TaskKind::kScore ? 1 : 2;
  Record gold{.id = "a", .text = "one"};
  gold.gold_values = task == TaskKind::kScore ? std::vector<float>{0.25F} : std::vector<float>{1, 0, 1};
  block.append(gold, kTokens);
  Record taught{.id = "b", .text = "two"};
  taught.teacher =
      task == TaskKind::kScore ? TeacherDistribution{{0}, {0.5F}} : TeacherDistribution{{1, 2}, {0.75F, 0.9F}};
  block.append(taught, kTokens);
  return block;
}

// Through a file and back.
Result<ExampleTable> copy(const ExampleTable& block, std::uint64_t per_shard = 1000) {
  const test::TemporaryFolder folder;
  auto writer =
      ShardWriter::create(folder.file("x"), block.classes, block.top_k, 1, per_shard, block.task, block.gold_threshold);
  for (std::size_t row = 0; row < block.rows(); ++row) {
    Record record{.id = std::string(block.id_of(row)), .text = std::string(block.text_of(row))};
    const auto values = block.gold_values_of(row);
    record.gold_values.assign(values.begin(), values.end());
    record.has_spans = block.has_gold(row);
    record.spans = block.spans_of(row);
    record.target = block.target_of(row);
    const auto labels = block.label_of(row);
    const auto classes = block.teacher_classes_of(row);
    const auto probabilities = block.teacher_probabilities_of(row);
    if (!block.per_token() && block.has_teacher(row))
      record.teacher = {{classes.begin(), classes.end()}, {probabilities.begin(), probabilities.end()}};
    const TokenTargets targets{.label = {labels.begin(), labels.end()},
                               .teacher_classes = {classes.begin(), classes.end()},
                               .teacher_probabilities = {probabilities.begin(), probabilities.end()}};
    if (Status status = writer->append(record, block.tokens_of(row), targets); !status) return status.error();
  }
  auto paths = writer->finish();
  if (!paths) return paths.error();
  EXPECT_EQ(paths->size(), per_shard == 1000 ? 1U : block.rows());
  return read_shards(*paths);
}

TEST(TaskShard, TagRowsHaveOneLabelAndTeacherPerToken) {
  for (const std::uint64_t per_shard : {1000U, 4U}) {  // 4 entries: a row of 4 tokens fills a shard
    const auto block = copy(tag_block(), per_shard);
    ASSERT_TRUE(block) << block.error().message;
    ASSERT_EQ(block->rows(), 2U);
    EXPECT_TRUE(block->per_token());
    EXPECT_THAT(block->label_of(0), ElementsAre(-1, 1, 0, -1));
    EXPECT_THAT(block->label_of(1), ElementsAre(-1, -1, -1, -1));
    EXPECT_THAT(block->teacher_classes_of(0), ElementsAre(-1, -1, 1, 0, 0, -1, -1, -1));
    EXPECT_THAT(block->teacher_probabilities_of(0), ElementsAre(0, 0, 0.75F, 0.25F, 0.5F, 0, 0, 0));
    EXPECT_TRUE(block->has_gold(0) && block->has_teacher(0));
    EXPECT_FALSE(block->has_gold(1) || block->has_teacher(1));
    EXPECT_THAT(block->spans_of(0), ElementsAre(TypedSpan{0, 4, 0}, TypedSpan{5, 8, 0}));
    EXPECT_THAT(block->spans_of(1), IsEmpty());
    EXPECT_EQ(block->target_of(0), "");
  }
}

TEST(TaskShard, EditRowsKeepTheWantedText) {
  const auto block = copy(tag_block(TaskKind::kEdit), 4);
  ASSERT_TRUE(block) << block.error().message;
  EXPECT_EQ(block->target_of(0), "Ran");
  EXPECT_EQ(block->target_of(1), "");
}

TEST(TaskShard, ValuesAreIndependent) {
  const auto labels = copy(value_block(TaskKind::kMultiLabel));
  ASSERT_TRUE(labels) << labels.error().message;
  EXPECT_THAT(labels->gold_values_of(0), ElementsAre(1, 0, 1));
  EXPECT_THAT(labels->gold_values_of(1), IsEmpty());
  EXPECT_THAT(labels->label, ElementsAre(0, -1));
  EXPECT_THAT(labels->teacher_classes_of(1), ElementsAre(2, 1));
  EXPECT_THAT(labels->teacher_probabilities_of(1), ElementsAre(0.9F, 0.75F)) << "sums above 1 are no lie here";
  ExampleTable scores = value_block(TaskKind::kScore);
  scores.gold_threshold = 0.2F;
  const auto score = copy(scores);
  ASSERT_TRUE(score) << score.error().message;
  EXPECT_THAT(score->gold_values_of(0), ElementsAre(0.25F));
  EXPECT_THAT(score->teacher_probabilities_of(1), ElementsAre(0.5F));
  EXPECT_TRUE(score->gold_yes(0));
  EXPECT_TRUE(copy(scores, 1)) << "every shard has the threshold";
  EXPECT_FALSE(value_block(TaskKind::kScore).gold_yes(0)) << "0.25 is no yes where 0.5 is asked for";
}

TEST(TaskShard, RefusesToMixTasks) {
  const test::TemporaryFolder folder;
  std::vector<std::string> both;
  for (const TaskKind task : {TaskKind::kSingleLabel, TaskKind::kMultiLabel}) {
    auto writer = ShardWriter::create(folder.file(spec::task_name(task)), 3, 2, 1, 10, task);
    ASSERT_TRUE(writer && writer->append({.id = "a", .text = "b"}, kTokens));
    const auto paths = writer->finish();
    ASSERT_TRUE(paths);
    both.push_back(paths->front());
  }
  EXPECT_TRUE(read_shards({both[0], both[0]}));
  EXPECT_FALSE(read_shards(both));
}

TEST(TaskShard, RefusesAScoreThresholdOutsideOfItsRange) {
  ExampleTable scores = value_block(TaskKind::kScore);
  scores.gold_threshold = std::numeric_limits<float>::quiet_NaN();
  const auto read = copy(scores);
  ASSERT_FALSE(read);
  EXPECT_NE(read.error().message.find("score threshold"), std::string::npos) << read.error().message;
}

TEST(TaskShard, RefusesToMixScoreThresholds) {
  const test::TemporaryFolder folder;
  std::vector<std::string> both;
  for (const float threshold : {0.5F, 0.8F}) {
    auto writer = ShardWriter::create(folder.file(std::to_string(threshold)), 1, 1, 1, 10, TaskKind::kScore, threshold);
    ASSERT_TRUE(writer && writer->append({.id = "a", .text = "b"}, kTokens));
    const auto paths = writer->finish();
    ASSERT_TRUE(paths);
    both.push_back(paths->front());
  }
  const auto mixed = read_shards(both);
  ASSERT_FALSE(mixed);
  EXPECT_NE(mixed.error().message.find("score threshold"), std::string::npos);
}

struct Lie {
  const char* what;
  std::function<void(ExampleTable&)> tell;
};

void expect_refused(const std::function<ExampleTable()>& make, const std::vector<Lie>& lies) {
  EXPECT_EQ(check_rows(make(), 2), "");
  for (const Lie& lie : lies) {
    ExampleTable block = make();
    lie.tell(block);
    EXPECT_NE(check_rows(block, 2), "") << lie.what;
  }
}

TEST(TaskShard, RefusesLies) {
  constexpr float kNan = std::numeric_limits<float>::quiet_NaN();
  expect_refused([] { return tag_block(TaskKind::kEdit); },
                 {{"a label per row", [](ExampleTable& b) { b.label.resize(2); }},
                  {"label", [](ExampleTable& b) { b.label[1] = 3; }},
                  {"teacher sum", [](ExampleTable& b) { b.teacher_probabilities[2] = 0.9F; }},
                  {"gold rows", [](ExampleTable& b) { b.gold_rows.pop_back(); }},
                  {"gold value", [](ExampleTable& b) { b.gold_rows[1] = 2; }},
                  {"spans without gold", [](ExampleTable& b) { b.gold_rows[0] = 0; }},
                  {"empty span", [](ExampleTable& b) { b.span_end[0] = 0; }},
                  {"overlap", [](ExampleTable& b) { b.span_end[0] = 6; }},
                  {"span beyond", [](ExampleTable& b) { b.span_end[1] = 9; }},
                  {"span type", [](ExampleTable& b) { b.span_type[1] = 7; }},
                  {"spans short", [](ExampleTable& b) { b.span_type.pop_back(); }},
                  {"span offsets", [](ExampleTable& b) { b.span_offsets.back() = 1; }},
                  {"target offsets", [](ExampleTable& b) { b.target_offsets.pop_back(); }},
                  {"target", [](ExampleTable& b) { b.target += "x"; }}});
  expect_refused([] { return value_block(TaskKind::kMultiLabel); },
                 {{"gold above", [](ExampleTable& b) { b.gold_values[0] = 1.5F; }},
                  {"gold NaN", [](ExampleTable& b) { b.gold_values[4] = kNan; }},
                  {"label is a class", [](ExampleTable& b) { b.label[0] = 1; }},
                  {"teacher", [](ExampleTable& b) { b.teacher_probabilities[2] = 1.1F; }}});
}

}  // namespace
}  // namespace noggin::data
