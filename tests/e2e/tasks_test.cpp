// Every kind of task from rows to a verified file that answers, on made-up rows that a tiny student can learn.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <fstream>
#include <functional>
#include <sstream>

#include "tests/support/cli_noggin.h"
#include "tests/support/html_check.h"

namespace noggin {
namespace {

using nlohmann::json;
using test::noggin;
using test::noggin_run;
using test::ProcessResult;
using testing::HasSubstr;
using testing::Not;
using testing::StartsWith;

constexpr const char* kNames[] = {"anna", "ben", "carla", "david", "erin", "frank", "gina", "hugo"};
constexpr const char* kVerbs[] = {"call", "mail", "greet", "meet", "thank"};

// Row `i` of a split as a JSON object.
using MakeRow = std::function<json(std::size_t i)>;

struct Task {
  std::string kind;
  std::string labels;  // YAML, or empty
  MakeRow row;
};

std::string name_of(std::size_t i) { return kNames[(i * 7 + i / 8) % 8]; }
std::string verb_of(std::size_t i) { return kVerbs[(i * 3 + i / 5) % 5]; }

json tag_row(std::size_t i) {
  const std::string before = "é " + verb_of(i) + " ", name = name_of(i), number = std::to_string(100 + i * 37 % 900);
  const std::size_t start = before.size() - 1;  // code points: é is one
  json spans = json::array({{{"start", start}, {"end", start + name.size()}, {"type", "NAME"}}});
  std::string text = before + name;
  if (i % 3 != 0) {
    text += " on " + number;
    spans.push_back(
        {{"start", start + name.size() + 4}, {"end", start + name.size() + 4 + number.size()}, {"type", "PHONE"}});
  }
  return {{"text", text}, {"spans", spans}};
}

json edit_row(std::size_t i) {
  const std::string clean = verb_of(i) + " " + name_of(i) + " at " + std::to_string(1 + i % 12);
  return {{"text", verb_of(i) + (i % 2 == 0 ? " uh " : " um no ") + name_of(i) + " at " + std::to_string(1 + i % 12)},
          {"target", clean}};
}

json score_row(std::size_t i) {
  const bool polite = i % 2 == 0;
  return {{"text", (polite ? "please " : "now ") + verb_of(i) + " " + name_of(i) + " " + std::to_string(i)},
          {"score", polite ? 0.9 : 0.1}};
}

json multi_label_row(std::size_t i) {
  json labels = json::array();
  std::string text = verb_of(i) + " " + name_of(i) + " " + std::to_string(i);
  if (i % 2 == 0) {
    labels.push_back("urgent");
    text += " quickly";
  }
  if (i % 3 == 0) {
    labels.push_back("polite");
    text += " please";
  }
  return {{"text", text}, {"labels", labels}};
}

json router_row(std::size_t i) {  // every third text says nothing about its class
  const bool open = i % 3 == 0;
  return {{"text", (open         ? "hm "
                    : i % 2 == 0 ? "please "
                                 : "now ") +
                       verb_of(i) + " " + name_of(i) + " " + std::to_string(i)},
          {"label", (open ? i * 2654435761U >> 7U : i) % 2 == 0 ? "slow" : "fast"}};
}

class TaskRun {
 public:
  explicit TaskRun(const Task& task, const std::string& more = {}, const std::vector<std::string>& overrides = {}) {
    std::size_t next = 0;
    for (const auto& [split, rows] : {std::pair{"train", 320U}, {"dev", 40U}, {"test", 40U}}) {
      std::string lines;
      for (std::size_t i = 0; i < rows; ++i) lines += task.row(next++).dump() + "\n";
      folder_.write(std::string(split) + ".jsonl", lines);
    }
    const std::string recipe =
        folder_.write("recipe.yaml",
                      "name: tiny\ntask: " + task.kind + "\ndata:\n" +
                          (task.labels.empty() ? "" : "  labels: " + task.labels + "\n") +
                          "  train: [{adapter: jsonl, path: train.jsonl}]\n  dev: [{adapter: jsonl, path: dev.jsonl}]\n"
                          "  test: [{adapter: jsonl, path: test.jsonl}]\n"
                          "tokenizer: {size: 200, max_tokens: 24}\n"
                          "student: {layers: 1, width: 32, heads: 2, ffn_width: 64, dropout: 0}\n"
                          "train: {batch_rows: 16, threads: 1, precision: fp32}\n"
                          "phases:\n"
                          "  - {kind: distil, epochs: 12, learning_rate: 5e-3, teacher_weight: 0, gold_weight: 1}\n"
                          "  - {kind: qat, epochs: 1, learning_rate: 1e-3, teacher_weight: 0, gold_weight: 1}\n"
                          "gates: {max_drop_from_float: 0.2, required_targets: [reference]}\n" +
                          more);
    std::vector<std::string> command = {"run", recipe, "--out", folder_.file("run"), "--json"};
    command.insert(command.end(), overrides.begin(), overrides.end());
    result_ = noggin(command);
    if (result_.exit_code != 0) return;
    summary_ = json::parse(result_.output);
    expect_pages();
  }

