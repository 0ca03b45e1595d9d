// From logs that nobody has described to checked shards: init --from, check, ingest, inspect.
#include <gmock/gmock.h>

#include <cmath>
#include <filesystem>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>
#include <string>
#include <vector>

#include "tests/support/cli_noggin.h"

namespace noggin {
namespace {

using Json = nlohmann::ordered_json;
using test::noggin;
using test::ProcessResult;
using testing::AllOf;
using testing::HasSubstr;
using testing::Not;

Json request(const std::string& text) {
  return {{"model", "m"},
          {"messages", {{{"role", "system"}, {"content", "Which desk?"}}, {{"role", "user"}, {"content", text}}}}};
}

// A chat completion that answers `word` with this probability, and `other` with most of the rest.
Json completion(const std::string& word, const std::string& other, double p) {
  const auto token = [](const std::string& text, double probability) -> Json {
    return {{"token", text}, {"logprob", std::log(probability)}};
  };
  Json position = token(word, p);
  position["top_logprobs"] = {token(word, p), token(other, 0.9 * (1.0 - p))};
  return {{"choices",
           {{{"index", 0},
             {"finish_reason", "stop"},
             {"message", {{"content", word}}},
             {"logprobs", {{"content", {position}}}}}}}};
}

class WayIn : public testing::Test {
 protected:
  // A batch of `rows` requests and the file of its answers, in another order.
  void write_batch(int rows) {
    std::string requests, answers;
    for (int i = 0; i < rows; ++i) {
      const bool refund = i % 2 == 0;
      const std::string id = "r-" + std::to_string(i);
      requests += Json{{"custom_id", id},
                       {"body", request((refund ? "money back for order " : "where is parcel ") + std::to_string(i))}}
                      .dump() +
                  "\n";
      answers = Json{{"custom_id", id},
                     {"response",
                      {{"status_code", 200},
                       {"body", completion(refund ? "refund" : "parcel", refund ? "parcel" : "refund", 0.75)}}}}
                    .dump() +
                "\n" + answers;
    }
    requests_ = folder_.write("requests.jsonl", requests);
    answers_ = folder_.write("answers.jsonl", answers);
  }

  ProcessResult init(std::vector<std::string> words) {
    words.insert(words.begin(), "init");
    words.push_back(task_);
    return noggin(std::move(words));
  }
  std::string recipe() const { return task_ + "/recipe.yaml"; }
  ProcessResult ingest() { return noggin({"ingest", recipe(), "--out", out_}); }
  static std::string content(const std::string& path) {
    std::ifstream file(path);
    return {std::istreambuf_iterator<char>(file), {}};
  }
  static std::vector<Json> rows_of(const std::string& text) {
    std::vector<Json> rows;
    std::istringstream lines(text);
    for (std::string line; std::getline(lines, line);) rows.push_back(Json::parse(line));
    return rows;
  }

