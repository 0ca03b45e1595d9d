// A made-up finished run, for tests of its pages.
#pragma once

#include <string>

#include "export/pages/run_record.h"

namespace noggin::test {

inline exporter::Json interval_json(double value, double low, double high) {
  return {{"value", value}, {"low", low}, {"high", high}};
}

// single_label with two classes named `first` and "other"; all parts of a page have something to show.
inline exporter::RunRecord made_up_run(const std::string& first = "refund") {
  exporter::RunRecord run;
  run.name = "router";
  run.task = "single_label";
  run.results = exporter::Json{
      {"run", {{"id", "0123456789abcdef"}, {"seed", 7}, {"noggin", "1"}, {"time", "2026-01-31T12:00:00Z"}}},
      {"split", "dev"},
      {"rows", 100},
      {"quality", "accuracy"},
      {"targets",
       {{{"name", "baseline (n-grams)"}, {"rows", 100}, {"accuracy", interval_json(0.7, 0.6, 0.8)}},
        {{"name", "quantized (trainer)"},
         {"rows", 100},
         {"accuracy", interval_json(0.9, 0.84, 0.95)},
         {"in_scope_accuracy", interval_json(0.91, 0.85, 0.96)},
         {"none_recall", interval_json(0.8, 0.6, 0.95)},
         {"macro_f1", interval_json(0.88, 0.8, 0.94)},
         {"calibration_error", interval_json(0.03, 0.02, 0.05)},
         {"size_bytes", 500000}},
        {{"name", "ONNX Runtime"}, {"rows", 0}, {"note", "not run: not installed"}}}},
      {"warnings", {"the student is not clearly better"}},
      {"figures",
       {{"confusions",
         {{"rows", 100},
          {"pairs", {{{"gold", first}, {"answered", "other"}, {"count", 6}, {"share", 0.12}, {"example", "id-1"}}}}}}}},
      {"phases",
       {{{"phase", "distil"},
         {"dev_quality", 0.9},
         {"first_dev_quality", 0.1},
         {"loss", 0.5},
         {"steps", 100},
         {"best_step", 75},
         {"seconds", 3.0}}}}};
  run.certificate = exporter::Json{
      {"subject",
       {{"model", {{"file", "model.nog"}, {"xxh3", "aa"}, {"content_hash", "00ff00ff00ff00ff"}}},
        {"parity", {{"file", "parity.jsonl"}, {"xxh3", "bb00bb00bb00bb00"}}},
        {"rows", {{"count", 100}, {"files", {{{"file", "dev-00000.h5"}, {"xxh3", "cc"}}}}}}}},
      {"targets",
       {{{"name", "avx2"},
         {"ran", true},
         {"rows", 100},
         {"quality", 0.9},
         {"flips", 0},
         {"differing_bits_rows", 0},
         {"max_abs_logit_diff", 0.0},
         {"first_differing_layer", nullptr},
         {"median_microseconds", 20.5},
         {"flipped", exporter::Json::array()}},
        {{"name", "cuda"}, {"ran", false}, {"why_not", "no GPU"}},
        {{"name", "onnxruntime"},
         {"ran", true},
         {"rows", 100},
         {"flips", 1},
         {"differing_bits_rows", 9},
         {"flipped", {{{"id", "id-9"}, {"text", "flipped text"}, {"expected", first}, {"got", "other"}}}}}}},
      {"oracle", {{"rows", 8}, {"values", 1000}, {"violations", 0}}},
      {"gates", {{{"name", "trainer and runtime agree"}, {"passed", true}, {"detail", "0 of 100"}}}},
      {"passed", true}};
  run.ingest = exporter::Json{
      {"splits",
       {{{"name", "train"},
         {"training", true},
         {"lines", 1010},
         {"accepted", 1000},
         {"rejected", 10},
         {"duplicates", 0},
         {"rejected_by_reason", {{"the text is empty", 10}}},
         {"with_label", 500},
         {"with_teacher", 1000},
         {"teacher_with_gold", 500},
         {"teacher_agreement", 0.9},
         {"unknown_word_rate", 0.01},
         {"truncated", 3},
         {"teacher_confusions", {{{"gold", first}, {"teacher", "other"}, {"count", 50}}}},
         {"classes", {{first, {{"gold", 300}, {"teacher", 600}}}, {"other", {{"gold", 200}, {"teacher", 400}}}}}},
        {{"name", "dev"},
         {"training", false},
         {"lines", 100},
         {"accepted", 100},
         {"rejected", 0},
         {"with_label", 100},
         {"with_teacher", 0},
         {"rejected_by_reason", exporter::Json::object()},
         {"classes", {{first, {{"gold", 50}, {"teacher", 0}}}, {"other", {{"gold", 50}, {"teacher", 0}}}}}}}},
      {"findings", {"dev shares texts with train"}}};
  run.environment = exporter::Json{{"noggin", "1"}, {"cpu", "a processor"}, {"kernel_sets", {"avx2", "reference"}}};
  run.cascade =
      exporter::Json{{"rows", 100}, {"choices", {{{"name", "student alone"}, {"accuracy", 0.9}, {"coverage", 1.0}}}}};
  for (int step : {0, 25, 50, 100})
    run.metrics.push_back({{"phase", "distil"},
                           {"phase_index", 0},
                           {"step", step},
                           {"loss", 1.0 / (1 + step)},
                           {"dev", {{"quality", 0.5 + 0.004 * step}, {"cross_entropy", 1.0}}}});
  run.settings = {{"phase 1", "distil"}};
  run.measured.rows = 100;
  run.measured.rows_with_gold = 98;
  run.measured.none_rows = 20;
  run.measured.reliability.assign(data::kCalibrationBins, {});
  run.measured.reliability[13] = {90, 81.0, 84.0};
  run.measured.risk = exporter::RiskCoverage{{{0.9F, 100, 50, 50}, {0.0F, 100, 100, 90}}, 0.03, 0.01};
  run.measured.stored = exporter::OperatingPoint{0.4321F, 100, 80, 78};
  run.measured.confusions = exporter::ConfusionMatrix{{first, "other"}, {{44, 6}, {4, 46}}};
  run.measured.worst = {{"id-1", "the worst text", first, "other", 0.01, 4.6}};
  run.file = {"model.nog", 500000, {{"words", 300000}, {"layers", 200000}}, "00ff00ff00ff00ff", 2, 64, 4000, false};
  return run;
}

}  // namespace noggin::test
