// An ingest writes the same bytes, however the files of its logs are cut.
#include <gmock/gmock.h>

#include <string>

#include "data/ingest/ingest_plan.h"
#include "tests/support/data_random_log.h"
#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

class IngestPiecesTest : public testing::Test {
 protected:
  IngestPlan plan(const std::string& output, std::uint64_t piece_bytes) {
    IngestPlan plan;
    plan.labels = tests::labels_of({"refund", "parcel"});
    // Both splits of one log, which is read once.
    const Source source{Adapter::kJsonl, folder_.file("log.jsonl")};
    plan.splits = {{"train", {source}, true, {0.0, 0.7}}, {"dev", {source}, false, {0.7, 1.0}}};
    plan.options.measure_by_teacher = true;
    plan.options.quarantine_budget = 1.0;
    plan.tokenizer = VocabularyOptions{.size = 200, .min_frequency = 1};
    plan.max_tokens = 8;
    plan.rows_per_shard = 60;
    plan.output_folder = folder_.file(output);
    plan.piece_bytes = piece_bytes;
    plan.threads = 2;
    plan.replace = true;
    return plan;
  }
  void expect_equal(const std::string& a, const std::string& b, const SplitSummary& train) {
    std::vector<std::string> names = {"ingest_report.json", "vocab.txt", "quarantine.jsonl", "shards/dev-00000.h5"};
    for (std::size_t i = 0; i < train.shards.size(); ++i) names.push_back(fmt::format("shards/train-{:05}.h5", i));
    for (const std::string& name : names)
      EXPECT_EQ(test::read_text(folder_.file(a + "/" + name)), test::read_text(folder_.file(b + "/" + name))) << name;
  }

  test::TemporaryFolder folder_;
};

TEST_F(IngestPiecesTest, GiveTheSameBytes) {
  folder_.write("log.jsonl", tests::random_log(21, 1500));
  const auto whole = ingest(plan("whole", kPieceBytes));
  ASSERT_TRUE(whole) << whole.error().message;
  EXPECT_EQ(whole->log_parts, 1U);
  ASSERT_GT(whole->splits[0].shards.size(), 2U);
  for (const std::uint64_t piece_bytes : {777U, 20'000U, 60'000U}) {
    const auto cut = ingest(plan("cut", piece_bytes));
    ASSERT_TRUE(cut) << cut.error().message;
    EXPECT_EQ(cut->log_files, 1U);
    EXPECT_GT(cut->log_parts, 2U);
    expect_equal("cut", "whole", whole->splits[0]);
  }
}

TEST_F(IngestPiecesTest, AGrownLogIsReadFromItsLastPieceOn) {
  folder_.write("log.jsonl", tests::random_log(22, 1000, false));
  ASSERT_TRUE(ingest(plan("grown", 5000)));
  folder_.write("log.jsonl", tests::random_log(22, 1000, false) + tests::random_log(23, 20, false));
  const auto grown = ingest(plan("grown", 5000));
  ASSERT_TRUE(grown) << grown.error().message;
  EXPECT_GT(grown->log_parts, 10U);
  EXPECT_LE(grown->read_parts, 2U);
  EXPECT_EQ(grown->read_files, 1U);
  ASSERT_TRUE(ingest(plan("anew", kPieceBytes)));
  expect_equal("grown", "anew", grown->splits[0]);
}

}  // namespace
}  // namespace noggin::data
