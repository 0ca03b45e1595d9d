// Packing, scales, tables, strides and the order of the steps against a forward pass that has none of the engine's
// machinery. Float error may move an activation across a rounding border, which costs one quantization step there; on
// most texts none crosses, and then the logits agree to float precision. A wrong scale or tensor would be off on all.
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/engine_model.h"
#include "tests/support/engine_plain_forward.h"

namespace noggin {
namespace {

// The largest relative logit error of each of many token sequences, in ascending order.
std::vector<double> sorted_errors(const format::FrozenModel& frozen, std::uint64_t seed) {
  const test::OpenModel open = test::open_model(frozen);
  Session session = *Session::create(open.model, "reference");
  const test::PlainForward plain(frozen);
  test::Random random(seed);
  std::vector<double> errors;
  for (int i = 0; i < 24; ++i) {
    std::vector<std::uint32_t> ids(1 + random.below(frozen.config.max_tokens));
    for (std::uint32_t& id : ids) id = static_cast<std::uint32_t>(random.below(frozen.config.vocabulary_size));
    const std::vector<double> expected = plain.logits(ids);
    const Result<std::span<const float>> logits = session.logits(ids);
    EXPECT_TRUE(logits);
    double error = 0;
    for (std::size_t c = 0; c < expected.size(); ++c) {
      error =
          std::max(error, std::fabs(static_cast<double>((*logits)[c]) - expected[c]) / (1.0 + std::fabs(expected[c])));
    }
    errors.push_back(error);
  }
  std::sort(errors.begin(), errors.end());
  return errors;
}

TEST(PlainForward, AgreesToFloatPrecisionOnMostTexts) {
  std::uint64_t seed = 61;
  for (const spec::ModelConfig& config : test::odd_configs()) {
    ++seed;
    const std::vector<double> errors = sorted_errors(test::frozen_model_with_golden(config, seed), seed);
    EXPECT_LT(errors[errors.size() / 4], 1e-5) << "width " << config.encoder.width;
    EXPECT_LT(errors.back(), 0.5) << "width " << config.encoder.width;
  }
}

TEST(PlainForward, WouldNoticeAnyOneScale) {
  const spec::ModelConfig config = test::engine_config();
  const format::FrozenModel frozen = test::frozen_model_with_golden(config, 71);
  for (const spec::TensorSpec& tensor : spec::tensor_table(config)) {
    if (tensor.kind != spec::TensorKind::kActivationScale) continue;
    format::FrozenModel changed = frozen;
    changed.tensors[tensor.name].floats[0] *= 1.5F;
    const test::OpenModel open = test::open_model(changed);
    Session session = *Session::create(open.model, "reference");
    double largest = 0;
    for (const format::GoldenVector& golden : frozen.golden) {
      const std::vector<double> expected = test::PlainForward(frozen).logits(golden.token_ids);
      const Result<std::span<const float>> logits = session.logits(golden.token_ids);
      for (std::size_t c = 0; c < expected.size(); ++c) {
        largest = std::max(largest, std::fabs(static_cast<double>((*logits)[c]) - expected[c]));
      }
    }
    EXPECT_GT(largest, 1e-3) << tensor.name;
  }
}

}  // namespace
}  // namespace noggin
