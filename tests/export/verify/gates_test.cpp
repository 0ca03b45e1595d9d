// What decides whether a model ships, and how the verdict is written down.
#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <nlohmann/json.hpp>
#include <set>
#include <sstream>

#include "bytes/float_hash.h"
#include "bytes/hex.h"
#include "export/verify/parity_file.h"
#include "export/verify/verify.h"
#include "tests/support/cli_temporary_folder.h"
#include "tests/support/train_inputs.h"

namespace noggin::exporter {
namespace {

using nlohmann::json;
using testing::HasSubstr;

constexpr std::size_t kRows = 200;

data::ExampleTable gold_rows() {
  data::ExampleTable rows;
  rows.classes = 2;
  for (std::size_t i = 0; i < kRows; ++i) {
    data::Record record;
    record.id = "id-" + std::to_string(i);
    record.text = i == 0 ? "say \"hi\"\n\xC3\xBC" : "text " + std::to_string(i);
    record.label = i == 1 ? data::kNoLabel : static_cast<std::int32_t>(i % 2);
    rows.append(record, std::vector<std::uint32_t>{2, 3});
  }
  return rows;
}

// Scores of a student that is wrong on the first `wrong` rows; row 1 has no label.
std::vector<data::RowScore> scores_with(std::size_t wrong) {
  std::vector<data::RowScore> scores(kRows, {1.0, 1.0});
  for (std::size_t i = 0; i < wrong; ++i) scores[i].right = 0.0;
  scores[1] = {};
  return scores;
}

// A report in which everything is as it should be.
VerifyReport good_report() {
  VerifyReport report;
  report.trainer_checked = true;
  report.primary_metric_name = "accuracy";
  report.training.rows = kRows;
  report.training.primary_metric = 1.0;
  report.training.classification.rows = kRows;
  report.training.scores = scores_with(0);
  TargetReport not_run;
  not_run.name = "avx512_vnni";
  not_run.why_not = "this machine does not execute it";
  TargetReport ran;
  ran.name = "reference";
  ran.ran = true;
  ran.rows = kRows;
  ran.primary_metric = 1.0;
  ran.classification.rows = kRows;
  report.targets = {not_run, ran};
  report.oracle_rows = 32;
  report.oracle_values = 1000;
  return report;
}

GateResult gate(const VerifyReport& report, const GateLimits& limits, const std::string& name) {
  for (const GateResult& result : judge(report, limits)) {
    if (result.name.find(name) != std::string::npos) return result;
  }
  ADD_FAILURE() << "no gate " << name;
  return {};
}

TEST(Gates, WithoutAnyKernelSetNothingIsProven) {
  VerifyReport report = good_report();
  report.targets.pop_back();
  const GateResult result = gate(report, {}, "agree to the last bit");
  EXPECT_FALSE(result.passed);
  EXPECT_EQ(result.detail, "no kernel set ran");
}

TEST(Gates, AGoodReportPasses) {
  GateLimits limits;
  limits.required_targets = {"reference"};
  limits.min_primary_metric = 0.9;
  limits.float_scores = scores_with(0);
  const std::vector<GateResult> gates = judge(good_report(), limits);
  EXPECT_EQ(gates.size(), 6U);
  for (const GateResult& result : gates) EXPECT_TRUE(result.passed) << result.name << ": " << result.detail;
  EXPECT_EQ(gates[0].detail, "1 kernel sets, 200 rows");
}

TEST(Gates, OneDifferingRowFails) {
  VerifyReport report = good_report();
  report.targets[1].differing_bits_rows = 1;
  report.targets[1].first_differing_layer = "layers.0.ffn.down";
  const GateResult result = gate(report, {}, "to the last bit");
  EXPECT_FALSE(result.passed);
  EXPECT_THAT(result.detail, HasSubstr("reference: 1 of 200 rows differ, first at layers.0.ffn.down"));
}

TEST(Gates, OnnxRuntimeMayDifferInBits) {
  VerifyReport report = good_report();
  TargetReport onnx = report.targets[1];
  onnx.name = "onnxruntime";
  onnx.differing_bits_rows = 150;
  onnx.prediction_changes = 3;
  report.targets.push_back(onnx);
  for (const GateResult& result : judge(report, {})) EXPECT_TRUE(result.passed) << result.name;
}

TEST(Gates, FlipsUpToTheLimitPass) {
  VerifyReport report = good_report();
  report.targets[1].prediction_changes = 2;
  GateLimits limits;
  limits.max_prediction_changes = 2;
  EXPECT_TRUE(gate(report, limits, "answers that differ").passed);
  limits.max_prediction_changes = 1;
  EXPECT_FALSE(gate(report, limits, "answers that differ").passed);
}

TEST(Gates, ARequiredTargetThatDidNotRunFails) {
  GateLimits limits;
  limits.required_targets = {"avx512_vnni"};
  GateResult result = gate(good_report(), limits, "required target avx512_vnni");
  EXPECT_FALSE(result.passed);
  EXPECT_EQ(result.detail, "this machine does not execute it");
  limits.required_targets = {"neon"};
  result = gate(good_report(), limits, "required target neon");
  EXPECT_FALSE(result.passed);
  EXPECT_EQ(result.detail, "not among the targets");
}

TEST(Gates, AccuracyBelowTheMinimumFails) {
  VerifyReport report = good_report();
  report.training.primary_metric = 0.899;
  GateLimits limits;
  limits.min_primary_metric = 0.9;
  EXPECT_FALSE(gate(report, limits, "accuracy").passed);
  report.training.primary_metric = 0.9;
  EXPECT_TRUE(gate(report, limits, "accuracy").passed);
}

TEST(Gates, TheOracleMustFindNothing) {
  VerifyReport report = good_report();
  report.oracle_violations = 2;
  report.oracle_worst_step = "layers.1.ffn.norm";
  const GateResult result = gate(report, {}, "oracle");
  EXPECT_FALSE(result.passed);
  EXPECT_THAT(result.detail, HasSubstr("layers.1.ffn.norm"));
}

// The drop itself may be inside the margin and the gate still fails: the interval decides.
TEST(Gates, TheUpperEndOfTheIntervalOfTheDropDecides) {
  GateLimits limits;
  limits.max_drop_from_float = 0.01;
  limits.float_scores = scores_with(0);
  VerifyReport report = good_report();
  report.training.scores = scores_with(1);  // 0.5 points lower
  EXPECT_FALSE(gate(report, limits, "not inferior").passed);
  limits.max_drop_from_float = 0.03;
  const GateResult result = gate(report, limits, "not inferior");
  EXPECT_TRUE(result.passed) << result.detail;
  EXPECT_THAT(result.detail, HasSubstr("accuracy -0.50 points"));
  EXPECT_THAT(result.detail, HasSubstr("n 199")) << "rows without a label do not count";
}

// A student that has gained is not said to have dropped.
TEST(Gates, AGainIsCalledAGain) {
  GateLimits limits;
  limits.max_drop_from_float = 0.01;
  limits.float_scores = scores_with(3);  // two, and one without a label
  VerifyReport report = good_report();
  report.training.scores = scores_with(0);
  const GateResult result = gate(report, limits, "not inferior");
  EXPECT_TRUE(result.passed);
  EXPECT_THAT(result.detail, HasSubstr("accuracy +1.01 points"));
}

TEST(Gates, WithoutAFloatStudentTheDropIsNotJudgedAndItSaysSo) {
  const GateResult result = gate(good_report(), {}, "not inferior");
  EXPECT_TRUE(result.passed);
  EXPECT_THAT(result.detail, HasSubstr("not judged"));
}

TEST(Gates, PredictionsOfOtherRowsFailTheDropGate) {
  GateLimits limits;
  limits.float_scores.resize(3);
  const GateResult result = gate(good_report(), limits, "not inferior");
  EXPECT_FALSE(result.passed);
  EXPECT_THAT(result.detail, HasSubstr("3 answers for 200 rows"));
}

std::set<std::string> keys_of(const json& object) {
  std::set<std::string> keys;
  for (const auto& [key, value] : object.items()) keys.insert(key);
  return keys;
}

TEST(ReportJson, HasThePromisedKeys) {
  VerifyReport report = good_report();
  report.targets[1].changed_predictions.push_back({"id-3", "text \xFF", "a", "b"});  // not UTF-8: still valid JSON
  const json parsed = json::parse(to_json(report, judge(report, {})));
  for (const char* key : {"training", "targets", "passed"}) EXPECT_TRUE(parsed.contains(key)) << key;
  EXPECT_TRUE(parsed["training"].contains("rows") && parsed["training"].contains("accuracy"));
  const json& ran = parsed["targets"][1];
  EXPECT_THAT(keys_of(ran), testing::IsSupersetOf({"name", "rows", "accuracy", "flips", "differing_bits_rows",
                                                   "max_abs_logit_diff", "first_differing_layer"}));
  EXPECT_TRUE(ran["first_differing_layer"].is_null()) << "null when nothing differs";
  EXPECT_EQ(parsed["targets"][0]["ran"], false);
  EXPECT_EQ(parsed["passed"], true);
  EXPECT_EQ(parsed["oracle"]["violations"], 0);
}

TEST(ReportJson, OneFailedGateIsNotPassed) {
  VerifyReport report = good_report();
  report.oracle_violations = 1;
  const json parsed = json::parse(to_json(report, judge(report, {})));
  EXPECT_EQ(parsed["passed"], false);
  std::size_t failed = 0;
  for (const json& result : parsed["gates"]) failed += !result["passed"].get<bool>();
  EXPECT_EQ(failed, 1U);
}

// The whole set, in chunks of `chunk_rows`.
void write_parity(const std::string& path, const data::ExampleTable& table, const train::ModelInputs& inputs,
                  const std::vector<std::string>& labels, const train::DatasetLogits& all, std::size_t chunk_rows) {
  const auto reader = train::TaskReader::create({labels, -1});
  ASSERT_TRUE(reader);
  const HeldOutRows rows{**reader, table, inputs, table.classes};
  Result<ParityFile> file = ParityFile::create(path, labels);
  ASSERT_TRUE(file);
  train::DatasetLogits logits;
  for (std::size_t begin = 0; begin < table.rows(); begin += chunk_rows) {
    const Chunk chunk{rows, begin, std::min(begin + chunk_rows, table.rows())};
    chunk.make_room(logits);
    for (std::size_t i = chunk.first_sequence(); i < chunk.end_sequence(); ++i) {
      std::ranges::copy(all.sequence(i), logits.sequence(i).begin());
    }
    ASSERT_TRUE(file->add(chunk, logits));
  }
  ASSERT_TRUE(file->finish(0x1234));
}

TEST(Parity, EveryLogitReadsBackToTheBit) {
  const test::TemporaryFolder folder;
  const data::ExampleTable rows = gold_rows();
  std::vector<float> logits;
  std::uint32_t state = 12345;
  while (logits.size() < kRows * 2) {
    state = state * 1664525U + 1013904223U;
    float value = 0.0F;
    std::memcpy(&value, &state, sizeof value);
    if (value == value && value - value == 0.0F) logits.push_back(value);  // any finite bits
  }
  logits[0] = -0.0F;
  train::ModelInputs inputs;
  for (std::size_t row = 0; row < kRows; ++row) {
    inputs.token_ids.insert(inputs.token_ids.end(), {2U, 3U});
    inputs.starts.push_back(inputs.token_ids.size());
    inputs.row_sequences.push_back(inputs.sequences());
  }
  train::DatasetLogits all = train::DatasetLogits::make(inputs, 2, false);
  all.values = logits;
  write_parity(folder.file("parity.jsonl"), rows, inputs, {"even", "odd"}, all, kRows);
  std::istringstream lines(test::read_text(folder.file("parity.jsonl")));
  std::string line;
  std::getline(lines, line);
  const json head = json::parse(line);
  EXPECT_EQ(head["model_content_hash"], hex(0x1234));
  EXPECT_EQ(head["rows"], kRows);
  const std::string following = lines.str().substr(line.size() + 1);
  EXPECT_EQ(head["rows_xxh3"], hex(content_hash(following.data(), following.size())));
  std::size_t row = 0;
  for (; std::getline(lines, line); ++row) {
    const json parsed = json::parse(line);
    EXPECT_EQ(keys_of(parsed), (std::set<std::string>{"id", "text", "label", "logits"}));
    EXPECT_EQ(parsed["id"].get<std::string>(), rows.id_of(row));
    EXPECT_EQ(parsed["text"].get<std::string>(), rows.text_of(row));
    EXPECT_EQ(parsed["label"].dump(), row == 1 ? "null" : row % 2 == 0 ? "\"even\"" : "\"odd\"");
    ASSERT_EQ(parsed["logits"].size(), 2U);
    for (std::size_t c = 0; c < 2; ++c) {
      const float read = parsed["logits"][c].get<float>();
      EXPECT_EQ(std::memcmp(&read, &logits[row * 2 + c], sizeof read), 0) << "row " << row << " class " << c;
    }
  }
  EXPECT_EQ(row, kRows);
  write_parity(folder.file("pieces.jsonl"), rows, inputs, {"even", "odd"}, all, 3);
  EXPECT_EQ(test::read_text(folder.file("pieces.jsonl")), test::read_text(folder.file("parity.jsonl")));
}

TEST(Parity, ItAppearsOnlyOnceItIsWhole) {
  const test::TemporaryFolder folder;
  {
    const Result<ParityFile> file = ParityFile::create(folder.file("parity.jsonl"), {"even", "odd"});
    ASSERT_TRUE(file);
  }
  EXPECT_TRUE(std::filesystem::is_empty(folder.path()));
  const Result<ParityFile> nowhere = ParityFile::create(folder.file("absent/parity.jsonl"), {"even", "odd"});
  ASSERT_FALSE(nowhere);
  EXPECT_EQ(nowhere.error().code, ErrorCode::kIo);
}

std::string parity_of_one_row(std::uint32_t classes) {
  const test::TemporaryFolder folder;
  data::ExampleTable rows;
  rows.classes = classes;
  data::Record record;
  record.id = "1";
  record.text = "where";
  record.label = 0;
  const std::uint32_t ids[] = {2, 17, 3};
  rows.append(record, ids);
  const train::ModelInputs inputs = test::inputs_of(rows);
  train::DatasetLogits all = train::DatasetLogits::make(inputs, rows.classes, false);
  for (std::size_t c = 0; c < all.values.size(); ++c) all.values[c] = static_cast<float>(c) / 4.0F;
  write_parity(folder.file("parity.jsonl"), rows, inputs, std::vector<std::string>(classes, "x"), all, 1);
  const std::string text = test::read_text(folder.file("parity.jsonl"));
  return text.substr(text.find('\n') + 1);
}

TEST(Parity, LogitsOfManyClassesAreATokenListAndAHash) {
  const auto most = static_cast<std::uint32_t>(kMostParityClasses);
  std::vector<float> logits(most + 1);
  for (std::size_t c = 0; c < logits.size(); ++c) logits[c] = static_cast<float>(c) / 4.0F;
  std::string expected = R"({"id":"1","text":"where","label":"x","token_ids":[2,17,3],"logits_xxh3":")";
  expected += hex(float_hash(logits));
  expected += "\"}\n";
  EXPECT_EQ(parity_of_one_row(most + 1), expected);
  EXPECT_THAT(parity_of_one_row(most), testing::EndsWith(",127.5,127.75]}\n"));
}

}  // namespace
}  // namespace noggin::exporter
