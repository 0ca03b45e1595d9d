#include "export/verify/verify.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <sys/resource.h>

#include <cstdio>

#include "export/onnx/onnx_export.h"
#include "export/onnx_runtime/onnx_runtime.h"
#include "export/verify/cuda_target.h"
#include "export/verify/vulkan_target.h"
#include "tests/support/train_verify_files.h"

namespace noggin::exporter {
namespace {

using test::VerifyFiles;
using testing::HasSubstr;

const VerifyFiles& files() {
  static const VerifyFiles made;
  return made;
}

VerifyReport report_of(const VerifyRequest& request) {
  Result<VerifyReport> report = verify(request);
  EXPECT_TRUE(report) << (report ? "" : report.error().message);
  return report ? *std::move(report) : VerifyReport{};
}

bool all_passed(const std::vector<GateResult>& gates) {
  return std::ranges::all_of(gates, [](const GateResult& gate) { return gate.passed; });
}

TEST(Verify, EveryKernelSetGivesTheTrainersBits) {
  files().write_nog({});
  const VerifyReport report = report_of(files().request());
  ASSERT_FALSE(report.targets.empty());
  EXPECT_TRUE(report.trainer_checked);
  EXPECT_EQ(report.training.rows, 70U);
  EXPECT_EQ(report.answers.size(), 70U);
  EXPECT_EQ(report.stated.losses.size(), 70U);
  EXPECT_EQ(report.stated.confidences.size(), 63U) << "rows with gold";
  EXPECT_EQ(report.tokenization_differences, 0U);
  std::size_t ran = 0;
  for (const TargetReport& target : report.targets) {
    if (!target.ran) {
      EXPECT_FALSE(target.why_not.empty()) << target.name;
      continue;
    }
    ++ran;
    EXPECT_EQ(target.rows, 70U) << target.name;
    EXPECT_EQ(target.prediction_changes, 0U) << target.name;
    EXPECT_EQ(target.differing_bits_rows, 0U) << target.name;
    EXPECT_EQ(target.first_differing_row, std::nullopt) << target.name;
    EXPECT_EQ(target.logits_hash, report.training.logits_hash) << target.name;
    EXPECT_EQ(target.max_abs_logit_diff, 0.0) << target.name;
    EXPECT_EQ(target.first_differing_layer, "") << target.name;
    EXPECT_EQ(target.primary_metric, report.training.primary_metric) << target.name;
  }
  EXPECT_EQ(ran,
            test::executable_kernels().size() + (cuda_obstacle().empty() ? 1 : 0) + (vulkan_has_hardware() ? 1 : 0));
  EXPECT_EQ(report.targets.back().name, "onnxruntime");
  EXPECT_EQ(report.oracle_rows, 32U);
  EXPECT_GT(report.oracle_values, 10000U);
  EXPECT_EQ(report.oracle_violations, 0U) << report.oracle_worst_step;
  EXPECT_TRUE(all_passed(judge(report, {})));
}

std::vector<std::string> numbered_labels(std::size_t count) {
  std::vector<std::string> labels;
  for (std::size_t c = 0; c < count; ++c) labels.push_back("label-" + std::to_string(c));
  return labels;
}

TEST(Verify, OneBitOfOneLogitBeyondTheFirstChunkIsFound) {
  const VerifyFiles many(numbered_labels(700), 2000);  // more than one chunk of logits
  const VerifyReport equal = report_of(many.request({"reference"}));
  EXPECT_EQ(equal.targets.at(0).differing_bits_rows, 0U);
  EXPECT_EQ(equal.targets.at(0).logits_hash, equal.training.logits_hash);
  EXPECT_EQ(equal.answers.size(), 2000U);
  EXPECT_EQ(equal.stated.losses.size(), 2000U);
  EXPECT_TRUE(all_passed(judge(equal, {})));
  many.write_nog([](format::FrozenModel& model) { ++model.tensors.at("head.classifier").bias[699]; });
  const VerifyReport bent = report_of(many.request({"reference"}));
  EXPECT_EQ(bent.targets.at(0).differing_bits_rows, 2000U);
  EXPECT_EQ(bent.targets.at(0).first_differing_layer, "head.classifier");
}

// --gtest_also_run_disabled_tests --gtest_filter=Verify.DISABLED_*, alone in its process, some minutes: the whole of
// verify() with every target of this machine. All logits of one target would be 400 MB.
TEST(Verify, DISABLED_AHundredThousandRowsOfAThousandClassesFitIn300MB) {
  const VerifyFiles many(numbered_labels(1000), 100'000);
  rusage before{}, after{};
  getrusage(RUSAGE_SELF, &before);
  const VerifyReport report = report_of(many.request());
  getrusage(RUSAGE_SELF, &after);
  std::size_t ran = 0;
  for (const TargetReport& target : report.targets) {
    ran += target.ran;
    EXPECT_EQ(target.differing_bits_rows, 0U) << target.name;
    EXPECT_EQ(target.rows, target.ran ? 100'000U : 0U) << target.name;
  }
  EXPECT_TRUE(all_passed(judge(report, {})));
  const double mb = 1024.0 / 1e6;  // ru_maxrss counts units of 1,024 bytes
  std::printf("resident at most: %.0f MB before, %.0f MB after; %zu targets\n",
              mb * static_cast<double>(before.ru_maxrss), mb * static_cast<double>(after.ru_maxrss), ran);
  EXPECT_LT(mb * static_cast<double>(after.ru_maxrss), 300.0) << "LibTorch and rows included";
}

// Each tensor of the file is bent a little, and verify must name the step that this tensor makes (once a logit shows
// it: a change that rounding to int8 swallows on every row is no difference).
struct Bend {
  const char* tensor;
  const char* step;
  VerifyFiles::Edit edit;
};
void PrintTo(const Bend& bend, std::ostream* out) { *out << bend.tensor; }

Bend scaled(const char* tensor, const char* step, std::size_t index = 0) {
  return {tensor, step, [=](format::FrozenModel& model) { model.tensors.at(tensor).floats.at(index) *= 1.01F; }};
}

class BentFile : public testing::TestWithParam<Bend> {};
INSTANTIATE_TEST_SUITE_P(
    Verify, BentFile,
    testing::Values(scaled("embeddings.norm.gamma", "embeddings.norm", 3),
                    scaled("layers.0.attention.input", "layers.0.attention.input"),
                    scaled("layers.0.attention.qkv", "layers.0.attention.qkv", 7),
                    // Scales of Q, K and V are applied where these are made.
                    scaled("layers.1.attention.query", "layers.1.attention.qkv"),
                    scaled("layers.1.attention.value", "layers.1.attention.qkv"),
                    scaled("layers.0.attention.context", "layers.0.attention.context"),
                    scaled("layers.1.attention.output", "layers.1.attention.output", 11),
                    scaled("layers.1.attention.norm.gamma", "layers.1.attention.norm", 2),
                    scaled("layers.1.ffn.input", "layers.1.ffn.input"),
                    // The pre-activation exists only inside the step that makes the hidden values.
                    scaled("layers.0.ffn.preactivation", "layers.0.ffn.hidden"),
                    scaled("layers.0.ffn.hidden", "layers.0.ffn.hidden"),
                    scaled("layers.0.ffn.down", "layers.0.ffn.down", 5), scaled("head.input", "head.input"),
                    Bend{"head.classifier", "head.classifier",
                         [](format::FrozenModel& model) { ++model.tensors.at("head.classifier").bias[1]; }},
                    Bend{"layers.0.ffn.up", "layers.0.ffn.hidden",
                         [](format::FrozenModel& model) {
                           for (int k = 0; k < 20; ++k)
                             model.tensors.at("layers.0.ffn.up").values[static_cast<std::size_t>(k)] = 90;
                         }},
                    Bend{"layers.1.ffn.down", "layers.1.ffn.down", [](format::FrozenModel& model) {
                           std::int8_t& weight = model.tensors.at("layers.1.ffn.down").values[0];
                           weight = static_cast<std::int8_t>(weight > 0 ? weight - 100 : weight + 100);
                         }}));

TEST_P(BentFile, IsFoundAndItsStepIsNamed) {
  files().write_nog(GetParam().edit);
  const VerifyReport report = report_of(files().request());
  for (const TargetReport& target : report.targets) {
    if (!target.ran) continue;
    EXPECT_GT(target.differing_bits_rows, 0U) << target.name;
    EXPECT_TRUE(target.first_differing_row) << target.name;
    EXPECT_NE(target.logits_hash, report.training.logits_hash) << target.name;
    EXPECT_GT(target.max_abs_logit_diff, 0.0) << target.name;
    if (target.name == "cuda" || target.name == "vulkan") continue;  // has no trace to name a step by
    EXPECT_EQ(target.first_differing_layer, GetParam().step) << target.name;
  }
  const std::vector<GateResult> gates = judge(report, {});
  EXPECT_FALSE(gates[0].passed);
  EXPECT_THAT(gates[0].detail, HasSubstr(GetParam().step));
}

TEST(Verify, FlipsAreCountedAndListed) {
  files().write_nog([](format::FrozenModel& model) {  // class 1 wins everywhere
    model.tensors.at("head.classifier").bias[1] += 4'000'000;
  });
  const VerifyReport report = report_of(files().request({"reference"}));
  ASSERT_EQ(report.targets.size(), 1U);
  const TargetReport& target = report.targets[0];
  std::uint64_t expected = 0;
  for (const train::Prediction& answer : report.answers) expected += std::get<runtime::ClassAnswer>(answer).label != 1;
  EXPECT_EQ(target.prediction_changes, expected);
  ASSERT_EQ(target.changed_predictions.size(), expected);
  ASSERT_GT(expected, 0U);
  EXPECT_EQ(target.changed_predictions[0].got, "refund");
  EXPECT_THAT(target.changed_predictions[0].id, HasSubstr("row-"));
  const auto gates = judge(report, {});
  EXPECT_FALSE(gates[1].passed);
  EXPECT_THAT(to_table(report, gates), HasSubstr("flip on reference: " + target.changed_predictions[0].id));
}

TEST(Verify, ATokenizerThatCutsOtherwiseFailsTheGate) {
  files().write_nog([](format::FrozenModel& model) {
    auto& vocabulary = model.tokenizer.vocabulary;
    std::swap(*std::ranges::find(vocabulary, "w"), *std::ranges::find(vocabulary, "h"));
    std::swap(*std::ranges::find(vocabulary, "i"), *std::ranges::find(vocabulary, "m"));
    model.golden.clear();
  });
  const VerifyReport report = report_of(files().request({"reference"}));
  EXPECT_GT(report.tokenization_differences, 0U);
  EXPECT_FALSE(judge(report, {})[0].passed);
}

TEST(Verify, WithoutACheckpointOnlyTheRuntimeIsHeldAgainstItself) {
  files().write_nog({});
  VerifyRequest request = files().request();
  request.checkpoint_path.clear();
  const VerifyReport report = report_of(request);
  EXPECT_FALSE(report.trainer_checked);
  const auto gates = judge(report, {});
  EXPECT_TRUE(all_passed(gates));
  EXPECT_THAT(gates[0].detail, HasSubstr("no checkpoint given"));
  EXPECT_THAT(to_json(report, gates), HasSubstr("\"training\": null"));
}

Error error_of(const VerifyRequest& request) {
  const Result<VerifyReport> report = verify(request);
  EXPECT_FALSE(report);
  return report ? Error{} : report.error();
}

TEST(Verify, WrongRequestsSayWhatIsWrong) {
  files().write_nog({});
  const Error target = error_of(files().request({"reference", "mmx"}));
  EXPECT_EQ(target.code, ErrorCode::kInvalidArgument);
  EXPECT_THAT(target.message, testing::AllOf(HasSubstr("'mmx'"), HasSubstr("reference"), HasSubstr("onnxruntime")));

  VerifyRequest no_model = files().request();
  no_model.nog_path = files().folder.file("gone.nog");
  EXPECT_EQ(error_of(no_model).code, ErrorCode::kNotFound);
  EXPECT_THAT(error_of(no_model).message, HasSubstr("gone.nog"));

  VerifyRequest no_checkpoint = files().request();
  no_checkpoint.checkpoint_path = files().folder.file("gone.ckpt");
  EXPECT_EQ(error_of(no_checkpoint).code, ErrorCode::kNotFound);
  EXPECT_THAT(error_of(no_checkpoint).message, HasSubstr("gone.ckpt"));

  VerifyRequest no_rows = files().request();
  const data::ExampleTable none;
  no_rows.rows = &none;
  EXPECT_THAT(error_of(no_rows).message, HasSubstr("no rows"));

  VerifyRequest other_classes = files().request();
  data::ExampleTable of_others = files().rows;
  of_others.classes = 9;
  other_classes.rows = &of_others;
  EXPECT_THAT(error_of(other_classes).message, HasSubstr("9 classes, the model 5"));
}

TEST(Verify, AMissingOnnxFileIsATargetThatDidNotRun) {
  files().write_nog({});
  for (const std::vector<std::string>& targets : {std::vector<std::string>{}, {"all"}, {"all", "reference"}}) {
    const VerifyReport report = report_of(files().request(targets));
    ASSERT_GT(report.targets.size(), 1U);
    EXPECT_FALSE(report.targets.back().ran);
    EXPECT_EQ(report.targets.back().why_not, "no .onnx file");
  }
}

TEST(Verify, TheReferenceMayAnswerASampleWhileTheOthersAnswerAll) {
  files().write_nog({});
  VerifyRequest request = files().request();
  const VerifyReport all = report_of(request);
  request.reference_rows = 20;
  const VerifyReport report = report_of(request);
  ASSERT_EQ(report.targets.size(), all.targets.size());
  EXPECT_EQ(report.answers.size(), 70U);
  for (std::size_t i = 0; i < all.targets.size(); ++i) {
    const TargetReport& target = report.targets[i];
    EXPECT_EQ(target.name, all.targets[i].name) << "in the same order";
    EXPECT_EQ(target.rows, target.name == "reference" ? 20U : all.targets[i].rows) << target.name;
    EXPECT_EQ(target.scores.size(), target.rows) << target.name;
    EXPECT_EQ(target.differing_bits_rows, 0U) << target.name;
  }
  EXPECT_THAT(judge(report, {}).at(0).detail, HasSubstr("70 rows; reference on 20 of them"));
  request.reference_rows = 70;
  EXPECT_THAT(judge(report_of(request), {}).at(0).detail, testing::Not(HasSubstr("reference on")));
}

TEST(Verify, WhatASampleFindsIsNamedByItsRowOfAll) {
  const VerifyFiles many(test::label_words());
  many.write_nog([](format::FrozenModel& model) { model.tensors.at("head.classifier").bias[0] += 1 << 20; });
  VerifyRequest request = many.request({"reference"});
  const VerifyReport all = report_of(request);
  ASSERT_GT(all.targets.at(0).prediction_changes, 0U);
  request.reference_rows = 35;  // every second row
  const VerifyReport sample = report_of(request);
  EXPECT_EQ(sample.targets.at(0).differing_bits_rows, 35U);
  EXPECT_FALSE(all_passed(judge(sample, {})));
  std::vector<std::size_t> rows, expected;
  for (const PredictionChange& change : sample.targets.at(0).changed_predictions) rows.push_back(change.row);
  for (const PredictionChange& change : all.targets.at(0).changed_predictions)
    if (change.row % 2 == 0) expected.push_back(change.row);
  EXPECT_EQ(rows, expected);
}

TEST(Verify, ATargetThatIsNamedAndCannotRunIsAnError) {
  files().write_nog({});
  const Error error = error_of(files().request({"reference", "onnxruntime"}));
  EXPECT_EQ(error.code, ErrorCode::kUnsupported);
  EXPECT_THAT(error.message,
              testing::AllOf(HasSubstr("'onnxruntime'"), HasSubstr("no .onnx file"), HasSubstr("Fix: ")));
  EXPECT_EQ(error_of(files().request({"all", "onnxruntime"})).code, ErrorCode::kUnsupported);

  VerifyRequest no_library = files().request({"onnxruntime"});
  no_library.onnx_path = files().folder.file("model.nog");
  no_library.onnxruntime_library = files().folder.file("gone.so");
  EXPECT_EQ(error_of(no_library).code, ErrorCode::kUnsupported);
  EXPECT_THAT(error_of(no_library).message, HasSubstr("gone.so"));
}

TEST(Verify, TheCudaBackendIsATargetWhereItIsBuiltIn) {
  files().write_nog({});
  const std::string obstacle = cuda_obstacle();
  const VerifyReport report = report_of(files().request());
  const auto cuda = std::ranges::find(report.targets, "cuda", &TargetReport::name);
  ASSERT_EQ(cuda != report.targets.end(), cuda_is_built_in());
  if (!obstacle.empty()) {
    const Error error = error_of(files().request({"cuda"}));
    EXPECT_EQ(error.code, ErrorCode::kUnsupported);
    EXPECT_THAT(error.message, testing::AllOf(HasSubstr("'cuda'"), HasSubstr(obstacle)));
    if (!cuda_is_built_in()) return;
    EXPECT_FALSE(cuda->ran);
    EXPECT_EQ(cuda->why_not, obstacle);
    const auto gates = judge(report, {});
    EXPECT_TRUE(all_passed(gates)) << "not run is no failure";
    EXPECT_THAT(to_table(report, gates), HasSubstr("cuda did not run: " + obstacle));
    EXPECT_THAT(to_json(report, gates), HasSubstr("\"name\": \"cuda\",\n      \"ran\": false"));
    return;
  }
  EXPECT_TRUE(cuda->ran);
  EXPECT_EQ(cuda->differing_bits_rows, 0U);
  EXPECT_EQ(cuda->prediction_changes, 0U);
}

TEST(Verify, AGpuByVulkanIsATargetByName) {
  files().write_nog({});
  const std::string obstacle = vulkan_obstacle();
  if (!obstacle.empty()) {
    const Error error = error_of(files().request({"vulkan"}));
    EXPECT_EQ(error.code, ErrorCode::kUnsupported) << "a GPU that is asked for and does not run is a failure";
    EXPECT_THAT(error.message, testing::AllOf(HasSubstr("'vulkan'"), HasSubstr(obstacle)));
    return;
  }
  const VerifyReport report = report_of(files().request({"vulkan"}));
  const auto vulkan = std::ranges::find(report.targets, "vulkan", &TargetReport::name);
  ASSERT_NE(vulkan, report.targets.end());
  EXPECT_TRUE(vulkan->ran);
  EXPECT_EQ(vulkan->rows, 70U);
  EXPECT_EQ(vulkan->differing_bits_rows, 0U);
  EXPECT_EQ(vulkan->prediction_changes, 0U);
  EXPECT_TRUE(all_passed(judge(report, {})));
}

// model.onnx beside the .nog file, changed as a test wants; its answers come from what it states.
class VerifyOnnx : public testing::Test {
 protected:
  VerifyReport report_with(const VerifyFiles::Edit& edit) {
    format::FrozenModel model = freeze(files().bundle.student, files().bundle.tokenizer, files().bundle.task);
    model.provenance = "{}";
    if (edit) edit(model);
    const std::string path = files().folder.file("model.onnx");
    const Status written = write_onnx(model, path);
    EXPECT_TRUE(written) << (written ? "" : written.error().message);
    files().write_nog({});
    VerifyRequest request = files().request({"all"});
    request.onnx_path = path;
    return report_of(request);
  }
  static const GateResult* statement(const std::vector<GateResult>& gates) {
    for (const GateResult& gate : gates) {
      if (gate.name == "onnxruntime states how the model answers") return &gate;
    }
    return nullptr;
  }
};

#define NEEDS_ONNX_RUNTIME() \
  if (describe_onnx_runtime("").starts_with("not found")) GTEST_SKIP() << "no ONNX Runtime on this machine"

TEST_F(VerifyOnnx, AnswersByWhatTheFileStates) {
  NEEDS_ONNX_RUNTIME();
  const VerifyReport same = report_with({});
  ASSERT_TRUE(same.targets.back().ran) << same.targets.back().why_not;
  EXPECT_LT(same.targets.back().prediction_changes, 5U) << "its sums are rounded otherwise";
  ASSERT_NE(statement(judge(same, {})), nullptr);
  EXPECT_TRUE(all_passed(judge(same, {})));
  const VerifyReport abstains = report_with([](format::FrozenModel& model) { model.task.abstain_below = 1.0F; });
  EXPECT_EQ(abstains.targets.back().prediction_changes, 70U) << "every answer abstains";
}

TEST_F(VerifyOnnx, AChangedValueFails) {
  NEEDS_ONNX_RUNTIME();
  const std::vector<std::pair<const char*, VerifyFiles::Edit>> changes = {
      {"temperature 1.5, not 1", [](format::FrozenModel& model) { model.task.temperature = 1.5F; }},
      {"abstain_below 0.25, not 0", [](format::FrozenModel& model) { model.task.abstain_below = 0.25F; }},
      {"none class -1, not 4", [](format::FrozenModel& model) { model.task.none_class = -1; }},
      {"label 1 parcel, not refund",
       [](format::FrozenModel& model) { std::swap(model.task.labels[0], model.task.labels[1]); }},
      {"task multi_label, not single_label", [](format::FrozenModel& model) {
         model.task.kind = spec::TaskKind::kMultiLabel;
         model.task.none_class = -1;
       }}};
  for (const auto& [difference, edit] : changes) {
    const std::vector<GateResult> gates = judge(report_with(edit), {});
    ASSERT_NE(statement(gates), nullptr) << difference;
    EXPECT_FALSE(statement(gates)->passed) << difference;
    EXPECT_THAT(statement(gates)->detail, HasSubstr(difference));
  }
}

}  // namespace
}  // namespace noggin::exporter
