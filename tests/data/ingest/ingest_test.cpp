#include <fmt/format.h>
#include <gmock/gmock.h>

#include "bytes/content_hash.h"
#include "data/ingest/ingest_plan.h"
#include "data/ingest/ingest_report.h"
#include "data/ingest/row_survey.h"
#include "data/shards/shard.h"
#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using nlohmann::json;
using testing::ElementsAre;
using testing::HasSubstr;

// A plan over small files that a test writes.
class IngestTest : public testing::Test {
 protected:
  IngestPlan plan(const std::string& train, const std::string& dev = kDev) {
    IngestPlan plan;
    plan.labels = tests::labels_of({"refund", "parcel"});
    plan.splits = {{"train", {source("train.jsonl", train)}, true}, {"dev", {source("dev.jsonl", dev)}, false}};
    plan.tokenizer = VocabularyOptions{.size = 200, .min_frequency = 1};
    plan.max_tokens = 8;
    plan.output_folder = folder_.file("out");
    return plan;
  }
  Source source(const std::string& name, const std::string& text) {
    return {Adapter::kJsonl, folder_.write(name, text), {}};
  }
  json report_json() const { return json::parse(test::read_text(folder_.file("out/ingest_report.json"))); }
  bool exists(const std::string& name) const { return std::filesystem::exists(folder_.file("out/" + name)); }

  static constexpr const char* kTrain =
      "{\"id\": \"t1\", \"text\": \"where is my parcel\", \"probs\": {\"parcel\": 0.9, \"refund\": 0.1}, \"label\": "
      "\"parcel\"}\n"
      "{\"id\": \"t2\", \"text\": \"give me my money back\", \"probs\": {\"refund\": 0.7, \"parcel\": 0.2}, \"label\": "
      "\"parcel\"}\n"
      "{\"id\": \"t3\", \"text\": \"where is my parcel\", \"label\": \"parcel\"}\n"
      "{\"id\": \"t4\", \"text\": \"parcel parcel parcel parcel parcel parcel parcel parcel\", \"label\": "
      "\"parcel\"}\n";
  static constexpr const char* kDev =
      "{\"text\": \"where is my parcel\", \"label\": \"parcel\"}\n{\"text\": \"\xe4\xba\xba\", \"label\": "
      "\"refund\"}\n";

  test::TemporaryFolder folder_;
};

TEST_F(IngestTest, WritesShardsVocabularyAndReport) {
  const auto report = ingest(plan(kTrain));
  ASSERT_TRUE(report) << report.error().message;
  const SplitSummary& train = report->splits[0];
  EXPECT_EQ(train.counts.accepted, 3U);
  EXPECT_EQ(train.counts.duplicates, 1U);
  EXPECT_EQ(train.truncated, 1U);
  EXPECT_EQ(train.longest, 8U);
  EXPECT_EQ(train.unknown_tokens, 0U);
  EXPECT_EQ(train.agreement.rows, 2U);
  EXPECT_EQ(train.agreement.rows_agree, 1U);
  const SplitSummary& dev = report->splits[1];
  EXPECT_EQ(dev.counts.repeated_from("train"), 1U);
  EXPECT_GE(dev.unknown_tokens, 1U);
  EXPECT_TRUE(exists("quarantine.jsonl")) << "also when nothing was rejected";

  const auto block = read_shards(list_shards(folder_.file("out/shards/train")));
  ASSERT_TRUE(block) << block.error().message;
  EXPECT_EQ(block->rows(), 3U);
  EXPECT_EQ(block->vocabulary_hash, report->vocabulary_hash);
  EXPECT_EQ(block->classes, 2U);
  EXPECT_EQ(block->tokens_of(0).front(), report->tokenizer.cls_id);
  EXPECT_EQ(block->tokens_of(0).back(), report->tokenizer.sep_id);
  EXPECT_EQ(block->tokens_of(2).size(), 8U);
  for (const std::uint32_t id : block->token_ids) EXPECT_LT(id, report->tokenizer.vocabulary.size());

  const auto vocabulary = read_vocabulary(folder_.file("out/vocab.txt"), VocabularyOptions{});
  ASSERT_TRUE(vocabulary) << vocabulary.error().message;
  EXPECT_EQ(vocabulary->vocabulary, report->tokenizer.vocabulary);
}

