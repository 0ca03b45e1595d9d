// `noggin assess` as a user meets it: on the demo, on a log without gold, and on inputs that are wrong.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <optional>

#include "tests/support/cli_noggin.h"

namespace noggin::test {
namespace {

using testing::AnyOf;
using testing::HasSubstr;
using testing::Not;
using Json = nlohmann::ordered_json;

const std::vector<std::string> kQuick = {"baseline={buckets: 4096, epochs: 2, max_features: 500}", "train.threads=1"};

ProcessResult assess(std::vector<std::string> words, const std::vector<std::string>& more = {}) {
  const bool statics =
      std::ranges::any_of(words, [](const std::string& word) { return word.starts_with("static_student="); });
  if (!statics) words.insert(words.begin(), "static_student.train=false");
  words.insert(words.begin(), kQuick.begin(), kQuick.end());  // before --from, which takes all words behind it
  words.insert(words.begin(), "assess");
  words.insert(words.end(), more.begin(), more.end());
  return noggin(std::move(words));
}

// A log of a teacher's answers in words, without gold: what somebody has who has labelled nothing.
std::string log_of(std::size_t rows, const std::vector<std::string>& answers) {
  const std::vector<std::string> words = {"invoice", "parcel", "refund", "address", "tuesday", "please", "broken"};
  std::string log;
  for (std::size_t i = 0; i < rows; ++i) {
    const std::size_t kind = i % answers.size();
    log += fmt::format(R"({{"id": "r{}", "text": "{} number {} {} today", "logprobs": {{"{}": -0.01}}}})", i,
                       words[kind], i, words[(i / 3) % words.size()], answers[kind]) +
           "\n";
  }
  return log;
}

class Assess : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    folder_.emplace();
    ASSERT_EQ(noggin({"init", "--demo", folder_->file("demo")}).exit_code, 0);
  }
  static void TearDownTestSuite() { folder_.reset(); }
  static std::string recipe() { return folder_->file("demo/recipe.yaml"); }

  inline static std::optional<TemporaryFolder> folder_;
};