  // What people read of a run, whatever its task.
  void expect_pages() const {
    const std::string page = test::read_text(file("run/report.html")),
                      card = test::read_text(file("run/export/MODEL_CARD.md"));
    test::expect_well_formed(page);
    test::expect_self_contained(page);
    for (const char* part : {"data", "training", "results", "file", "proof", "missing"})
      EXPECT_THAT(page, HasSubstr(std::string("<section id=\"") + part + "\">"));
    EXPECT_THAT(card, StartsWith("---\nlibrary_name: noggin\n"));
  }

  std::string file(const std::string& name) const { return folder_.file(name); }
  const ProcessResult& result() const { return result_; }
  const json& summary() const { return summary_; }
  std::string model() const { return folder_.file("run/export/model.nog"); }
  // Outside of the run directory.
  std::string copy_of_model(const test::TemporaryFolder& folder) const {
    std::filesystem::copy_file(model(), folder.file("alone.nog"));
    return folder.file("alone.nog");
  }
  // The figure that the task is measured by, of a row of the table: the shipped file on the reference kernels. -1: no
  // row.
  double primary_metric(const std::string& name = ".nog (reference)") const {
    for (const json& target : summary_["targets"]) {
      if (target["name"] == name) return target[summary_["quality"].get<std::string>()]["value"];
    }
    return -1.0;
  }

