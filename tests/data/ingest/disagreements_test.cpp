// The comparison of teacher and gold, and the filter by the teacher's certainty, through whole ingests.
#include "data/ingest/disagreements.h"

#include <gmock/gmock.h>

#include "data/ingest/ingest_plan.h"
#include "data/shards/shard.h"
#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using nlohmann::json;
using spec::TaskKind;
using testing::ElementsAre;

class DisagreementTest : public testing::Test {
 protected:
  Result<IngestReport> run(TaskKind task, std::vector<std::string> labels, const std::string& train,
                           const IngestOptions& options = {}) {
    IngestPlan plan;
    plan.task = task;
    plan.labels = *LabelSet::create(std::move(labels), {}, {}, task);
    plan.options = options;
    plan.splits = {{"train", {{.adapter = Adapter::kJsonl, .path = folder_.write("train.jsonl", train)}}, true}};
    plan.tokenizer = VocabularyOptions{.size = 200, .min_frequency = 1};
    plan.output_folder = folder_.file("out");
    plan.replace = true;
    return ingest(plan);
  }
  std::vector<json> rows() const { return tests::read_json_lines(folder_.file("out/disagreements.jsonl")); }
  json split() const { return json::parse(test::read_text(folder_.file("out/ingest_report.json")))["splits"][0]; }

  test::TemporaryFolder folder_;
};

TEST_F(DisagreementTest, ShowsRowsOfOneClass) {
  const auto report = run(TaskKind::kSingleLabel, {"yes", "no"},
                          R"({"id": "1", "text": "a", "label": "yes", "probs": {"no": 0.75, "yes": 0.25}})"
                          "\n"
                          R"({"id": "2", "text": "b", "label": "yes", "probs": {"yes": 1}})"
                          "\n"
                          R"({"id": "3", "text": "c", "probs": {"yes": 1}})");
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(
      rows(),
      ElementsAre(json{
          {"split", "train"}, {"id", "1"}, {"text", "a"}, {"gold", "yes"}, {"teacher", "no"}, {"probability", 0.75}}));
  EXPECT_EQ(split()["teacher_with_gold"], 2);
  EXPECT_EQ(split()["teacher_agreement"], 0.5);
  EXPECT_EQ(split()["teacher_confusions"], json::array({{{"gold", "yes"}, {"teacher", "no"}, {"count", 1}}}));
  ASSERT_TRUE(run(TaskKind::kSingleLabel, {"yes", "no"}, R"({"text": "a", "label": "yes"})"));
  EXPECT_FALSE(std::filesystem::exists(folder_.file("out/disagreements.jsonl"))) << "of the ingest that was replaced";
}

TEST_F(DisagreementTest, ShowsWords) {
  const auto report =
      run(TaskKind::kTag, {"O", "B-x"},
          R"({"id": "1", "tokens": ["a", "b", "c"], "tags": ["B-x", "O", "O"],)"
          R"( "probs": [{"B-x": 1}, {"B-x": 0.75, "O": 0.25}, null]})"
          "\n"
          R"({"id": "2", "tokens": ["a", "c"], "tags": ["B-x", "I-x"], "probs": [{"B-x": 1}, {"I-x": 1}]})");
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(
      rows(),
      ElementsAre(json{
          {"split", "train"},
          {"id", "1"},
          {"text", "a b c"},
          {"unit", "byte"},
          {"words",
           {{{"word", "b"}, {"begin", 2}, {"end", 3}, {"gold", "O"}, {"teacher", "B-x"}, {"probability", 0.75}}}}}));
  const AgreementCounts& counts = report->splits[0].agreement;
  EXPECT_EQ(counts.rows, 2U);
  EXPECT_EQ(counts.rows_agree, 1U);
  EXPECT_EQ(counts.words, 4U);
  EXPECT_EQ(counts.words_agree, 3U);
  EXPECT_EQ(counts.teacher_spans, (SpanCounts{3, 2, 2}));
  EXPECT_EQ(split()["teacher_word_agreement"], 0.75);
  EXPECT_EQ(split()["teacher_span_f1"], 0.8);
  EXPECT_EQ(split()["words_without_teacher"], 1);
}