  test::TemporaryFolder folder_;
  const std::string task_ = folder_.file("task"), out_ = folder_.file("run");
  const std::string quarantine_ = out_ + "/data/quarantine.jsonl";
  std::string requests_, answers_;
};

TEST_F(WayIn, LeadsFromABatchToShards) {
  write_batch(40);
  const ProcessResult made = init({"--from", requests_, answers_});
  ASSERT_EQ(made.exit_code, 0) << made.errors;
  EXPECT_THAT(made.output, AllOf(HasSubstr("answers.jsonl: openai_batch"), HasSubstr("2 classes in 80"),
                                 HasSubstr("teacher \"refund\" 0.75")));
  const ProcessResult checked = noggin({"check", recipe(), "--out", out_});
  ASSERT_EQ(checked.exit_code, 0) << checked.errors;
  std::size_t shown = 0;
  for (std::size_t at = checked.output.find("answers.jsonl:"); at != std::string::npos;
       at = checked.output.find("answers.jsonl:", at + 1))
    ++shown;
  EXPECT_EQ(shown, 9U) << "three rows of the source in each of three splits:\n" << checked.output;
  const ProcessResult read = ingest();
  ASSERT_EQ(read.exit_code, 0) << read.errors;
  EXPECT_THAT(read.output, AllOf(HasSubstr("class mass 0.975 on average; text and tokens agree on 100.0 %"),
                                 HasSubstr("classes by teacher: "), HasSubstr("rejected lines: " + quarantine_)));
  EXPECT_EQ(content(quarantine_), "") << "there, though nothing was rejected";
  EXPECT_EQ(Json::parse(content(out_ + "/data/ingest_report.json"))["quarantine"], "quarantine.jsonl");
}

// Weights by what the rows have, a rate by where the weights start, lengths that few rows do not shorten.
TEST_F(WayIn, PlansATrainingThatFitsTheRows) {
  const auto recipe_of = [&](const char* members) {
    std::string rows;
    for (int i = 0; i < 40; ++i)
      rows +=
          R"({"text": "text number )" + std::to_string(i) + "\", " + (i % 2 == 0 ? members : R"("label": "b")") + "}\n";
    const ProcessResult made = init({"--force", "--from", folder_.write("rows.jsonl", rows)});
    EXPECT_EQ(made.exit_code, 0) << made.errors;
    EXPECT_EQ(noggin({"check", recipe()}).exit_code, 0);
    return content(recipe());
  };
  const std::string gold = recipe_of(R"("label": "a")");
  EXPECT_THAT(gold, AllOf(HasSubstr("min_steps: 4000"), HasSubstr("patience: 8"), HasSubstr("gold_weight: 1"),
                          HasSubstr("teacher_weight: 0 ")));
  EXPECT_THAT(gold, testing::Not(HasSubstr("kind: prune"))) << "nothing has to be removed";
  const std::string both = recipe_of(R"("label": "a", "probs": {"a": 0.9, "b": 0.1})");
  EXPECT_THAT(both, AllOf(HasSubstr("teacher_weight: 0.5"), HasSubstr("gold_weight: 0.5"),
                          HasSubstr("half teacher, half gold")));
}

// A part of a log whose teacher knows more classes than the part has.
TEST_F(WayIn, ClassesThatAreNeverTheAnswerAreLeftOut) {
  const auto recipe_of = [&](int count) {
    std::string rows;
    for (int i = 0; i < count; ++i)
      rows += R"({"text": "text number )" + std::to_string(i) +
              R"(", "probs": {"refund": 0.6, "parcel": 0.1, "visa": )" +
              (i % 2 == 0 ? "0.3}}\n" : "0.05, \"loan\": 0.25}}\n");
    rows += R"({"text": "another", "probs": {"parcel": 0.9, "visa": 0.1}})"
            "\n";
    const ProcessResult made = init({"--force", "--from", folder_.write("rows.jsonl", rows)});
    EXPECT_EQ(made.exit_code, 0) << made.errors;
    return content(recipe());
  };
  EXPECT_THAT(recipe_of(1200), AllOf(HasSubstr("labels: [parcel, refund]"), HasSubstr("2 classes are left out")));
  EXPECT_THAT(recipe_of(50), HasSubstr("labels: [loan, parcel, refund, visa]")) << "so few rows do not tell";
}