TEST_F(IngestTest, ReportsInJsonWithHashesOfInputsAndOutputs) {
  ASSERT_TRUE(ingest(plan(kTrain)));
  const json report = report_json();
  const json& train = report["splits"][0];
  EXPECT_EQ(train["accepted"], 3);
  EXPECT_EQ(train["teacher_agreement"], 0.5);
  EXPECT_EQ(train["inputs"][0]["bytes"], std::string(kTrain).size());
  const std::string bytes = test::read_text(folder_.file("out/shards/train-00000.h5"));
  EXPECT_EQ(std::stoull(train["shards"][0]["xxh3"].get<std::string>(), nullptr, 16),
            content_hash(bytes.data(), bytes.size()));
  EXPECT_EQ(train["shards"][0]["path"], "shards/train-00000.h5");
  std::uint64_t rows = 0;
  for (const auto& [bucket, count] : train["token_lengths"].items()) rows += count.get<std::uint64_t>();
  EXPECT_EQ(rows, 3U);
  EXPECT_EQ(report["vocabulary"]["path"], "vocab.txt");
  EXPECT_EQ(report["quarantine"], "quarantine.jsonl");
}

TEST_F(IngestTest, GivesTheSameBytesAgain) {
  const IngestPlan first = plan(kTrain);
  ASSERT_TRUE(ingest(first));
  IngestPlan second = first;
  second.output_folder = folder_.file("again");
  ASSERT_TRUE(ingest(second));
  for (const char* name : {"ingest_report.json", "vocab.txt", "shards/train-00000.h5", "shards/dev-00000.h5"})
    EXPECT_EQ(test::read_text(folder_.file("out/") + name), test::read_text(folder_.file("again/") + name)) << name;
}

TEST_F(IngestTest, TakesAGivenVocabulary) {
  IngestPlan first = plan(kTrain);
  const auto trained = ingest(first);
  ASSERT_TRUE(trained);
  IngestPlan second = first;
  second.tokenizer = trained->tokenizer;
  second.output_folder = folder_.file("again");
  const auto given = ingest(second);
  ASSERT_TRUE(given);
  EXPECT_EQ(given->vocabulary_hash, trained->vocabulary_hash);
}

TEST_F(IngestTest, CutsASplitIntoShards) {
  IngestPlan small = plan(kTrain);
  small.rows_per_shard = 2;
  const auto report = ingest(small);
  ASSERT_TRUE(report);
  EXPECT_EQ(report->splits[0].shards.size(), 2U);
}

TEST_F(IngestTest, RefusesToGoOverTheQuarantineBudget) {
  const std::string bad = std::string(kTrain) + "{\"text\": \"x\"}\n";
  IngestPlan strict = plan(bad);
  strict.options.quarantine_budget = 0.19;
  const auto report = ingest(strict);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kBadData);
  EXPECT_THAT(report.error().message, HasSubstr("train.jsonl: 1 of 5 documents were rejected (20.00 %)"));
  EXPECT_THAT(report.error().message, HasSubstr("1 x no_target"));
  EXPECT_THAT(report.error().message, HasSubstr("quarantine.jsonl"));
  EXPECT_EQ(tests::read_json_lines(folder_.file("out/quarantine.jsonl")).size(), 1U);
  EXPECT_FALSE(exists("ingest_report.json"));
  EXPECT_TRUE(std::filesystem::is_empty(folder_.file("out/shards")));

  strict.options.quarantine_budget = 0.2;  // and an unfinished folder is no obstacle
  const auto tolerant = ingest(strict);
  ASSERT_TRUE(tolerant) << tolerant.error().message;
  EXPECT_EQ(tests::read_json_lines(tolerant->quarantine_path).size(), 1U);
  EXPECT_EQ(report_json()["splits"][0]["rejected_by_reason"]["no_target"], 1);
}

TEST_F(IngestTest, RefusesASplitWithoutUsableRows) {
  const auto report = ingest(plan(kTrain, "\n"));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kBadData);
  EXPECT_THAT(report.error().message, HasSubstr("dev.jsonl holds nothing but white space"));
}

TEST_F(IngestTest, DoesNotOverwriteUnlessTold) {
  IngestPlan again = plan(kTrain);
  again.rows_per_shard = 1;
  ASSERT_TRUE(ingest(again));
  EXPECT_EQ(ingest(again).error().code, ErrorCode::kExists);
  again.replace = true;
  again.rows_per_shard = 100;
  ASSERT_TRUE(ingest(again));
  EXPECT_EQ(list_shards(folder_.file("out/shards/train")).size(), 1U);
  EXPECT_FALSE(exists("shards/train-00002.h5")) << "a shard of the replaced ingest is left";
}

TEST_F(IngestTest, ShowsProgressAndStopsOnRequest) {
  std::string text;
  for (int i = 0; i < 20000; ++i) text += "{\"text\": \"parcel " + std::to_string(i) + "\", \"label\": \"parcel\"}\n";
  IngestPlan watched = plan(text);
  std::vector<std::string> stages;
  watched.progress = [&stages](const IngestProgress& progress) {
    if (progress.stage == "logs") return true;  // told by the clock, so perhaps not at all
    stages.push_back(progress.split + " " + progress.stage + " " + std::to_string(progress.rows));
    return progress.stage == "vocabulary";
  };
  const auto report = ingest(watched);
  ASSERT_FALSE(report);
  EXPECT_THAT(stages, ElementsAre("train vocabulary 8192", "train vocabulary 16384", "train shards 8192"));
  EXPECT_FALSE(exists("ingest_report.json"));
}