TEST_F(Assess, AnswersTheFiveQuestionsOfTheDemo) {
  const ProcessResult result =
      assess({recipe(), "--json", "--round-trip-ms", "250", "--price-in", "2", "--price-out", "8", "--requests-per-day",
              "5000", "--training-cost", "3", "--targets", "reference,avx2", "--out", folder_->file("page.txt")});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const Json json = Json::parse(result.output);
  EXPECT_EQ(json["bounded"]["classes"]["value"]["classes"], 17);
  EXPECT_EQ(json["bounded"]["curve"]["value"].size(), 5U);
  EXPECT_EQ(json["bounded"]["curve"]["value"][4]["rows"].get<int>(),
            2 * json["bounded"]["curve"]["value"][3]["rows"].get<int>());
  EXPECT_EQ(json["bounded"]["linear"]["origin"], "measured");
  EXPECT_FALSE(json["bounded"].contains("static_curve")) << "the recipe asks for no static student";
  EXPECT_GE(json["bounded"]["at_10_times"]["value"]["high"], json["bounded"]["at_10_times"]["value"]["low"]);
  EXPECT_EQ(json["bounded"]["target"]["origin"], "not known");  // dev of the demo has no teacher
  EXPECT_EQ(json["latency"]["round_trip_ms"]["origin"], "given");
  EXPECT_GT(json["latency"]["student_us"]["value"]["median_us"], 0.0);
  EXPECT_GT(json["latency"]["linear_us"]["value"]["median_us"], 0.0);
  EXPECT_EQ(json["sensitivity"]["rows_with_any"]["origin"], "not known");
  EXPECT_EQ(json["cost"]["input_tokens"]["origin"], "measured");  // the demo's log has usage fields
  EXPECT_NEAR(json["cost"]["per_month"]["value"].get<double>(),
              json["cost"]["price_per_request"]["value"].get<double>() * 5000.0 * 30.4375, 1e-6);
  EXPECT_GT(json["ownership"]["student_bytes"]["value"]["most"], 100'000);
  EXPECT_EQ(json["recommendation"]["verdict"], "cannot tell");
  EXPECT_THAT(json["recommendation"]["reason"].get<std::string>(), HasSubstr("--target"));
  const std::string page = read_text(folder_->file("page.txt"));
  EXPECT_THAT(page, HasSubstr("5. What must be owned?"));
  EXPECT_THAT(page, HasSubstr("Recommendation: cannot tell"));
  const ProcessResult again = assess({recipe(), "--out", folder_->file("page.txt")});
  EXPECT_EQ(again.exit_code, 4);
  EXPECT_THAT(again.errors, HasSubstr("--force"));
}

TEST_F(Assess, AStaticStudentHasACurveOfItsOwn) {
  const ProcessResult result =
      assess({recipe(), "static_student={train: true, width: 32}", "--json", "--target", "0.2"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const Json bounded = Json::parse(result.output)["bounded"];
  ASSERT_EQ(bounded["static_curve"]["value"].size(), 5U);
  EXPECT_EQ(bounded["static_curve"]["value"][4]["rows"], bounded["curve"]["value"][4]["rows"]);
  EXPECT_NEAR(bounded["static_curve"]["value"][4]["quality"].get<double>(),
              bounded["static"]["value"]["value"].get<double>(), 1e-9);
  EXPECT_GT(bounded["static"]["value"]["value"].get<double>(), 0.5);
  EXPECT_TRUE(bounded.contains("static_rows_for_target"));
}

TEST_F(Assess, AnEasyTargetIsForTheDevice) {
  const ProcessResult result = assess({recipe(), "--json", "--target", "0.2"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  EXPECT_EQ(Json::parse(result.output)["recommendation"]["verdict"], "device");
}

TEST_F(Assess, ReadsALogWithoutGoldAndLeavesNothingBehind) {
  const std::string log = folder_->write("plain/log.jsonl", log_of(900, {"billing", "shipping", "returns"}));
  const std::string scratch = folder_->write("scratch/keep", "");
  ::setenv("TMPDIR", folder_->file("scratch").c_str(), 1);
  const ProcessResult result = assess({"--json", "--from", log});
  ::unsetenv("TMPDIR");
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const Json json = Json::parse(result.output);
  EXPECT_EQ(json["bounded"]["teacher_gold_dev"]["origin"], "not known");
  EXPECT_EQ(json["bounded"]["teacher_quality"]["origin"], "not known");
  EXPECT_EQ(json["cost"]["input_tokens"]["origin"], "estimated");
  EXPECT_EQ(json["cost"]["per_month"]["origin"], "not known");
  EXPECT_EQ(json["recommendation"]["verdict"], "cannot tell");
  std::size_t left = 0;
  for ([[maybe_unused]] const auto& entry : std::filesystem::directory_iterator(folder_->file("scratch"))) ++left;
  EXPECT_EQ(left, 1U);
}

TEST_F(Assess, HostileClassNamesArePrintedAsText) {
  const std::string log =
      folder_->write("hostile/log.jsonl", log_of(600, {"<script>alert(1)</script>", "ordinary", "ba\\\"r"}));
  const ProcessResult result = assess({"--from", log, "--target", "0.5"});
  EXPECT_THAT(result.exit_code, AnyOf(0, 3)) << result.errors;
  EXPECT_THAT(result.output + result.errors, Not(HasSubstr("\x1b")));
}

TEST_F(Assess, WrongOptionsAreUsageErrorsWithAFix) {
  const std::string tagless = folder_->write("no.nog", "not a model");
  const std::vector<std::pair<std::vector<std::string>, std::string>> cases = {
      {{"--price-in", "0", "--price-out", "1"}, "above 0"},
      {{"--price-per-request", "0"}, "above 0"},
      {{"--price-in", "2"}, "both --price-in and --price-out"},
      {{"--price-per-request", "1", "--price-in", "2", "--price-out", "3"}, "leave out one"},
      {{"--training-hours", "2"}, "--price-per-hour"},
      {{"--round-trip-ms", "fast"}, "above 0"},
      {{"--target", "90"}, "up to 1"},
      {{"--requests-per-day", "-5"}, "above 0"},
      {{"--targets", "sparc"}, "sparc"},
      {{"--round-trip", "5"}, "--round-trip-ms"},
      {{"--from", "log.jsonl"}, "leave out one of the two"},
  };
  for (const auto& [words, expected] : cases) {
    std::vector<std::string> all = {recipe()};
    all.insert(all.end(), words.begin(), words.end());
    const ProcessResult result = assess(all);
    EXPECT_EQ(result.exit_code, 2) << words[0] << ": " << result.errors;
    EXPECT_THAT(result.errors, HasSubstr(expected));
    EXPECT_EQ(result.output, "");
  }
}

TEST_F(Assess, WrongFilesAreNamedWithAFix) {
  const std::string model = folder_->write("broken.nog", "not a model");
  const std::string list = folder_->write("counters.json", "[1, 2]"),
                    cut = folder_->write("cut.json", R"({"counters": 1,)");
  for (const auto& [option, file] : {std::pair{"--masking", model},
                                     {"--masking", folder_->file("none.nog")},
                                     {"--counters", list},
                                     {"--counters", cut},
                                     {"--counters", folder_->file("none")}}) {
    const ProcessResult result = assess({recipe(), option, file});
    EXPECT_EQ(result.exit_code, 3) << file << ": " << result.errors;
    EXPECT_THAT(result.errors, HasSubstr(file));
  }
  EXPECT_EQ(assess({"--from", folder_->file("no-such-log.jsonl")}).exit_code, 3);
  EXPECT_EQ(assess({folder_->file("no-such-recipe.yaml")}).exit_code, 2);
}

TEST_F(Assess, OneClassOrNoDevIsNothingToAssess) {
  const std::string rows = folder_->write("one/train.jsonl", log_of(300, {"billing"}));
  const std::string recipe_of_one = folder_->write(
      "one/recipe.yaml",
      "data:\n  labels: [billing, shipping]\n  train: [{path: train.jsonl, adapter: jsonl}]\n  dev_share: 0.2\n"
      "  test_share: 0.2\n  measure_by_teacher: true\nphases: [{kind: distil}]\n");
  const ProcessResult one = assess({recipe_of_one});
  EXPECT_EQ(one.exit_code, 3) << one.errors;
  EXPECT_THAT(one.errors, HasSubstr("all training rows have the class \"billing\""));
  const std::string without_dev = folder_->write(
      "one/no-dev.yaml", "data:\n  labels: [billing, shipping]\n  train: [{path: train.jsonl, adapter: jsonl}]\n");
  const ProcessResult dev = assess({without_dev});
  EXPECT_EQ(dev.exit_code, 2) << dev.errors;
  EXPECT_THAT(dev.errors, HasSubstr("dev"));
}

TEST_F(Assess, MaskingCountsSpansAndPrintsNoText) {
  const std::string golden = NOGGIN_SOURCE_DIR "/tests/golden/";
  const ProcessResult wrong = assess({recipe(), "--masking", golden + "v1_tiny.nog"});
  EXPECT_EQ(wrong.exit_code, 3);
  EXPECT_THAT(wrong.errors, HasSubstr("its task is single_label"));
  const std::string log = folder_->write("masked/log.jsonl", log_of(600, {"billing", "shipping"}));
  const ProcessResult result = assess({"--json", "--masking", golden + "v2_tiny_tagger.nog", "--from", log});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const Json found = Json::parse(result.output)["sensitivity"];
  EXPECT_EQ(found["rows_with_any"]["origin"], "measured");
  EXPECT_GT(found["rows_with_any"]["value"]["n"], 0);
  EXPECT_GT(found.size(), 1U);  // and one figure for each type
  EXPECT_THAT(result.output + result.errors, Not(HasSubstr("invoice number")));
}

TEST_F(Assess, CountersOfDevicesSayWhatTheyAnswer) {
  const std::string counters =
      folder_->write("counted.json", R"({"counters": 1, "requests": 1000, "unanswered": 250, "errors": 0})");
  const ProcessResult result = assess({recipe(), "--json", "--counters", counters, "--price-per-request", "0.01",
                                       "--training-cost", "75", "--target", "0.2"});
  ASSERT_EQ(result.exit_code, 0) << result.errors;
  const Json json = Json::parse(result.output);
  EXPECT_NEAR(json["cost"]["answered_share"]["value"]["value"].get<double>(), 0.75, 1e-9);
  EXPECT_NEAR(json["cost"]["break_even_requests"]["value"]["requests"].get<double>(), 10000.0, 1e-6);
}

}  // namespace
}  // namespace noggin::test
