// Nothing vanishes: joins over files, repeats, parts of one file, and the books of each file.
#include <gmock/gmock.h>

#include "data/ingest/ingest_plan.h"
#include "data/shards/shard.h"
#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

LabelSet letters() { return tests::labels_of({"A", "B", "C"}); }

std::string request(const std::string& id, const std::string& text) {
  return nlohmann::json({{"custom_id", id}, {"body", {{"messages", {{{"role", "user"}, {"content", text}}}}}}}).dump() +
         "\n";
}

std::string answer(const std::string& id, const std::string& word) {
  return nlohmann::json(
             {{"custom_id", id},
              {"response",
               {{"status_code", 200}, {"body", {{"choices", {{{"index", 0}, {"message", {{"content", word}}}}}}}}}}})
             .dump() +
         "\n";
}

class Books : public testing::Test {
 protected:
  Source file(const std::string& name, const std::string& text) { return {.path = folder_.write(name, text)}; }
  tests::LogRead read(std::vector<Source> sources, bool training = true) {
    return tests::read_log(folder_, {"train", std::move(sources), training}, letters());
  }
  static void expect_balanced(const tests::LogRead& read, std::vector<std::uint64_t> documents) {
    std::vector<std::uint64_t> counted;
    for (const SourceReport& source : read.report.sources) counted.push_back(source.documents());
    EXPECT_EQ(counted, documents);
  }
  test::TemporaryFolder folder_;
};

TEST_F(Books, RequestsAndAnswersFindEachOtherInAnyFileAndOrder) {
  const std::string requests = request("1", "one") + request("2", "two") + request("3", "three");
  for (const auto& order : {std::vector<int>{0, 1, 2}, {1, 0, 2}, {2, 1, 0}}) {
    const std::vector<Source> files = {file("r.jsonl", requests), file("a.jsonl", answer("1", "A")),
                                       file("b.jsonl", answer("3", "C") + answer("2", "B"))};
    std::vector<Source> sources;
    for (const int i : order) sources.push_back(files[static_cast<std::size_t>(i)]);
    const auto read = this->read(sources);
    std::map<std::string, std::int32_t> classes;
    for (const Record& record : read.records) classes[record.text] = record.teacher.classes.front();
    EXPECT_EQ(classes, (std::map<std::string, std::int32_t>{{"one", 0}, {"two", 1}, {"three", 2}}));
    std::uint64_t used = 0;
    for (const SourceReport& source : read.report.sources) used += source.requests;
    EXPECT_EQ(used, 3U);
  }
}

TEST_F(Books, AnAmbiguousIdIsRefusedOnBothSides) {
  const auto read =
      this->read({file("r.jsonl", request("same", "one") + request("same", "two") + request("u", "three")),
                  file("a.jsonl", answer("same", "A") + answer("same", "B") + answer("u", "C"))});
  ASSERT_EQ(read.records.size(), 1U);
  EXPECT_EQ(read.records[0].text, "three");
  EXPECT_THAT(read.reasons(), testing::UnorderedElementsAre("duplicate_custom_id", "duplicate_custom_id",
                                                            "ambiguous_id", "ambiguous_id"));
  expect_balanced(read, {3, 3});
}

TEST_F(Books, TheSameRequestTwiceIsOneRequest) {
  const auto read =
      this->read({file("r.jsonl", request("1", "one") + request("1", "one")), file("a.jsonl", answer("1", "A"))});
  EXPECT_EQ(read.records.size(), 1U);
  expect_balanced(read, {2, 1});
}

TEST_F(Books, GoldAndTeacherOfOneTextBecomeOneRow) {
  const auto read = this->read({file("gold.jsonl", "{\"text\": \"x\", \"label\": \"A\"}\n"),
                                file("teacher.jsonl", "{\"text\": \"x\", \"probs\": {\"A\": 0.75, \"B\": 0.25}}\n")});
  EXPECT_EQ(read.report.accepted, 1U);
  EXPECT_EQ(read.report.joined, 1U);
  EXPECT_EQ(read.report.with_label, 1U);
  EXPECT_EQ(read.report.with_teacher, 1U);
  expect_balanced(read, {1, 1});
}