TEST_F(IngestTest, ChecksThePlan) {
  IngestPlan none;
  EXPECT_EQ(ingest(none).error().code, ErrorCode::kInvalidArgument);
  for (const auto& spoil : std::vector<std::function<void(IngestPlan&)>>{
           [](IngestPlan& p) { p.max_tokens = 2; }, [](IngestPlan& p) { p.output_folder.clear(); },
           [](IngestPlan& p) { p.splits[1].training = true; }, [](IngestPlan& p) { p.splits[0].training = false; },
           [](IngestPlan& p) { p.splits[1].sources.clear(); }, [](IngestPlan& p) { p.splits[1].name = "../x"; },
           [](IngestPlan& p) { p.options.top_k = 0; }}) {
    IngestPlan spoiled = plan(kTrain);
    spoil(spoiled);
    EXPECT_EQ(ingest(spoiled).error().code, ErrorCode::kInvalidArgument);
  }
}

TEST_F(IngestTest, NamesAMissingFile) {
  IngestPlan lost = plan(kTrain);
  lost.splits[1].sources[0].path = folder_.file("absent.jsonl");
  const auto report = ingest(lost);
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kNotFound);
  EXPECT_THAT(report.error().message, HasSubstr("absent.jsonl"));
}

TEST_F(IngestTest, ATrimmedVocabularyReportsWhatItCovers) {
  std::vector<std::string> pieces = {"[PAD]", "[UNK]", "[CLS]", "[SEP]",  "p",     "##a",
                                     "where", "is",    "my",    "parcel", "money", "unseen"};
  IngestPlan trimming = plan(kTrain, "{\"text\": \"my parcel zzz pa unseen\", \"label\": \"parcel\"}\n");
  trimming.tokenizer = IngestPlan::Trimmed{*contents_of(std::move(pieces), "test", {}), 9, 1};
  const auto report = ingest(trimming);
  ASSERT_TRUE(report) << report.error().message;
  EXPECT_THAT(report->tokenizer.vocabulary,
              ElementsAre("[PAD]", "[UNK]", "[CLS]", "[SEP]", "p", "##a", "where", "my", "parcel"));
  const json vocabulary = report_json()["vocabulary"];
  EXPECT_EQ(vocabulary["trimmed_from"], 12);
  EXPECT_EQ(vocabulary["pieces"], 9);
  EXPECT_EQ(vocabulary["corpus_tokens"], 17);            // texts of 4, 5 and 8 words; the third text is the first again
  EXPECT_EQ(vocabulary["kept_token_share"], 15.0 / 17);  // without "is" and "money"
  const json dev = report_json()["splits"][1];
  EXPECT_EQ(dev["words"], 5);
  EXPECT_EQ(dev["unknown_word_rate"], 2.0 / 5);   // "zzz", and "unseen", whose piece went
  EXPECT_EQ(dev["unknown_token_rate"], 2.0 / 6);  // "pa" is two tokens
}

TEST_F(IngestTest, CountsWhatTheTrainingRowsCanTeach) {
  const std::string teacher_only = "{\"text\": \"a refund please\", \"probs\": {\"refund\": 1}}\n";
  ASSERT_TRUE(ingest(plan(kTrain + teacher_only)));
  const auto facts = read_ingest_facts(folder_.file("out/ingest_report.json"));
  ASSERT_TRUE(facts) << facts.error().message;
  ASSERT_TRUE(facts->training);
  EXPECT_EQ(facts->training->all, 4U);
  EXPECT_EQ(facts->training->gold, 3U);
  EXPECT_EQ(facts->training->teacher, 3U);
  EXPECT_EQ(facts->training->both, 2U);
}

TEST_F(IngestTest, TheReportOfAnEarlierVersionHasNoTargetCounts) {
  const auto old = read_ingest_facts(folder_.write("old.json", R"({"splits": [{"name": "train", "accepted": 3}]})"));
  ASSERT_TRUE(old);
  EXPECT_FALSE(old->training);
  for (const char* bad : {"", "[]", "{}", R"({"splits": [{"training": true, "targets": {"all": -1}}]})"})
    EXPECT_EQ(read_ingest_facts(folder_.write("bad.json", bad)).error().code, ErrorCode::kCorrupt) << bad;
  EXPECT_EQ(read_ingest_facts(folder_.file("none.json")).error().code, ErrorCode::kNotFound);
}