TEST_F(WayIn, InspectShowsRowsAsUnderstood) {
  write_batch(6);
  const ProcessResult shown = noggin({"inspect", requests_, answers_, "--rows", "20", "--json"});
  ASSERT_EQ(shown.exit_code, 0) << shown.errors;
  const std::vector<Json> rows = rows_of(shown.output);
  ASSERT_EQ(rows.size(), 6U);
  const Json& row = rows.front();
  std::set<std::string> fields;
  for (const auto& [name, value] : row.items()) fields.insert(name);
  for (const char* name : {"id", "text", "label", "teacher", "mass", "position", "source", "line"})
    EXPECT_TRUE(fields.contains(name)) << name;
  EXPECT_EQ(row["id"], "r-5");
  EXPECT_EQ(row["text"], "where is parcel 5");
  EXPECT_TRUE(row["label"].is_null());
  EXPECT_NEAR(row["teacher"]["parcel"].get<double>(), 0.75, 1e-6);
  EXPECT_NEAR(row["teacher"]["refund"].get<double>(), 0.225, 1e-6);
  EXPECT_NEAR(row["mass"].get<double>(), 0.975, 1e-6);
  EXPECT_EQ(row["position"], 0);
  EXPECT_EQ(row["source"], answers_);
  EXPECT_EQ(row["line"], 1);
}

TEST_F(WayIn, ASourceThatIsRefusedShowsThreeLinesItsFamilyAndTheQuarantine) {
  write_batch(40);
  ASSERT_EQ(init({"--from", requests_, answers_}).exit_code, 0);
  std::string alone;
  for (int i = 0; i < 5; ++i) alone += completion("refund", "parcel", 0.75).dump() + "\n";
  folder_.write("answers.jsonl", alone);
  folder_.write("requests.jsonl", alone);
  for (const std::string& verb : {std::string("check"), std::string("ingest")}) {
    const ProcessResult refused = noggin({verb, recipe(), "--out", out_});
    EXPECT_EQ(refused.exit_code, 3) << verb;
    for (const char* line : {"requests.jsonl:1: ", "requests.jsonl:2: ", "requests.jsonl:3: "})
      EXPECT_THAT(refused.errors, HasSubstr(line)) << verb;
    EXPECT_THAT(refused.errors, AllOf(HasSubstr("an answer without what was asked"),
                                      HasSubstr("Fix: name the file that holds the requests as well"),
                                      HasSubstr("looks like a chat completion")))
        << verb;
    if (verb == "ingest") {
      EXPECT_THAT(refused.errors, HasSubstr(quarantine_));
    }
  }
  EXPECT_EQ(rows_of(content(quarantine_)).size(), 10U) << "each line once";
}

TEST_F(WayIn, ThreeRowsAreSharedAmongThreeSplits) {
  const std::string log = folder_.write("log.jsonl", R"({"sentence": "one", "category": "a"})"
                                                     "\n"
                                                     R"({"sentence": "two", "category": "b"})"
                                                     "\n"
                                                     R"({"sentence": "three", "category": "a"})"
                                                     "\n");
  ASSERT_EQ(init({"--from", log}).exit_code, 0);
  const ProcessResult read = ingest();
  ASSERT_EQ(read.exit_code, 0) << read.errors;
  for (const Json& split : Json::parse(content(out_ + "/data/ingest_report.json"))["splits"])
    EXPECT_EQ(split["accepted"], 1) << split["name"];
  const std::string two =
      folder_.write("two.jsonl", "{\"text\": \"one\", \"label\": \"a\"}\n{\"text\": \"One!\", \"label\": \"b\"}\n");
  const ProcessResult few = noggin({"init", "--from", two, folder_.file("few")});
  EXPECT_EQ(few.exit_code, 3);
  EXPECT_THAT(few.errors, HasSubstr("1 different texts are too few"));
}