TEST_F(DisagreementTest, ShowsClassesOfSeveral) {
  ASSERT_TRUE(run(TaskKind::kMultiLabel, {"p", "q"},
                  R"({"id": "1", "text": "a", "labels": ["p"], "probs": {"q": 0.75}})"
                  "\n"
                  R"({"id": "2", "text": "b", "labels": ["p"], "probs": {"p": 0.5, "q": 0.25}})"));
  EXPECT_THAT(rows(), ElementsAre(json{{"split", "train"},
                                       {"id", "1"},
                                       {"text", "a"},
                                       {"classes",
                                        {{{"class", "p"}, {"gold", 1.0}, {"probability", 0.0}},
                                         {{"class", "q"}, {"gold", 0.0}, {"probability", 0.75}}}}}));
  EXPECT_EQ(split()["teacher_confusions"][0], (json{{"gold", nullptr}, {"teacher", "q"}, {"count", 1}}));
}

TEST(Confusions, ComeMostFrequentFirst) {
  AgreementCounts counts;
  counts.confusions = {{{0, 1}, 2}, {{1, 0}, 5}, {{2, 0}, 2}};
  const auto top = top_confusions(counts, 2);
  ASSERT_EQ(top.size(), 2U);
  EXPECT_EQ(top[0].count, 5U);
  EXPECT_EQ(top[1].gold, 0);
}

TEST_F(DisagreementTest, LeavesOutWhatTheTeacherIsNotSureOf) {
  IngestOptions options;
  options.min_teacher_probability = 0.6;
  const std::string rows = R"({"id": "1", "text": "a", "probs": {"yes": 0.5, "no": 0.5}})"
                           "\n"
                           R"({"id": "2", "text": "a", "probs": {"yes": 0.75}})"
                           "\n"
                           R"({"id": "3", "text": "b", "label": "no", "probs": {"yes": 0.5}})";
  const auto report = run(TaskKind::kSingleLabel, {"yes", "no"}, rows, options);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->splits[0].counts.filtered, 1U);
  EXPECT_EQ(report->splits[0].counts.accepted, 2U) << "the row with gold stays, and the sure row is no duplicate";
  EXPECT_EQ(split()["filtered"], 1);
  options.use_gold_labels = false;
  EXPECT_EQ(run(TaskKind::kSingleLabel, {"yes", "no"}, rows, options)->splits[0].counts.filtered, 2U);
  EXPECT_EQ(tests::read_jsonl_text(rows, tests::labels_of({"yes", "no"}), false, options).report.filtered, 0U);
}

TEST_F(DisagreementTest, LeavesOutWords) {
  IngestOptions options;
  options.min_teacher_probability = 0.6;
  const auto report = run(TaskKind::kTag, {"O", "B-x"},
                          R"({"tokens": ["a", "b"], "probs": [{"B-x": 0.5, "O": 0.5}, {"O": 0.75}]})"
                          "\n"
                          R"({"tokens": ["c"], "probs": [{"O": 0.5}]})"
                          "\n"
                          R"({"tokens": ["d"], "tags": ["O"], "probs": [{"O": 0.5}]})",
                          options);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_EQ(report->splits[0].counts.filtered, 1U);
  EXPECT_EQ(report->splits[0].counts.filtered_words, 2U);
  const auto block = read_shards(list_shards(folder_.file("out/shards/train")));
  ASSERT_TRUE(block);
  ASSERT_EQ(block->rows(), 2U);
  EXPECT_EQ(block->teacher_classes_of(0)[1 * 3], -1);
  EXPECT_EQ(block->teacher_classes_of(0)[2 * 3], 0);
}

TEST_F(DisagreementTest, TheFilterIsChecked) {
  IngestOptions options;
  options.min_teacher_probability = 1.5;
  EXPECT_EQ(run(TaskKind::kSingleLabel, {"yes", "no"}, "{}", options).error().code, ErrorCode::kInvalidArgument);
  options.min_teacher_probability = 0.5;
  EXPECT_EQ(run(TaskKind::kScore, {}, "{}", options).error().code, ErrorCode::kInvalidArgument);
}

}  // namespace
}  // namespace noggin::data