TEST_F(IngestTest, RefusesASplitThatMeasuresNothing) {
  const auto report = ingest(plan(kTrain, "{\"text\": \"my parcel\", \"probs\": {\"parcel\": 1}}\n"));
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kBadData);
  EXPECT_THAT(report.error().message, HasSubstr("split \"dev\": none of its 1 rows has gold"));
}

TEST_F(IngestTest, ASurveyCountsRowsAndStopsEarly) {
  const IngestPlan whole = plan(kTrain);
  const auto all = survey_rows(whole.splits[0], whole.labels, {}, whole.task, 100);
  ASSERT_TRUE(all) << all.error().message;
  EXPECT_TRUE(all->is_complete());
  EXPECT_EQ(all->summary.counts.lines, 4U);
  EXPECT_EQ(all->summary.targets.gold, 3U);
  EXPECT_EQ(all->summary.targets.both, 2U);
  const auto first = survey_rows(whole.splits[0], whole.labels, {}, whole.task, 2);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_FALSE(first->is_complete());
  EXPECT_EQ(first->summary.targets.all, 2U);
}

TEST_F(IngestTest, ASurveyLooksAtEveryFile) {
  std::string answers, gold;
  for (int i = 0; i < 100; ++i) {
    answers += fmt::format("{{\"text\": \"text {}\", \"probs\": {{\"parcel\": 1}}}}\n", i);
    gold += fmt::format("{{\"text\": \"text {}\", \"label\": \"parcel\"}}\n", i);
  }
  IngestPlan both = plan(answers);
  both.splits[0].sources.push_back(source("gold.jsonl", gold));
  const auto first = survey_rows(both.splits[0], both.labels, {}, both.task, 40);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_FALSE(first->is_complete());
  EXPECT_EQ(first->summary.targets.all, 20U);
  EXPECT_EQ(first->summary.targets.both, 20U) << "gold stands in the second file";
}

TEST_F(IngestTest, ASurveyDoesNotBlameHalvesOfRowsThatItDidNotReach) {
  std::string requests, answers;
  for (int i = 0; i < 5000; ++i) {
    requests +=
        fmt::format(R"({{"custom_id": "{}", "body": {{"messages": [{{"role": "user", "content": "text {}"}}]}}}})", i,
                    i) +
        "\n";
    answers +=
        fmt::format(
            R"({{"custom_id": "{}", "response": {{"body": {{"choices": [{{"message": {{"content": "parcel"}}}}]}}}}}})",
            4999 - i) +
        "\n";
  }
  IngestPlan batch = plan(kTrain);
  batch.splits[0].sources[0] = {Adapter::kOpenAiBatch, folder_.write("answers.jsonl", answers),
                                folder_.write("requests.jsonl", requests)};
  const auto first = survey_rows(batch.splits[0], batch.labels, {}, batch.task, 2000);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_FALSE(first->is_complete());
  EXPECT_EQ(first->summary.counts.rejected_lines(), 0U);
}

TEST_F(IngestTest, NewFilesAloneAreRead) {
  IngestPlan growing = plan(kTrain);
  growing.replace = true;
  const auto first = ingest(growing);
  ASSERT_TRUE(first) << first.error().message;
  EXPECT_EQ(first->log_files, 2U);
  EXPECT_EQ(first->read_files, 2U);
  growing.splits[0].sources.push_back(source("more.jsonl", "{\"text\": \"one more\", \"label\": \"parcel\"}\n"));
  const auto second = ingest(growing);
  ASSERT_TRUE(second) << second.error().message;
  EXPECT_EQ(second->log_files, 3U);
  EXPECT_EQ(second->read_files, 1U);
  const std::string grown = test::read_text(folder_.file("out/shards/train-00000.h5"));
  growing.output_folder = folder_.file("anew");
  ASSERT_TRUE(ingest(growing));
  EXPECT_EQ(test::read_text(folder_.file("anew/shards/train-00000.h5")), grown);
}

TEST(TopReasons, KindsThatAreLeftOutAreCounted) {
  SplitReport report;
  EXPECT_EQ(top_reasons(report.rejected), "none rejected");
  report.rejected = {{"bad_json", 5}, {"no_text", 7}, {"no_target", 1}};
  EXPECT_EQ(top_reasons(report.rejected), "7 x no_text, 5 x bad_json, 1 x no_target");
  report.rejected["bad_span"] = 2;
  EXPECT_EQ(top_reasons(report.rejected), "7 x no_text, 5 x bad_json, 2 x bad_span, and 1 more kind");
  report.rejected["not_text"] = 1;
  EXPECT_EQ(top_reasons(report.rejected), "7 x no_text, 5 x bad_json, 2 x bad_span, and 2 more kinds");
}

}  // namespace
}  // namespace noggin::data
