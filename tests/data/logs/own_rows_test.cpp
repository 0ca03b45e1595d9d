#include <gmock/gmock.h>

#include "data/lines/line_reader.h"
#include "tests/support/data_read_log.h"

namespace noggin::data {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;

LabelSet labels() { return tests::labels_of({"yes", "no", "maybe"}, {{"yes", {"y"}}}); }

TEST(Jsonl, ReadsEveryFormOfARow) {
  const auto read = tests::read_jsonl_text(
      R"({"id": "a", "text": "one", "label": "no"})"
      "\n"
      R"({"text": "two", "logprobs": {"maybe": -0.6931471805599453, "YES": -1.3862943611198906}})"
      "\n"
      "\n"
      R"({"id": 17, "text": "thr\u00e9e \ud83d\ude00", "label": null, "probs": [0.1, 0.2, 0.7],)"
      R"( "extra": {"a": [1, {}]}})"
      "\n"
      R"({"logits": {"y": 0, "no": 0}, "label": " Maybe", "text": "four", "probs": null})",
      labels());
  ASSERT_EQ(read.records.size(), 4U);
  EXPECT_THAT(read.ids(), ElementsAre("a", "log-2", "17", "log-5"));
  EXPECT_EQ(read.records[0].label, 1);
  EXPECT_TRUE(read.records[0].teacher.empty());
  EXPECT_THAT(read.records[1].teacher.classes, ElementsAre(2, 0));
  EXPECT_THAT(read.records[1].teacher.probabilities, ElementsAre(0.5F, 0.25F));
  EXPECT_EQ(read.records[2].text, "thrée 😀");
  EXPECT_EQ(read.records[2].label, kNoLabel);
  EXPECT_THAT(read.records[2].teacher.classes, ElementsAre(2, 1, 0));
  EXPECT_THAT(read.records[3].teacher.probabilities, ElementsAre(0.5F, 0.5F));
  EXPECT_EQ(read.records[3].label, 2);
  EXPECT_THAT(read.records[3].file, HasSubstr("log.jsonl"));
  EXPECT_EQ(read.records[3].line, 5U);
  EXPECT_EQ(read.report.with_label, 2U);
  EXPECT_EQ(read.report.with_teacher, 3U);
}

// One faulty row, between good ones, and the code it must get.
struct Fault {
  const char* reason;
  std::string row;
};

std::vector<Fault> faults() {
  return {
      {"bad_json", R"({"text": "x" "label": "no"})"},
      {"bad_json", R"({"text": "x", "label": "no")"},
      {"bad_json", R"({"text": "x", "label": "no"} trailing)"},
      {"bad_json", R"({"text": "x", "label": "no"}{})"},
      {"bad_json", R"({"text": "x\q", "label": "no"})"},
      {"bad_json", "{\"text\": \"tab\there\", \"label\": \"no\"}"},
      {"not_an_object", "nonsense"},
      {"not_an_object", "[1, 2]"},
      {"not_an_object", "\"text\""},
      {"invalid_utf8", "{\"text\": \"\xff\xfe\", \"label\": \"no\"}"},
      {"invalid_utf8", "{\"text\": \"\xc0\xaf\", \"label\": \"no\"}"},
      {"nul_byte", std::string("{\"text\": \"a\0b\", \"label\": \"no\"}", 31)},
      {"nul_byte", R"({"text": "a\u0000b", "label": "no"})"},
      {"too_deep", R"({"text": "x", "label": "no", "deep": )" + std::string(100, '[') + std::string(100, ']') + "}"},
      {"missing_field", R"({"label": "no"})"},
      {"empty_text", R"({"text": " \n", "label": "no"})"},
      {"wrong_type", R"({"text": 5, "label": "no"})"},
      {"wrong_type", R"({"text": null, "label": "no"})"},
      {"wrong_type", R"({"text": "x", "label": 1.5})"},
      {"wrong_type", R"({"text": "x", "label": ["no", "yes"]})"},
      {"unknown_label", R"({"text": "x", "label": 3})"},
      {"unknown_label", R"({"text": "x", "label": -2})"},
      {"wrong_type", R"({"text": "x", "id": 1.5, "label": "no"})"},
      {"wrong_type", R"({"text": "x", "id": [1], "label": "no"})"},
      {"score_out_of_range", R"({"text": "x", "label": "no", "confidence": 92})"},
      {"wrong_type", R"({"text": "x", "label": "no", "confidence": "high"})"},
      {"no_mass", R"({"text": "x", "label": "no", "confidence": 0})"},
      {"wrong_type", R"({"text": "x", "probs": "yes"})"},
      {"wrong_type", R"({"text": "x", "probs": {"yes": "half"}})"},
      {"no_mass", R"({"text": "x", "probs": {"yes": null}})"},
      {"repeated_field", R"({"text": "x", "text": "y", "label": "no"})"},
      {"repeated_field", R"({"text": "x", "probs": {"yes": 1}, "probs": {"no": 1}})"},
      {"repeated_field", R"({"text": "x", "probs": {"yes": 0.45, "no": 0.1, "yes": 0.45}})"},
      {"repeated_field", R"({"text": "x", "probs": [{"label": "no", "score": 0.4}, {"label": "no", "score": 0.4}]})"},
      {"several_distributions", R"({"text": "x", "probs": {"yes": 1}, "logits": {"no": 1}})"},
      {"unknown_label", R"({"text": "x", "label": "nope"})"},
      {"no_target", R"({"text": "x"})"},
      {"no_target", R"({"text": "x", "label": null, "probs": null})"},
      {"wrong_length", R"({"text": "x", "probs": [0.5, 0.5]})"},
      {"wrong_length", R"({"text": "x", "logits": []})"},
      {"not_finite", R"({"text": "x", "logprobs": {"yes": NaN}})"},
      {"not_finite", R"({"text": "x", "logprobs": {"yes": Infinity, "no": 0}})"},
      {"not_finite", R"({"text": "x", "probs": {"yes": -Infinity, "no": 1}})"},
      {"negative_probability", R"({"text": "x", "probs": {"yes": -0.1}})"},
      {"positive_logprob", R"({"text": "x", "logprobs": {"yes": 2.5}})"},
      {"sum_above_one", R"({"text": "x", "probs": {"yes": 0.7, "no": 0.4}})"},
      {"no_mass", R"({"text": "x", "probs": {"yes": 0}})"},
      {"no_label_word", R"({"text": "x", "probs": {"what": 0.5}})"},
      {"no_label_word", R"({"text": "x", "probs": {}})"},
      {"duplicate_id", R"({"text": "x", "id": "first", "label": "no"})"},
  };
}

TEST(Jsonl, GivesEachFaultItsReasonAndReadsOn) {
  for (const Fault& fault : faults()) {
    const auto read = tests::read_jsonl_text("{\"text\": \"before\", \"id\": \"first\", \"label\": \"no\"}\n" +
                                                 fault.row + "\n{\"text\": \"after\", \"label\": \"no\"}\n",
                                             labels());
    EXPECT_THAT(read.reasons(), ElementsAre(fault.reason)) << fault.row;
    EXPECT_THAT(read.ids(), ElementsAre("first", "log-3")) << fault.row;
    if (read.quarantine.empty()) continue;
    EXPECT_EQ(read.quarantine[0]["line"], 2) << fault.row;
    EXPECT_THAT(read.quarantine[0]["message"].get<std::string>(), HasSubstr("log.jsonl:2: ")) << fault.row;
    EXPECT_FALSE(read.quarantine[0]["fix"].get<std::string>().empty()) << fault.row;
    EXPECT_EQ(read.report.rejected.at(fault.reason), 1U);
  }
}

TEST(Jsonl, QuarantinesACutLastLineWhereverItIsCut) {
  const std::string good = "{\"text\": \"before\", \"label\": \"no\"}\n";
  const std::string last =
      "{\"id\": \"z\", \"text\": \"h\xc3\xa9llo \xf0\x9f\x98\x80 {}\", \"probs\": {\"yes\": 0.5, \"no\": 0.25}}";
  for (std::size_t length = 1; length < last.size(); ++length) {
    const auto read = tests::read_jsonl_text(good + last.substr(0, length), labels());
    EXPECT_THAT(read.reasons(), ElementsAre("cut_last_line")) << last.substr(0, length);
    EXPECT_EQ(read.records.size(), 1U);
  }
  EXPECT_EQ(tests::read_jsonl_text(good + last, labels()).records.size(), 2U);
}

TEST(Jsonl, ReportsACutCompressedFile) {
  const test::TemporaryFolder folder;
  std::string text;
  for (int i = 0; i < 2000; ++i)
    text += "{\"text\": \"text number " + std::to_string(i * 7919) + "\", \"label\": \"no\"}\n";
  const std::string packed = tests::gzip(text);
  const std::string path = folder.write("log.jsonl.gz", packed.substr(0, packed.size() / 2));
  const auto read = tests::read_log(folder, {"split", {{Adapter::kJsonl, path, {}}}, false}, labels());
  EXPECT_GT(read.records.size(), 100U);
  EXPECT_EQ(read.records[0].id, "log-1");
  EXPECT_EQ(read.reasons().back(), "cut_compressed_file");
}

TEST(Jsonl, CountsRenormalizedAndUnmapped) {
  const auto read = tests::read_jsonl_text(
      "{\"text\": \"a\", \"probs\": {\"yes\": 0.8004, \"no\": 0.2002}}\n"
      "{\"text\": \"b\", \"probs\": {\"yes\": 0.8, \"what\": 0.1, \"else\": 0.1}}\n",
      labels());
  EXPECT_EQ(read.report.renormalized, 1U);
  EXPECT_EQ(read.report.unmapped_words, 2U);
}

TEST(Jsonl, DropsDuplicatesFromTrainingOnly) {
  const std::string text =
      "{\"text\": \"a\", \"label\": \"no\"}\n{\"text\": \"b\", \"label\": \"no\"}\n{\"text\": \"a\", \"label\": "
      "\"yes\"}\n";
  const auto training = tests::read_jsonl_text(text, labels(), true);
  EXPECT_EQ(training.report.duplicates, 1U);
  ASSERT_EQ(training.records.size(), 2U);
  EXPECT_EQ(training.records[0].label, 1);
  const auto test = tests::read_jsonl_text(text, labels(), false);
  EXPECT_EQ(test.report.duplicates, 1U);
  EXPECT_EQ(test.records.size(), 3U);
}

TEST(Jsonl, DropsGoldOfTrainingRowsWhenAsked) {
  const std::string text =
      "{\"text\": \"a\", \"label\": \"no\", \"probs\": {\"yes\": 1}}\n{\"text\": \"b\", \"label\": \"no\"}\n";
  const auto training = tests::read_jsonl_text(text, labels(), true, {.use_gold_labels = false});
  ASSERT_EQ(training.records.size(), 1U);
  EXPECT_EQ(training.records[0].label, kNoLabel);
  EXPECT_THAT(training.reasons(), ElementsAre("no_target"));
  EXPECT_EQ(tests::read_jsonl_text(text, labels(), false, {.use_gold_labels = false}).report.with_label, 2U);
}

TEST(Jsonl, CountsTextsThatAreAlsoInTrain) {
  const test::TemporaryFolder folder;
  SplitTexts texts;
  const std::string train =
      folder.write("train.jsonl", "{\"text\": \"a\", \"label\": \"no\"}\n{\"text\": \"b\", \"label\": \"no\"}\n");
  const std::string dev =
      folder.write("dev.jsonl", "{\"text\": \"b\", \"label\": \"no\"}\n{\"text\": \"c\", \"label\": \"no\"}\n");
  tests::read_log(folder, {"train", {{Adapter::kJsonl, train, {}}}, true}, labels(), {}, &texts);
  const auto read = tests::read_log(folder, {"dev", {{Adapter::kJsonl, dev, {}}}, false}, labels(), {}, &texts);
  EXPECT_EQ(read.report.repeated_from("train"), 1U);
  EXPECT_EQ(read.records.size(), 2U);
  EXPECT_EQ(texts.at("train").size(), 2U);
  EXPECT_EQ(texts.at("dev").size(), 2U);
}

TEST(Jsonl, KeepsLongContentOutOfTheQuarantine) {
  const auto read = tests::read_jsonl_text(
      "{\"text\": \"" + std::string(100000, 'x') + "\"}\n{\"text\": \"a\", \"label\": \"no\"}\n", labels());
  ASSERT_EQ(read.quarantine.size(), 1U);
  EXPECT_EQ(read.quarantine[0]["content"].get<std::string>().size(), kExcerptBytes);
}

TEST(Jsonl, StopsWhenNothingIsUsable) {
  const test::TemporaryFolder folder;
  std::string text;
  for (std::uint64_t i = 0; i < 3 * kHopelessDocuments; ++i) text += "{\"other\": \"x\"}\n";
  const std::string path = folder.write("log.jsonl", text);
  std::uint64_t rows = 0;
  const auto report = read_split({"train", {{Adapter::kJsonl, path, {}}}, true}, labels(), {}, folder.file("q"),
                                 [&](Record&&) -> Status {
                                   ++rows;
                                   return {};
                                 });
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().code, ErrorCode::kBadData);
  EXPECT_THAT(report.error().message, HasSubstr("1000 x missing_field"));
  EXPECT_EQ(tests::read_json_lines(folder.file("q")).size(), kHopelessDocuments);
}

TEST(Jsonl, PassesOnAnErrorOfTheReceiver) {
  const test::TemporaryFolder folder;
  const std::string path = folder.write("log.jsonl", "{\"text\": \"a\", \"label\": \"no\"}\n");
  const auto report = read_split({"train", {{Adapter::kJsonl, path, {}}}, true}, labels(), {}, {},
                                 [](Record&&) -> Status { return Error{ErrorCode::kOutOfSpace, "full"}; });
  ASSERT_FALSE(report);
  EXPECT_EQ(report.error().message, "full");
}

}  // namespace
}  // namespace noggin::data
