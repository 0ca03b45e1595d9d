#include "data/ingest/inspect.h"

#include <gmock/gmock.h>

#include "data/shards/shard.h"
#include "tests/support/cli_temporary_folder.h"

namespace noggin::data {
namespace {

using testing::AllOf;
using testing::HasSubstr;

TEST(Inspect, DescribesAJsonlLog) {
  const test::TemporaryFolder folder;
  const auto text = describe_log(folder.write("a.jsonl",
                                              "{\"text\": \"abc\", \"label\": \"no\", \"probs\": {\"yes\": "
                                              "1}}\n{\"text\": \"d\", \"label\": \"no\", \"probs\": [1]}\n{\"text"));
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_THAT(*text, AllOf(HasSubstr("3 rows"), HasSubstr("text: 4 bytes"),
                           HasSubstr("1  cut_last_line (first at line 3)"), HasSubstr("2  text: string"),
                           HasSubstr("1  probs: array"), HasSubstr("2  no\n"), HasSubstr("1  yes\n")));
}

TEST(Inspect, DescribesABatchOutput) {
  const test::TemporaryFolder folder;
  const auto text = describe_log(
      folder.write("o.jsonl",
                   "{\"custom_id\": \"a\", \"response\": {\"status_code\": 200, \"body\": {\"choices\": "
                   "[{\"logprobs\": null}]}}, \"error\": null}\n"
                   "{\"custom_id\": \"b\", \"response\": {\"status_code\": 429, \"body\": {}}, \"error\": null}\n"));
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_THAT(*text, AllOf(HasSubstr("1  200"), HasSubstr("1  429"), HasSubstr("1  logprobs: null"),
                           HasSubstr("2  error: null")));
}

TEST(Inspect, DescribesAShard) {
  const test::TemporaryFolder folder;
  auto writer = ShardWriter::create(folder.file("train"), 3, 2, 1);
  ASSERT_TRUE(writer);
  const std::vector<std::uint32_t> ids{2, 7, 3};
  ASSERT_TRUE(writer->append({.id = "a", .text = "one", .label = 1, .teacher = {{1, 0}, {0.5F, 0.25F}}}, ids));
  ASSERT_TRUE(writer->append({.id = "b", .text = "two"}, ids));
  ASSERT_TRUE(writer->finish());
  const auto text = describe_shard(folder.file("train-00000.h5"));
  ASSERT_TRUE(text) << text.error().message;
  EXPECT_THAT(*text, AllOf(HasSubstr("2 rows, 3 classes, top 2"), HasSubstr("tokens: 6 in all, 3.0 per row, longest 3"),
                           HasSubstr("teacher: 1 rows, listed mass 0.7500 of each, agrees with gold on 1 of 1"),
                           HasSubstr("1  class 1"), HasSubstr("1  none")));
}

TEST(Inspect, DescribesShardsOfOtherTasks) {
  const test::TemporaryFolder folder;
  const std::vector<std::uint32_t> ids{2, 7, 3};
  auto tags = ShardWriter::create(folder.file("tag"), 3, 1, 1, 10, spec::TaskKind::kTag);
  Record row{.id = "a", .text = "one"};
  row.has_spans = true;
  row.spans = {{0, 3, 0}};
  ASSERT_TRUE(tags && tags->append(row, ids, {{-1, 1, -1}, {-1, 1, -1}, {0, 0.5F, 0}}) && tags->finish());
  EXPECT_THAT(*describe_shard(folder.file("tag-00000.h5")),
              AllOf(HasSubstr("tag, 1 rows"),
                    HasSubstr("teacher: 1 words, listed mass 0.5000 of each, agrees with gold on 1 of 1"),
                    HasSubstr("gold: 1 rows, 1 spans")));
  auto scores = ShardWriter::create(folder.file("score"), 1, 1, 1, 10, spec::TaskKind::kScore);
  ASSERT_TRUE(scores && scores->append({.id = "a", .text = "b", .gold_values = {0.25F}}, ids) && scores->finish());
  EXPECT_THAT(*describe_shard(folder.file("score-00000.h5")), HasSubstr("gold: 1 rows, values sum to 0.2500 per row"));
}

TEST(Inspect, PassesOnErrors) {
  EXPECT_FALSE(describe_log("absent"));
  EXPECT_FALSE(describe_shard("absent"));
}

}  // namespace
}  // namespace noggin::data
