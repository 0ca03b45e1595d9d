// What a model will cost is known before it is trained: its bytes exactly, and whether a budget can be met.
#include <fmt/format.h>
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <filesystem>
#include <functional>

#include "tests/support/cli_noggin.h"
#include "tests/support/data_pretrained_folder.h"

namespace noggin {
namespace {

namespace fs = std::filesystem;
using nlohmann::json;
using test::noggin;
using test::ProcessResult;
using testing::HasSubstr;
using testing::Not;

class Budget : public testing::Test {
 protected:
  // Rows of a few hundred words, so that the vocabulary is smaller than tokenizer.size allows.
  void write_rows(const std::string& name, int first, int count) const {
    std::string text;
    for (int i = first; i < first + count; ++i)
      text += fmt::format("{{\"text\": \"{} order {} of shop {} please\", \"label\": \"{}\"}}\n",
                          i % 3 == 0   ? "give back the money for"
                          : i % 3 == 1 ? "where is the box of"
                                       : "say something else about",
                          i, i % 17,
                          i % 3 == 0   ? "refund"
                          : i % 3 == 1 ? "parcel"
                                       : "other");
    folder_.write(name, text);
  }
  void SetUp() override {
    write_rows("train.jsonl", 0, 240);
    write_rows("dev.jsonl", 240, 60);
    write_rows("test.jsonl", 300, 60);
    folder_.write("recipe.yaml",
                  "name: small\ndata:\n  labels: [refund, parcel, other]\n  none_label: other\n"
                  "  train: [{path: train.jsonl}]\n  dev: [{path: dev.jsonl}]\n  test: [{path: test.jsonl}]\n"
                  "tokenizer: {size: 400, min_frequency: 1, max_tokens: 24}\n"
                  "student: {layers: 2, width: 32, heads: 2, ffn_width: 100}\n"
                  "train: {threads: 1, precision: fp32}\nbaseline: {buckets: 4096, epochs: 1}\n"
                  "gates: {max_drop_from_float: 1}\n"
                  "phases: [{kind: distil, epochs: 1, teacher_weight: 0, gold_weight: 1},"
                  " {kind: qat, epochs: 0, teacher_weight: 0, gold_weight: 1}]\n");
  }
  ProcessResult command(const std::string& verb, std::vector<std::string> more) const {
    more.insert(more.begin(), {verb, folder_.file("recipe.yaml"), "--out", out()});
    return noggin(std::move(more));
  }
  std::string out() const { return folder_.file("run"); }
  std::string model() const { return out() + "/export/model.nog"; }

  json planned(std::vector<std::string> keys) const {
    keys.insert(keys.end(), {"--json", "--no-latency"});
    const ProcessResult checked = command("check", keys);
    EXPECT_EQ(checked.exit_code, 0) << checked.errors;
    return json::parse(checked.output).at("model");
  }
  void run(const std::vector<std::string>& keys) const {
    const ProcessResult ran = command("run", keys);
    ASSERT_EQ(ran.exit_code, 0) << ran.errors;
  }
  void expect_exact(const std::vector<std::string>& keys) const {
    const json before = planned(keys);
    EXPECT_TRUE(before["file_bytes"]["exact"]) << before;
    EXPECT_EQ(before["file_bytes"]["least"], before["file_bytes"]["most"]) << before;
    run(keys);
    EXPECT_EQ(before["file_bytes"]["most"], fs::file_size(model())) << before;
    EXPECT_EQ(planned(keys), before) << "ingest has changed what is known exactly";
  }