// Through all of ingest: what lies in the shards.
TEST_F(Books, VotesBecomeTheirMeanAndGoldIsKept) {
  const auto vote = [](const std::string& word) {
    return nlohmann::json({{"prompt", "hard"}, {"completion", word}}).dump() + "\n";
  };
  IngestPlan plan;
  plan.labels = letters();
  plan.output_folder = folder_.file("out");
  plan.rows_per_shard = 2;  // the repeated row lies in an earlier shard
  plan.splits = {{"train",
                  {file("votes.jsonl", vote("B") + "{\"text\": \"easy\", \"label\": \"C\"}\n" +
                                           "{\"text\": \"third\", \"label\": \"C\"}\n" + vote("A") + vote("A") +
                                           vote("A") + vote("A")),
                   file("gold.jsonl", "{\"text\": \"hard\", \"label\": \"A\"}\n")},
                  true},
                 {"dev", {file("dev.jsonl", "{\"text\": \"d\", \"label\": \"A\"}\n")}, false}};
  const auto report = ingest(plan);
  ASSERT_TRUE(report) << report.error().message;
  const auto table = read_shards(list_shards(folder_.file("out/shards/train")));
  ASSERT_TRUE(table) << table.error().message;
  ASSERT_EQ(table->rows(), 3U);
  EXPECT_EQ(table->text_of(0), "hard");
  EXPECT_EQ(table->label[0], 0);
  EXPECT_THAT(table->teacher_classes_of(0), ElementsAre(0, 1, -1));
  EXPECT_NEAR(table->teacher_probabilities_of(0)[0], 0.8, 1e-6);
  EXPECT_NEAR(table->teacher_probabilities_of(0)[1], 0.2, 1e-6);
  const SplitSummary& train = report->splits[0];
  EXPECT_EQ(train.spread.texts, 1U);
  EXPECT_EQ(train.spread.answers, 5U);
  EXPECT_NEAR(train.spread.largest, 0.8, 1e-6);
  EXPECT_NEAR(train.spread.mean, (4 * 0.2 + 0.8) / 5, 1e-6);
  EXPECT_EQ(train.targets.both, 1U);
  EXPECT_EQ(train.targets.gold, 3U);
}

TEST_F(Books, EachFileIsJudgedByItself) {
  std::string good;
  for (int i = 0; i < 200; ++i) good += "{\"text\": \"row " + std::to_string(i) + "\", \"label\": \"A\"}\n";
  const Source sound = file("sound.jsonl", good), useless = file("useless.jsonl", "{\"what\": 1}\n");
  const auto read = this->read({sound, useless});
  Status judged = check_split({"train", {sound, useless}, true}, read.report, {});
  ASSERT_FALSE(judged) << "1 of 201 documents is below the budget, but it is all of its file";
  EXPECT_THAT(judged.error().message, HasSubstr("useless.jsonl: nothing in it can be used"));
  EXPECT_THAT(judged.error().message, HasSubstr("useless.jsonl:1: a field is missing (text)"))
      << "an example with reason";
  Source permitted = useless;
  permitted.permit = {"empty", "missing_field"};
  EXPECT_TRUE(check_split({"train", {sound, permitted}, true}, read.report, {}));
}

TEST_F(Books, PartsOfOneFileAreDisjointAndComplete) {
  std::string rows;
  for (int i = 0; i < 400; ++i) rows += "{\"text\": \"Row " + std::to_string(i) + "\", \"label\": \"A\"}\n";
  rows += "{\"text\": \"row, 7!\", \"label\": \"A\"}\n{\"broken\n";
  const Source source = file("all.jsonl", rows);
  std::map<std::string, std::string> split_of_text;
  std::uint64_t rejected = 0, total = 0;
  for (const auto& [name, share] : {std::pair{"train", TextShare{0.2, 1.0}}, std::pair{"dev", TextShare{0.0, 0.1}},
                                    std::pair{"test", TextShare{0.1, 0.2}}}) {
    const SplitInput input{name, {source}, name == std::string("train"), share};
    const auto read = tests::read_log(folder_, input, letters());
    for (const Record& record : read.records) EXPECT_TRUE(split_of_text.emplace(record.text, name).second);
    rejected += read.report.rejected_lines();
    total += read.records.size();
    EXPECT_EQ(read.report.sources.at(0).documents(), 402U) << name;
    if (input.training) continue;
    EXPECT_GT(read.records.size(), 15U) << name;
    EXPECT_LT(read.records.size(), 75U) << name;
  }
  EXPECT_EQ(total, 401U);
  EXPECT_EQ(rejected, 1U) << "told once, by the training split";
  EXPECT_EQ(split_of_text["Row 7"], split_of_text["row, 7!"]) << "they differ only in case and punctuation";
}

TEST_F(Books, TheTeacherMeasuresWhereThereIsNoGold) {
  IngestOptions options;
  options.measure_by_teacher = true;
  const Source source = file("t.jsonl",
                             "{\"text\": \"x\", \"probs\": {\"B\": 0.75, \"A\": 0.25}}\n"
                             "{\"text\": \"y\", \"label\": \"C\", \"probs\": {\"B\": 1}}\n");
  const auto dev = tests::read_log(folder_, {"dev", {source}, false}, letters(), options);
  EXPECT_EQ(dev.records.at(0).label, 1);
  EXPECT_EQ(dev.records.at(1).label, 2) << "gold stays";
  EXPECT_EQ(dev.report.measured_by_teacher, 1U);
  EXPECT_EQ(tests::read_log(folder_, {"train", {source}, true}, letters(), options).records.at(0).label, kNoLabel);
}

}  // namespace
}  // namespace noggin::data
