// One model, opened by Noggin and by every variant of ONNX Runtime, and the contest over one shape of input.
#pragma once

#include <cstddef>
#include <cstdint>
#include <deque>
#include <string>
#include <vector>

#include "experiments/latency/bench_models.h"
#include "experiments/latency/contest.h"
#include "experiments/latency/opponents.h"
#include "export/onnx_runtime/onnx_runtime.h"
#include "noggin/engine.h"

namespace noggin::latency {

struct BenchOptions {
  std::string folder;              // of make_models and make_opponents.py
  std::string kernel_set;          // empty: the best that runs here
  std::size_t batch_tokens = 512;  // Noggin's SessionOptions::batch_tokens for batches
  std::string onnx_runtime;        // libonnxruntime.so; empty: the one that the build found
  bool quick = false;              // few variants
  bool without_amx = false;        // on both sides
  bool exact_opponent = false;     // ONNX Runtime without sums that saturate
  bool print_looks = false;        // every variant's time
  double seconds_per_shape = 8.0;
};

struct InputShape {
  std::size_t tokens = 0, batch = 0;
};

// Random token ids, texts one after the other.
struct InputTexts {
  std::vector<std::uint32_t> ids, lengths;
};
InputTexts random_texts(const InputShape& shape, std::uint32_t vocabulary_size);
// Answers all of `texts` and leaves their logits in `logits` [B, C]; everything named must outlive it.
Contestant noggin_contestant(Session& session, const InputTexts& texts, std::span<float> logits);

// A variant's best time in the short look that chooses the finalists.
struct Look {
  std::string variant;
  double us = 0.0;
  bool counted = true;
};

// What one row of the table says.
struct Row {
  InputShape shape;
  double noggin_us = 0.0, opponent_us = 0.0;
  std::string opponent;  // the fastest counted variant
  Ratio ratio;           // opponent / Noggin
  std::size_t rounds = 0;
  std::vector<Look> looks;          // every variant that took part, fastest first
  double largest_difference = 0.0;  // |logit - Noggin's| over the variants that hold the same integers
};

// Whether the opponent adds products of bytes in pairs that saturate at 16 bits, as it does without VNNI unless it is
// told to be exact: its answers are then others than those of the model.
bool opponent_saturates(const BenchOptions& options);

class SideBySide {
 public:
  static Result<SideBySide> open(const BenchModel& model, const BenchOptions& options);

  Result<Row> measure(const InputShape& shape);
  std::string kernel_set() const { return one_text_.kernel_set(); }
  const Model& model() const { return opened_; }
  std::string opponent_version() const { return sessions_.front().version(); }

 private:
  SideBySide(BenchModel model, BenchOptions options, Model opened, Session one_text, Session batches);
  // A prepared call of every variant that can take the shape, each of which has answered once.
  Result<std::vector<Contestant>> opponents(const InputShape& shape, const InputTexts& texts, Row& row);
  // Compares logits where a variant computes the same numbers; an Error when they are another model's.
  Status compare(const Variant& variant, std::span<const float> theirs, Row& row) const;

  BenchModel model_;
  BenchOptions options_;
  Model opened_;
  Session one_text_, batches_;
  std::vector<Variant> variants_;
  std::deque<exporter::OnnxRuntimeSession> sessions_;  // one a variant
  std::deque<exporter::OnnxRuntimeCall> calls_;        // of the last shape
  std::vector<float> logits_;                          // Noggin's for the last shape, [B, C]
};

}  // namespace noggin::latency