  test::TemporaryFolder folder_;
};

constexpr const char* kPruned =
    "phases=[{kind: distil, epochs: 1, teacher_weight: 0, gold_weight: 1}, {kind: prune, epochs: 2, removal_epochs: 1, "
    "ffn_share: 0.37, heads_share: 0.25, teacher_weight: 0, gold_weight: 1}, {kind: qat, epochs: 0, teacher_weight: 0, "
    "gold_weight: 1}]";

TEST_F(Budget, TheBytesOfTheFileAreKnownExactly) { expect_exact({}); }

TEST_F(Budget, AndThoseOfAPrunedLayer) {
  expect_exact({kPruned, "student={layers: 1, width: 32, heads: 4, ffn_width: 100, embedding_width: 16}"});
}

// The run verifies the file, too: the trainer's bits on every kernel set, and ONNX Runtime's answers.
TEST_F(Budget, AndThoseOfWordsAndWeightsOfFourBits) {
  expect_exact(
      {"phases=[{kind: distil, epochs: 2, teacher_weight: 0, gold_weight: 1}, {kind: qat, epochs: 1, "
       "teacher_weight: 0, gold_weight: 1}]",
       "quantize={embedding_bits: 4, weight_bits: 4, group: 32}",
       "student={layers: 2, width: 64, heads: 2, ffn_width: 96, embedding_width: 15}"});
}

TEST_F(Budget, AndThoseOfAnUncalibratedClassifierThatQuotesRows) {
  expect_exact({"cascade.calibrate=false", "name=a longer name with \"marks\"", "export.golden_rows=40"});
  const std::vector<std::string> keys = {"export.golden_from_data=true", "cascade.calibrate=false",
                                         "name=a longer name with \"marks\""};
  run(keys);  // only after ingest are the quoted rows known
  EXPECT_EQ(planned(keys)["file_bytes"]["most"], fs::file_size(model()));
}

// Rows of another kind of task in place of those of SetUp.
TEST_F(Budget, AndThoseOfEveryOtherKindOfTask) {
  const auto rows = [&](const std::function<std::string(int)>& row) {
    int next = 0;
    for (const auto& [name, count] : {std::pair{"train.jsonl", 120}, {"dev.jsonl", 40}, {"test.jsonl", 40}}) {
      std::string text;
      for (int i = 0; i < count; ++i) text += row(next++) + "\n";
      folder_.write(name, text);
    }
    fs::remove_all(out());
  };
  rows([](int i) {
    return fmt::format(
        R"({{"text": "call number {0} now", "spans": [{{"start": 12, "end": {1}, "label": "NUMBER"}}]}})", i,
        12 + std::to_string(i).size());
  });
  expect_exact({"task=tag", "data.labels=[O, B-NUMBER, I-NUMBER]", "data.none_label="});
  rows([](int i) {
    return fmt::format(R"({{"text": "box {0} and money {0}", "labels": [{1}]}})", i,
                       i % 3 == 0 ? R"("box")" : R"("box", "money")");
  });
  expect_exact({"task=multi_label", "data.labels=[box, money, other]", "data.none_label="});
  rows([](int i) { return fmt::format(R"({{"text": "rude {0} times", "score": {1}}})", i, i % 2 == 0 ? 0.9 : 0.1); });
  expect_exact({"task=score", "data.labels=[]", "data.none_label="});
  rows(
      [](int i) { return fmt::format(R"({{"text": "please um call {0} now", "target": "please call {0} now"}})", i); });
  expect_exact({"task=edit", "data.labels=[]", "data.none_label="});
}

TEST_F(Budget, OfALogTooLongToLookAtItIsKnownWithinBoundsBeforeIngestAndExactlyAfterIt) {
  write_rows("train.jsonl", 1000, 100'100);
  const std::vector<std::string> keys = {"tokenizer.size=2000"};
  const json before = planned(keys);
  EXPECT_FALSE(before["file_bytes"]["exact"]);
  EXPECT_THAT(before["file_bytes"]["unknown"].dump(), HasSubstr("made from the first 100,000 texts"));
  ASSERT_EQ(command("ingest", keys).exit_code, 0);
  const json after = planned(keys);
  EXPECT_TRUE(after["file_bytes"]["exact"]);
  EXPECT_LE(before["file_bytes"]["least"], after["file_bytes"]["least"]);
  EXPECT_GE(before["file_bytes"]["most"], after["file_bytes"]["most"]);
}

TEST_F(Budget, PruningThatSpreadsOverLayersGivesARangeWithItsReason) {
  const json plan = planned({kPruned});
  EXPECT_FALSE(plan["file_bytes"]["exact"]);
  EXPECT_THAT(plan["file_bytes"]["unknown"].dump(), HasSubstr("how pruning spreads over the layers"));
  EXPECT_EQ(plan["neurons"], 126);
  EXPECT_EQ(plan["heads"], 3);
  run({kPruned});
  EXPECT_LE(plan["file_bytes"]["least"], fs::file_size(model()));
  EXPECT_GE(plan["file_bytes"]["most"], fs::file_size(model()));
}

TEST_F(Budget, CheckTellsShapeMemoryAndTimeWithTheirConditions) {
  const ProcessResult checked = command("check", {});
  ASSERT_EQ(checked.exit_code, 0) << checked.errors;
  for (const char* part : {"2 layers of width 32; 4 heads and 200 neurons", "bytes, exactly", "word table",
                           "classifier", "bytes for a session", "us [", "measured now on this machine", "one thread"})
    EXPECT_THAT(checked.output, HasSubstr(part));
  const json timed = json::parse(command("check", {"--json"}).output)["model"]["latency"];
  EXPECT_GT(timed["session_bytes"], 0);
  ASSERT_EQ(timed["texts"].size(), 2U);
  EXPECT_LE(timed["texts"][0]["tokens"], timed["texts"][1]["tokens"]);
  EXPECT_FALSE(json::parse(command("check", {"--json", "--no-latency"}).output)["model"].contains("latency"));
}

TEST_F(Budget, AShapeThatCannotMeetItIsRefusedWithWhatWould) {
  for (const char* verb : {"check", "train", "run"}) {
    const ProcessResult refused = command(verb, {"budget.size_mb=0.08"});
    EXPECT_EQ(refused.exit_code, 2) << verb;
    for (const char* part : {"budget.size_mb allows 80,000", "word table", "layers", "vocabulary", "tokenizer.size: "})
      EXPECT_THAT(refused.errors, HasSubstr(part)) << verb;
  }
  EXPECT_FALSE(fs::exists(out() + "/checkpoints/0-distil.ckpt")) << "it has trained";
  EXPECT_THAT(command("check", {"budget.size_mb=0.04"}).errors, HasSubstr("no single change is enough"));
  const json plan = json::parse(command("check", {"--json", "--no-latency"}).output)["model"];
  const std::string nearly =
      fmt::format("budget.size_mb={:.6f}", plan["file_bytes"]["most"].get<double>() / 1e6 - 1e-4);
  EXPECT_THAT(command("check", {nearly}).errors, HasSubstr("Fix: quantize.embedding_bits: 4, or tokenizer.size: "));
  // What it advises is enough.
  const std::string errors = command("check", {"budget.size_mb=0.08"}).errors;
  const std::size_t at = errors.find("tokenizer.size: ") + std::string("tokenizer.size: ").size();
  const std::string pieces = errors.substr(at, errors.find(' ', at) - at);
  const ProcessResult advised = noggin({"check", folder_.file("recipe.yaml"), "--out", folder_.file("another run"),
                                        "budget.size_mb=0.08", "tokenizer.size=" + pieces});
  EXPECT_EQ(advised.exit_code, 0) << advised.errors << errors;
}

TEST_F(Budget, ATimeThatNoModelMeetsIsRefused) {
  const ProcessResult refused = command("check", {"budget.latency_us=0.01"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.errors, HasSubstr("budget.latency_us allows 0"));
  EXPECT_EQ(command("train", {"budget.latency_us=0.01"}).exit_code, 2);
  EXPECT_EQ(command("check", {"budget.latency_us=1e9"}).exit_code, 0);
}

TEST_F(Budget, AFinishedTrainingIsJudgedByItsFileAndNotTrainedAgain) {
  run({});
  const ProcessResult same = command("run", {"budget.size_mb=1", "budget.latency_us=1e8"});
  EXPECT_EQ(same.exit_code, 0) << same.errors;
  EXPECT_THAT(same.errors, HasSubstr("train: unchanged, skipped"));
  EXPECT_THAT(same.output, HasSubstr("budget.latency_us is 100000000"));
  const ProcessResult rejected = command("run", {"budget.size_mb=0.08"});
  EXPECT_EQ(rejected.exit_code, 5);
  EXPECT_THAT(rejected.errors, HasSubstr("train: unchanged, skipped"));
  EXPECT_THAT(rejected.output, HasSubstr("size budget"));
  EXPECT_FALSE(fs::exists(model()));
  EXPECT_TRUE(fs::exists(out() + "/export/model.rejected.nog"));
}

class BudgetOfInit : public Budget {
 protected:
  void SetUp() override {
    Budget::SetUp();
    json config = test::bert_config();
    config.update({{"hidden_size", 64},
                   {"num_attention_heads", 4},
                   {"intermediate_size", 256},
                   {"num_hidden_layers", 4},
                   {"max_position_embeddings", 32}});
    encoder_ = test::write_bert_description(folder_, config);
  }
  ProcessResult init(const std::string& to, std::vector<std::string> more) const {
    std::vector<std::string> words = {"init", "--from", folder_.file("train.jsonl"), folder_.file(to)};
    words.insert(words.end(), more.begin(), more.end());
    return noggin(std::move(words));
  }
  json check(const std::string& to) const {
    const ProcessResult checked = noggin({"check", folder_.file(to) + "/recipe.yaml", "--json", "--no-latency"});
    EXPECT_EQ(checked.exit_code, 0) << checked.errors;
    return json::parse(checked.output).value("model", json());
  }
  std::string encoder_;
};

TEST_F(BudgetOfInit, TakesAllOfAnEncoderThatFits) {
  ASSERT_EQ(init("whole", {"--start", encoder_}).exit_code, 0);
  const json plan = check("whole");
  EXPECT_EQ(plan["layers"], 4);
  EXPECT_EQ(plan["neurons"], 4 * 256);
  EXPECT_EQ(plan["width"], 64);
  const std::string recipe = test::read_text(folder_.file("whole/recipe.yaml"));
  for (const char* line :
       {"size_mb: 5", "learning_rate: 0.0003", "min_steps: 1200", "folder: \"../bert\"", "# all 4 layers fit 5 MB"})
    EXPECT_THAT(recipe, HasSubstr(line));
  EXPECT_THAT(recipe, Not(HasSubstr("kind: prune")));
  EXPECT_THAT(recipe, Not(HasSubstr("trim:"))) << "all pieces fit";
  EXPECT_EQ(plan["pieces"], test::bert_pieces().size());
}

// Four bits first, then neurons, then heads, then layers.
TEST_F(BudgetOfInit, ShrinksInItsOrderUntilTheBudgetIsMet) {
  const std::uint64_t whole = [&] {
    EXPECT_EQ(init("whole", {"--start", encoder_}).exit_code, 0);
    return check("whole")["file_bytes"]["most"].get<std::uint64_t>();
  }();
  const std::uint64_t layer = 4 * 64 * 64 + 2 * 64 * 256;  // weights
  std::uint64_t last_heads = 16, last_layers = 4;
  for (const double layers_away : {0.2, 1.0, 1.9, 2.4, 2.8, 3.3}) {
    const double bytes = static_cast<double>(whole) - layers_away * static_cast<double>(layer);
    const std::string to = fmt::format("cut{}", layers_away);
    const ProcessResult made = init(to, {"--start", encoder_, "--budget-mb", fmt::format("{:.6f}", bytes / 1e6)});
    ASSERT_EQ(made.exit_code, 0) << made.errors;
    const json plan = check(to);
    EXPECT_LE(plan["file_bytes"]["most"].get<double>(), bytes) << to;
    EXPECT_LE(plan["layers"], last_layers) << to;
    const bool lost_heads = plan["heads"].get<int>() < 4 * plan["layers"].get<int>();
    EXPECT_TRUE(!lost_heads || plan["neurons"] == 128 * plan["layers"].get<int>())
        << to << ": heads went before neurons";
    last_layers = plan["layers"];
    last_heads = std::min(last_heads, plan["heads"].get<std::uint64_t>());
  }
  EXPECT_LT(last_layers, 4U);
  EXPECT_LT(last_heads, 16U);
  EXPECT_THAT(test::read_text(folder_.file("cut1/recipe.yaml")),
              testing::AllOf(HasSubstr("weight_bits: 4"), HasSubstr("min_steps: 480"), Not(HasSubstr("kind: prune"))));
}

// Before layers go, word rows become narrower; at last pieces go, and more than half of the neurons of one layer.
TEST_F(BudgetOfInit, WordsOfASmallBudgetKeepAFifth) {
  std::string vocabulary = test::bert_vocab_txt(), rows;
  for (int i = 0; i < 1500; ++i) {
    vocabulary += fmt::format("word{:04}\n", i);
    rows += fmt::format("{{\"text\": \"word{:04} word{:04}\", \"label\": \"{}\"}}\n", i, i * 7 % 1500,
                        i % 2 == 0 ? "even" : "odd");
  }
  folder_.write("train.jsonl", rows);
  json config = test::bert_config();
  config.update({{"hidden_size", 128},
                 {"num_attention_heads", 4},
                 {"intermediate_size", 256},
                 {"num_hidden_layers", 2},
                 {"max_position_embeddings", 32},
                 {"vocab_size", test::bert_pieces().size() + 1500}});
  const std::string encoder = test::write_bert_description(folder_, config);
  folder_.write("bert/vocab.txt", vocabulary);
  ASSERT_EQ(init("narrow", {"--start", encoder, "--budget-mb", "0.23"}).exit_code, 0);
  const json narrow = check("narrow");
  EXPECT_THAT(test::read_text(folder_.file("narrow/recipe.yaml")), HasSubstr("embedding_width: 64"));
  EXPECT_EQ(narrow["layers"], 2);
  EXPECT_GE(narrow["pieces"], 1400) << "97 % of the texts' words";
  EXPECT_LE(narrow["file_bytes"]["most"], 230'000);
  ASSERT_EQ(init("least", {"--start", encoder, "--budget-mb", "0.1"}).exit_code, 0);
  const json least = check("least");
  EXPECT_EQ(least["layers"], 1);
  EXPECT_LT(least["neurons"], 128);
  EXPECT_LT(least["pieces"], 1500);
  EXPECT_LE(least["file_bytes"]["most"], 100'000);
  const double words = least["parts"]["word_table"].get<double>() + least["parts"]["vocabulary"].get<double>();
  EXPECT_GT(words, 0.2 * 100'000);
}

TEST_F(BudgetOfInit, SaysWhatTheLeastWouldTake) {
  const ProcessResult refused = init("none", {"--start", encoder_, "--budget-mb", "0.01"});
  EXPECT_EQ(refused.exit_code, 2);
  EXPECT_THAT(refused.errors,
              HasSubstr("nothing fits the budget: one layer without 90 % of its neurons and 50 % of its heads"));
  EXPECT_FALSE(fs::exists(folder_.file("none/recipe.yaml")));
  for (const char* wrong : {"0", "-1", "5MB", ""})
    EXPECT_EQ(init("none", {"--budget-mb", wrong}).exit_code, 2) << wrong;
  EXPECT_EQ(noggin({"init", "--start", encoder_, folder_.file("none")}).exit_code, 2);
}

TEST_F(BudgetOfInit, AlsoShapesARandomStart) {
  ASSERT_EQ(init("free", {}).exit_code, 0);
  const double whole = check("free")["file_bytes"]["most"];
  const ProcessResult made = init("small", {"--budget-mb", fmt::format("{:.6f}", 0.6 * whole / 1e6)});
  ASSERT_EQ(made.exit_code, 0) << made.errors;
  EXPECT_LE(check("small")["file_bytes"]["most"].get<double>(), 0.6 * whole);
  EXPECT_THAT(test::read_text(folder_.file("small/recipe.yaml")), HasSubstr("size_mb: "));
  ASSERT_EQ(init("roomy", {"--budget-mb", "100"}).exit_code, 0);
  EXPECT_EQ(check("roomy")["file_bytes"]["most"], whole) << "a budget that is met changes the shape";
}

TEST_F(BudgetOfInit, TakesABudgetOfTime) {
  ASSERT_EQ(init("slow", {"--start", encoder_, "--budget-us", "1000000"}).exit_code, 0);
  EXPECT_EQ(check("slow")["layers"], 4);
  EXPECT_THAT(test::read_text(folder_.file("slow/recipe.yaml")), HasSubstr("latency_us: 1"));
  EXPECT_EQ(init("fast", {"--start", encoder_, "--budget-us", "0.001"}).exit_code, 2);
}

}  // namespace
}  // namespace noggin