 private:
  test::TemporaryFolder folder_;
  ProcessResult result_;
  json summary_;
};

// Both tools print the same bytes.
void expect_same_answers(const std::string& model, const std::vector<std::string>& lines) {
  std::string input;
  for (const std::string& line : lines) input += line + "\n";
  for (const std::vector<std::string>& form : {std::vector<std::string>{}, {"--json"}}) {
    std::vector<std::string> trainer = {"predict", model}, device = {model};
    trainer.insert(trainer.end(), form.begin(), form.end());
    device.insert(device.end(), form.begin(), form.end());
    EXPECT_EQ(noggin(trainer, input).output, noggin_run(device, input).output);
  }
}

TEST(Tasks, ATaggerFindsMasksAndIsVerified) {
  const TaskRun run({"tag", "[O, B-NAME, I-NAME, B-PHONE, I-PHONE]", tag_row});
  ASSERT_EQ(run.result().exit_code, 0) << run.result().errors;
  EXPECT_EQ(run.summary()["quality"], "span_f1");
  EXPECT_GT(run.primary_metric(), 0.9);
  EXPECT_GT(run.primary_metric("baseline (words)"), 0.9);
  EXPECT_TRUE(run.summary()["figures"]["types"].contains("PHONE"));

  const std::string line = "é call anna on 555\n";
  EXPECT_EQ(noggin_run({"--mask", run.model()}, line).output, "é call [NAME] on [PHONE]\n");
  EXPECT_EQ(noggin({"predict", run.model(), "--mask"}, line).output, "é call [NAME] on [PHONE]\n");
  const json answer = json::parse(noggin({"predict", run.model(), "--json"}, line).output);
  ASSERT_EQ(answer["spans"].size(), 2U);
  EXPECT_EQ(answer["spans"][0]["start"], 8) << "bytes, not characters";
  EXPECT_EQ(answer["spans"][0]["text"], "anna");
  EXPECT_EQ(answer["spans"][0]["type"], "NAME");

  // Longer than the window of 24 tokens: everything is scanned.
  std::string far = "é ";
  for (int i = 0; i < 30; ++i) far += "call erin on 555 now ";
  const std::string masked = noggin_run({"--mask", run.model()}, far + "\n").output;
  EXPECT_THAT(masked, Not(HasSubstr("erin")));
  EXPECT_THAT(masked, HasSubstr("[NAME]"));
  EXPECT_EQ(noggin_run({run.model(), "--self-test"}).exit_code, 0);
  expect_same_answers(run.model(), {"é call anna on 555", "", "no one"});
}

// No row has an address or an IBAN, so the student cannot know them; and the table's figures are those of the file.
TEST(Tasks, ChecksFindWhatTheStudentHasNeverSeen) {
  const TaskRun run({"tag", "[O, B-NAME, I-NAME, B-PHONE, I-PHONE]", tag_row}, "checks: {email: NAME, iban: PHONE}\n",
                    {"phases.0.epochs=4"});
  ASSERT_EQ(run.result().exit_code, 0) << run.result().errors;
  const std::string line = "pay anna@example.org via DE89 3704 0044 0532 0130 00, not DE88 3704 0044 0532 0130 00\n";
  const std::string masked = noggin_run({"--mask", run.model()}, line).output;
  EXPECT_THAT(masked, testing::AllOf(HasSubstr("pay [NAME] via [PHONE]"), Not(HasSubstr("DE89"))));
  const json answer = json::parse(noggin({"predict", run.model(), "--json"}, line).output);
  EXPECT_EQ(answer["spans"][0]["text"], "anna@example.org");
  EXPECT_EQ(answer["spans"][0]["probability"], 1.0);
  expect_same_answers(run.model(), {line.substr(0, line.size() - 1), "anna@example.org", ""});
  const json info = json::parse(noggin_run({"--info", "--json", run.model()}).output);
  EXPECT_EQ(info["checks"], json::parse(R"([{"kind":"iban","type":"PHONE"},{"kind":"email","type":"NAME"}])"));
  // Without them the same weights find neither.
  const ProcessResult without =
      noggin({"run", run.file("recipe.yaml"), "checks.email=", "checks.iban=", "phases.0.epochs=4", "--out",
              run.file("without")});
  ASSERT_EQ(without.exit_code, 0) << without.errors;
  EXPECT_NE(noggin_run({"--mask", run.file("without/export/model.nog")}, line).output, masked);
}

TEST(Tasks, AnEditorDeletesWords) {
  const TaskRun run({"edit", "", edit_row});
  ASSERT_EQ(run.result().exit_code, 0) << run.result().errors;
  EXPECT_EQ(run.summary()["quality"], "exact_match");
  EXPECT_GT(run.primary_metric(), 0.9);
  EXPECT_EQ(run.primary_metric("print it unchanged"), 0.0);
  EXPECT_GT(run.primary_metric("baseline (words)"), 0.9);
  // Both delete every filler: nothing speaks for the student, and the gate that asks for it says so.
  EXPECT_THAT(run.summary()["warnings"].dump(), HasSubstr("the linear baseline"));
  const ProcessResult judged =
      noggin({"run", run.file("recipe.yaml"), "gates.must_beat_baseline=true", "--out", run.file("judged")});
  EXPECT_EQ(judged.exit_code, 5) << judged.errors;
  EXPECT_EQ(noggin({"predict", run.model()}, "mail um no hugo at 7\n").output, "mail hugo at 7\n");
  EXPECT_EQ(noggin_run({"--edit", run.model()}, "mail um no hugo at 7\n").output, "mail hugo at 7\n");
}

TEST(Tasks, AScoreIsANumber) {
  const TaskRun run({"score", "", score_row});
  ASSERT_EQ(run.result().exit_code, 0) << run.result().errors;
  EXPECT_GT(run.primary_metric(), 0.9);
  EXPECT_TRUE(run.summary()["figures"].contains("calibration error"));
  const double polite = json::parse(noggin({"predict", run.model(), "--json"}, "please meet anna 4\n").output)["score"];
  const double rude = json::parse(noggin({"predict", run.model(), "--json"}, "now meet anna 4\n").output)["score"];
  EXPECT_GT(polite, 0.6);
  EXPECT_LT(rude, 0.4);
  EXPECT_TRUE(json::parse(noggin_run({"--json", run.model()}, "please meet anna 4\n").output)["yes"]);
  EXPECT_TRUE(noggin({"predict", run.model()}, "now meet anna 4\n").output.ends_with("\tno\n"));
  EXPECT_TRUE(noggin_run({run.model()}, "now meet anna 4\n").output.ends_with("\tno\n"));
  EXPECT_THAT(noggin_run({"--info", run.model()}).output, HasSubstr("score (from "));
  expect_same_answers(run.model(), {"please meet anna 4", "", "now meet anna 4"});
}

// Raters agree at 0.9, the student says about as much: "0.89 or more" is not where its own yes begins.
TEST(Tasks, WhereAScoreBecomesAYesIsFittedOnDev) {
  const TaskRun run({"score", "", score_row}, "", {"data.score_threshold=0.89"});
  ASSERT_EQ(run.result().exit_code, 0) << run.result().errors;
  EXPECT_EQ(run.primary_metric(), 1.0);
  EXPECT_EQ(run.primary_metric("float student"), 1.0) << "is fitted too";
  const json info = json::parse(noggin_run({"--info", "--json", run.model()}).output);
  EXPECT_LT(info["thresholds"][0].get<double>(), 0.8);
  const std::string strict = "accuracy if a yes began at 0.89, as for gold";
  ASSERT_TRUE(run.summary()["figures"].contains(strict)) << run.summary()["figures"];

  // The file alone knows what gold's yes was: beside other gold in [0.8, 0.89) nothing would be right.
  std::string rows;
  for (std::size_t i = 0; i < 20; ++i) {
    json row = score_row(i);
    if (row["score"] == 0.1) row["score"] = 0.85;  // no yes, and the student says 0.1
    rows += row.dump() + "\n";
  }
  test::TemporaryFolder folder;
  const ProcessResult alone =
      noggin({"eval", run.copy_of_model(folder), "--data", folder.write("rows.jsonl", rows), "--json"});
  ASSERT_EQ(alone.exit_code, 0) << alone.errors;
  EXPECT_EQ(json::parse(alone.output)["targets"][0]["yes/no_accuracy"]["value"], 1.0) << alone.output;
}

TEST(Tasks, SeveralLabelsAtOnce) {
  const TaskRun run({"multi_label", "[urgent, polite]", multi_label_row});
  ASSERT_EQ(run.result().exit_code, 0) << run.result().errors;
  EXPECT_EQ(run.summary()["quality"], "micro_f1");
  EXPECT_GT(run.primary_metric(), 0.9);
  const json both = json::parse(noggin({"predict", run.model(), "--json"}, "call ben 12 quickly please\n").output);
  EXPECT_EQ(both["labels"].size(), 2U);
  const json none = json::parse(noggin({"predict", run.model(), "--json"}, "call ben 12\n").output);
  EXPECT_EQ(none["labels"].size(), 0U);
  expect_same_answers(run.model(), {"call ben 12 quickly please", "", "call ben 12"});
}

TEST(Tasks, AnUnsureRouterAbstainsAndThatIsVerified) {
  const TaskRun run({"single_label", "[slow, fast]", router_row},
                    "cascade: {escalation: 0.4, student_price: 1, teacher_price: 50}\n");
  ASSERT_EQ(run.result().exit_code, 0) << run.result().errors;
  const auto abstained = [&](const std::string& word) {
    std::string lines;
    for (int i = 900; i < 920; ++i) lines += word + " call ben " + std::to_string(i) + "\n";
    std::istringstream answers(noggin_run({"--json", run.model()}, lines).output);
    std::size_t count = 0;
    for (std::string line; std::getline(answers, line);) {
      const json answer = json::parse(line);
      if (!answer.value("abstained", false)) continue;
      EXPECT_THAT(answer["reason"].get<std::string>(), HasSubstr("below"));
      ++count;
    }
    return count;
  };
  EXPECT_GE(abstained("hm"), 10U);
  EXPECT_LE(abstained("please"), 4U);
  EXPECT_LE(abstained("now"), 4U);
  const json cascade = json::parse(test::read_text(run.file("run/export/cascade.json")));
  EXPECT_FALSE(cascade.empty());
  expect_same_answers(run.model(), {"hm call ben 901", "please call ben 902", ""});
}

// The linear model on n-grams as a file of its own: served, tested and verified like any other.
TEST(Tasks, TheBaselineIsAFileThatDevicesServe) {
  const auto row = [](std::size_t i) {
    return json{{"text", std::string(i % 2 == 0 ? "please " : "now ") + verb_of(i) + " " + name_of(i)},
                {"label", i % 2 == 0 ? "slow" : "fast"}};
  };
  const TaskRun run({"single_label", "[slow, fast]", row}, "baseline: {export: true, max_features: 300}\n");
  ASSERT_EQ(run.result().exit_code, 0) << run.result().errors;
  const std::string model = run.file("run/export/baseline.nog"), parity = run.file("run/export/baseline.parity.jsonl");
  EXPECT_THAT(noggin({"predict", model}, "please call anna\n").output, StartsWith("slow\t"));
  const json slow = json::parse(noggin_run({model, "--json"}, "please call anna\n").output);
  EXPECT_EQ(slow["label"], "slow");
  EXPECT_EQ(json::parse(noggin_run({model, "--json"}, "now call anna\n").output)["label"], "fast");
  EXPECT_EQ(noggin_run({model, "--self-test"}).exit_code, 0);
  EXPECT_EQ(noggin_run({model, "--verify", parity}).exit_code, 0);
  EXPECT_EQ(noggin_run({model, "--info"}).exit_code, 0);
  EXPECT_EQ(noggin_run({model}, "\n").exit_code, 0) << "a text without any n-gram";
  const ProcessResult verified = noggin({"verify", model});
  EXPECT_EQ(verified.exit_code, 0) << verified.errors;
  // One logit with another sign is noticed.
  std::string bent = test::read_text(parity);
  const std::size_t first = bent.find("\"logits\":[") + 10;
  bent[first] == '-' ? bent.erase(first, 1) : bent.insert(first, "-");
  std::ofstream(run.file("bent.jsonl")) << bent;
  EXPECT_NE(noggin_run({model, "--verify", run.file("bent.jsonl")}).exit_code, 0);
}

TEST(Tasks, AMaskOfAModelThatDoesNotTagIsRefusedAndPrintsNothing) {
  const TaskRun run({"score", "", score_row});
  ASSERT_EQ(run.result().exit_code, 0) << run.result().errors;
  const ProcessResult refused = noggin({"predict", run.model(), "--mask"}, "please meet anna\n");
  EXPECT_NE(refused.exit_code, 0);
  EXPECT_THAT(refused.output, Not(HasSubstr("anna")));
  EXPECT_THAT(refused.errors, HasSubstr("score"));
}

}  // namespace
}  // namespace noggin
