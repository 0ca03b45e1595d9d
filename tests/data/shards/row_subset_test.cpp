#include "data/shards/row_subset.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace noggin::data {
namespace {

using testing::ElementsAre;

ExampleTable table_of(spec::TaskKind task, std::uint32_t classes) {
  ExampleTable table;
  table.task = task;
  table.classes = classes;
  table.top_k = 2;
  return table;
}

TEST(RowSubset, CopiesTextsLabelsAndTeachers) {
  ExampleTable table = table_of(spec::TaskKind::kSingleLabel, 3);
  for (std::int32_t i = 0; i < 3; ++i) {
    Record record{
        .id = "row-" + std::to_string(i), .text = std::string(1U + static_cast<unsigned>(i), 'x'), .label = i};
    record.teacher = {{i}, {0.5F}};
    table.append(record, std::vector<std::uint32_t>(static_cast<std::size_t>(i) + 1, 7));
  }
  const ExampleTable some = rows_at(table, std::vector<std::uint32_t>{2, 0, 2});
  ASSERT_EQ(some.rows(), 3U);
  EXPECT_EQ(some.text_of(0), "xxx");
  EXPECT_EQ(some.id_of(1), "row-0");
  EXPECT_EQ(some.tokens_of(2).size(), 3U);
  EXPECT_THAT(some.label, ElementsAre(2, 0, 2));
  EXPECT_THAT(some.teacher_classes_of(0), ElementsAre(2, -1));
  EXPECT_EQ(some.key[1], table.key[0]);
}

TEST(RowSubset, CopiesGoldValues) {
  ExampleTable table = table_of(spec::TaskKind::kMultiLabel, 2);
  for (const float value : {0.25F, 0.75F}) {
    Record record{.text = "t"};
    record.gold_values = {value, 1.0F};
    table.append(record, std::vector<std::uint32_t>{1});
  }
  const ExampleTable some = rows_at(table, std::vector<std::uint32_t>{1});
  EXPECT_THAT(some.gold_values_of(0), ElementsAre(0.75F, 1.0F));
}

TEST(RowSubset, CopiesTokensAndSpans) {
  ExampleTable table = table_of(spec::TaskKind::kTag, 3);
  for (std::uint32_t i = 0; i < 2; ++i) {
    Record record{.text = "some text"};
    record.has_spans = true;
    for (std::uint32_t span = 0; span <= i; ++span) record.spans.push_back({span * 5, span * 5 + 4, 0});
    TokenTargets targets;
    targets.label.assign(i + 2, static_cast<std::int32_t>(i));
    table.append(record, std::vector<std::uint32_t>(i + 2, 9), targets);
  }
  const ExampleTable some = rows_at(table, std::vector<std::uint32_t>{1, 0});
  EXPECT_EQ(some.spans_of(0), table.spans_of(1));
  EXPECT_EQ(some.spans_of(1), table.spans_of(0));
  EXPECT_THAT(some.label_of(0), ElementsAre(1, 1, 1));
  EXPECT_TRUE(some.has_gold(1));
}

TEST(RowSubset, NoRowsAreATableOfTheSameKind) {
  const ExampleTable none = rows_at(table_of(spec::TaskKind::kEdit, 2), {});
  EXPECT_EQ(none.rows(), 0U);
  EXPECT_EQ(none.task, spec::TaskKind::kEdit);
}

}  // namespace
}  // namespace noggin::data
