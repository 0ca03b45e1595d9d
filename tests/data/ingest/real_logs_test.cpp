// The logs of real teachers, where they lie beside the checkout (or in NOGGIN_DATA): whole ingests, compared with
// what is known of them. Skipped where they are absent.
#include <gmock/gmock.h>

#include <cstdlib>
#include <filesystem>
#include <functional>

#include "data/ingest/ingest_plan.h"
#include "data/shards/shard.h"
#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using spec::TaskKind;

std::string data_root() {
  if (const char* root = std::getenv("NOGGIN_DATA")) return root;
  return (std::filesystem::path(NOGGIN_SOURCE_DIR) / "../shared").lexically_normal().string();
}

class RealLogs : public testing::Test {
 protected:
  // Source of one split from its path below the root.
  using SourceOf = std::function<Source(const std::string& path)>;

  void ingest_all(TaskKind task, const std::string& folder, const std::vector<std::string>& files,
                  const SourceOf& source_of) {
    const std::string root = data_root() + "/" + folder + "/";
    if (!std::filesystem::exists(root + files[0])) GTEST_SKIP() << root << " is absent";
    std::vector<std::string> names;
    if (task == TaskKind::kTag) names = *LabelSet::read_names(root + "tags.json");
    IngestPlan plan;
    plan.task = task;
    plan.labels = *LabelSet::create(std::move(names), {}, {}, task);
    for (const std::string& file : files)
      plan.splits.push_back({split_of(file), {source_of(root + file)}, file == files[0]});
    plan.tokenizer = VocabularyOptions{.size = 4000, .min_frequency = 2};
    plan.max_tokens = 256;
    plan.output_folder = folder_.file("out");
    Result<IngestReport> report = ingest(plan);
    ASSERT_TRUE(report) << report.error().message;
    splits_ = report->splits;
    for (const SplitSummary& split : splits_) {
      const auto block = read_shards(list_shards(folder_.file("out/shards/" + split.name)));
      ASSERT_TRUE(block) << block.error().message;
      EXPECT_EQ(block->rows(), split.counts.accepted);
      EXPECT_EQ(block->task, task);
    }
    if (std::getenv("NOGGIN_SHOW") != nullptr) std::printf("%s", test::read_text(report->report_path).c_str());
  }
  static std::string split_of(const std::string& file) { return file.substr(0, file.find('.')); }
  static Source jsonl(const std::string& path) { return {.adapter = Adapter::kJsonl, .path = path}; }

  test::TemporaryFolder folder_;
  std::vector<SplitSummary> splits_;
};

TEST_F(RealLogs, SnipsTeacherHasItsOwnFigures) {
  ingest_all(TaskKind::kTag, "teacher_logs/snips", {"train.jsonl", "val.jsonl", "test.jsonl"}, jsonl);
  if (splits_.empty()) return;
  EXPECT_EQ(splits_[0].counts.lines, 13084U);
  EXPECT_EQ(splits_[0].counts.rejected_lines(), 0U);
  EXPECT_NEAR(splits_[0].agreement.teacher_spans.f1(), 0.936, 0.002);
  EXPECT_NEAR(splits_[1].agreement.teacher_spans.f1(), 0.953, 0.002);
  EXPECT_NEAR(splits_[2].agreement.teacher_spans.f1(), 0.948, 0.002);
  EXPECT_EQ(splits_[2].alignment.misaligned_spans, 0U);
}

TEST_F(RealLogs, PresidioTeacherHasItsOwnFigures) {
  ingest_all(TaskKind::kTag, "teacher_logs/presidio", {"train.jsonl", "val.jsonl", "test.jsonl"}, jsonl);
  if (splits_.empty()) return;
  EXPECT_EQ(splits_[0].counts.rejected_lines(), 0U);
  EXPECT_NEAR(splits_[0].agreement.teacher_spans.f1(), 0.944, 0.002);
  EXPECT_NEAR(splits_[1].agreement.teacher_spans.f1(), 0.663, 0.002);
  EXPECT_NEAR(splits_[2].agreement.teacher_spans.f1(), 0.614, 0.002);
}

TEST_F(RealLogs, MostDisfluentQuestionsArePureDeletions) {
  ingest_all(
      TaskKind::kEdit, "datasets/disfl_qa", {"train.json", "dev.json", "test.json"}, [](const std::string& path) {
        return Source{
            .adapter = Adapter::kJsonObject, .path = path, .fields = {{"text", "disfluent"}, {"target", "original"}}};
      });
  if (splits_.empty()) return;
  EXPECT_EQ(splits_[0].counts.lines, 7182U);
  EXPECT_EQ(splits_[1].counts.accepted, 1000U);
  EXPECT_EQ(splits_[2].counts.accepted, 3643U);
  std::uint64_t deletions = 0;
  for (const SplitSummary& split : splits_) {
    for (const std::string& path : list_shards(folder_.file("out/shards/" + split.name))) {
      const auto block = read_shard(path);
      for (std::size_t row = 0; row < block->rows(); ++row) deletions += block->has_gold(row) ? 1 : 0;
    }
  }
  deletions += splits_[0].counts.duplicates;
  EXPECT_NEAR(static_cast<double>(deletions) / (7182 + 1000 + 3643), 0.803, 0.01) << deletions;
}

TEST_F(RealLogs, WellFormednessIsAScore) {
  ingest_all(TaskKind::kScore, "datasets/query_wellformedness", {"train.tsv", "dev.tsv", "test.tsv"},
             [](const std::string& path) {
               return Source{.adapter = Adapter::kTsv, .path = path, .columns = {"text", "score"}};
             });
  if (splits_.empty()) return;
  EXPECT_EQ(splits_[0].counts.lines, 17500U);
  EXPECT_EQ(splits_[0].counts.rejected_lines(), 0U);
  EXPECT_EQ(splits_[1].counts.accepted, 3750U);
  EXPECT_EQ(splits_[2].counts.accepted, 3850U);
}

}  // namespace
}  // namespace noggin::data