TEST_F(WayIn, OneQuestionOfTypedDecisionsIsTrained) {
  std::string log;
  for (int i = 0; i < 60; ++i) {
    const bool leak = i % 2 == 0;
    const std::string text = (leak ? "the tap drips " : "the wall is grey ") + std::to_string(i);
    const Json asked = {{"state", text},
                        {"questions",
                         {{"who",
                           {{"type", "choice"},
                            {"instructions", "Who comes?"},
                            {"criteria", {{"plumber", nullptr}, {"painter", nullptr}, {"nobody", nullptr}}}}},
                          {"today", {{"type", "noul"}, {"instructions", "Is it urgent?"}}}}}};
    Json answers = {
        {"who",
         {{"type", "choice"},
          {"choice", leak ? "plumber" : "painter"},
          {"probabilities",
           {{"plumber", leak ? 0.9 : 0.05}, {"painter", leak ? 0.06 : 0.9}, {"nobody", leak ? 0.04 : 0.05}}}}}};
    if (i % 3 == 0) answers["today"] = {{"type", "noul"}, {"noul", leak ? 0.8 : 0.1}};
    log += Json{{"id", i}, {"request", asked}, {"response", {{"model", "m"}, {"answers", answers}}}}.dump() + "\n";
  }
  const std::string path = folder_.write("decisions.jsonl", log);
  const ProcessResult made = init({"--from", path});
  ASSERT_EQ(made.exit_code, 0) << made.errors;
  EXPECT_THAT(made.output, AllOf(HasSubstr("\"who\": choice of 3, asked on 60 rows, answered on 60 (learnt here)"),
                                 HasSubstr("\"today\": yes/no of 2, asked on 60 rows, answered on 20")));
  EXPECT_THAT(content(recipe()), AllOf(HasSubstr("question: who"), HasSubstr("measure_by_teacher: true")));
  const ProcessResult run = test::tiny("run", recipe(), {"--out", out_});
  EXPECT_EQ(run.exit_code, 0) << run.errors;
  const ProcessResult other = noggin({"init", "--from", path, "--question", "today", folder_.file("today")});
  ASSERT_EQ(other.exit_code, 0) << other.errors;
  const ProcessResult numbers = noggin({"ingest", folder_.file("today") + "/recipe.yaml", "--out", folder_.file("r2")});
  EXPECT_EQ(numbers.exit_code, 0) << numbers.errors;
  const ProcessResult absent = noggin({"init", "--from", path, "--question", "when", folder_.file("when")});
  EXPECT_EQ(absent.exit_code, 2);
  EXPECT_THAT(absent.errors, HasSubstr("take one of who, today"));
  const ProcessResult shown = noggin({"inspect", path, "--question", "today", "--rows", "3", "--json"});
  ASSERT_EQ(shown.exit_code, 0) << shown.errors;
  EXPECT_EQ(rows_of(shown.output).size(), 3U);
}

// By where spans are, not by what their types are called.
TEST_F(WayIn, ChecksThatGoldAgreesWithAreDeclared) {
  std::string rows;
  const auto add = [&](const std::string& text, const std::string& found, const std::string& type, std::size_t extra) {
    const std::size_t start = text.find(found);
    const Json span = {{"start", start}, {"end", start + found.size() + extra}, {"type", type}};
    rows += Json{{"text", text}, {"spans", Json::array({span})}}.dump() + "\n";
  };
  for (int i = 0; i < 120; ++i) {
    const std::string n = std::to_string(i);
    add("call " + n + " and write to anna" + n + "@example.org today", "anna" + n + "@example.org", "CONTACT", 0);
    add("host " + n + " is 10.0.0." + n + " still", "10.0.0." + n, "PLACE", i % 2 == 0 ? 6 : 0);
    if (i < 9) add("see http://example.org/" + n + " now", "http://example.org/" + n, "PLACE", 0);
  }
  const std::string log = folder_.write("rows.jsonl", rows);
  ASSERT_EQ(init({"--from", log}).exit_code, 0);
  const std::string made = content(recipe());
  EXPECT_THAT(made, HasSubstr("\nchecks:\n  # the type of e-mail addresses\n  email: CONTACT\n"));
  EXPECT_THAT(made, HasSubstr("matches in the gold rows of train and dev are exactly spans of \"CONTACT\"; declared"));
  EXPECT_THAT(made, HasSubstr("# checks.ip: "));
  EXPECT_THAT(made, HasSubstr("# checks.url: "));
  EXPECT_THAT(made, Not(HasSubstr("  ip: ")));
  EXPECT_THAT(made, Not(HasSubstr("  url: ")));
}

}  // namespace
}  // namespace noggin
