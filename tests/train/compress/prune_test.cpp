#include "train/compress/prune.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <cmath>

#include "tests/support/train_students.h"

namespace noggin::train {
namespace {

using test::packed;

spec::ModelConfig prunable_config() {
  spec::ModelConfig config = test::student_config();
  config.encoder.layers = {{4, 40}, {2, 24}};
  return config;
}

Tensor loss_of(const Student& student, const PackedBatch& batch) {
  FloatArithmetic arithmetic;
  return forward(student, batch, arithmetic).square().mean();
}

std::vector<float> values(const Tensor& tensor) {
  const Tensor flat = tensor.detach().to(torch::kFloat32).contiguous();
  return {flat.const_data_ptr<float>(), flat.const_data_ptr<float>() + flat.numel()};
}
std::int64_t kept(const Tensor& mask) { return mask.gt(0.5).sum().item<std::int64_t>(); }

// Importance is how much the loss moves with a mask: compared with difference quotients, which know nothing of
// autograd.
TEST(Importance, IsTheSlopeOfTheLossAlongEachMask) {
  Student student = test::random_student(prunable_config(), 3);
  const PackedBatch first = packed(test::random_texts(student.config, 6, 1));
  const PackedBatch second = packed(test::random_texts(student.config, 6, 2));
  ImportanceScores scores(student);
  set_mask_gradients(student, true);
  for (const PackedBatch* batch : {&first, &second}) {
    loss_of(student, *batch).backward();
    scores.add_gradients(student);
  }
  set_mask_gradients(student, false);
  const auto slope = [&](Tensor& mask, std::int64_t index, const PackedBatch& batch) {
    torch::NoGradGuard no_grad;
    const auto loss_at = [&](float value) {
      mask[index] = value;
      const double loss = loss_of(student, batch).item<double>();
      mask[index] = 1.0F;
      return loss;
    };
    return std::abs(loss_at(1.02F) - loss_at(0.98F)) / 0.04;
  };
  for (std::size_t i = 0; i < 2; ++i) {
    EncoderLayer& layer = student.layers[i];
    const std::vector<std::pair<Tensor*, Tensor>> parts = {{&layer.head_mask, scores.heads[i]},
                                                           {&layer.ffn_mask, scores.neurons[i]}};
    for (const auto& [mask, score] : parts) {
      const double largest = score.max().item<double>();
      for (std::int64_t index = 0; index < std::min<std::int64_t>(mask->numel(), 6); ++index) {
        const double expected = slope(*mask, index, first) + slope(*mask, index, second);
        EXPECT_NEAR(score[index].item<double>(), expected, 0.02 * largest) << "layer " << i << " index " << index;
      }
    }
  }
}

TEST(Importance, BySizeIsTheNormOfWhatAPartReadsTimesThatOfWhatReadsIt) {
  torch::NoGradGuard no_grad;
  Student student = test::random_student(prunable_config(), 3);
  EncoderLayer& layer = student.layers[0];
  const std::int64_t head_width = student.config.encoder.head_width, values_of_2 = 2 * 4 * head_width + 2 * head_width;
  layer.qkv.weight.narrow(0, values_of_2, head_width).mul_(1e-3);
  layer.ffn_up.weight[7].mul_(1e-3);
  layer.ffn_down.weight.select(1, 9).zero_();
  const ImportanceScores scores = magnitude_scores(student);
  EXPECT_EQ(scores.heads[0].argmin().item<std::int64_t>(), 2);
  EXPECT_EQ(scores.neurons[0][9].item<double>(), 0.0);
  EXPECT_NEAR(scores.neurons[0][7].item<double>(),
              layer.ffn_up.weight[7].norm().item<double>() * layer.ffn_down.weight.select(1, 7).norm().item<double>(),
              1e-6);
  EXPECT_EQ(scores.neurons[1].size(0), 24);
}

TEST(MaskLeastImportant, TakesTheLeastImportantOverAllLayersAfterNormalizing) {
  Student student = test::random_student(prunable_config(), 3);
  ImportanceScores scores(student);
  // Norms 5.48 and 0.5: divided by them, layer 0 has 0.37 0.18 0.55 0.73 and layer 1, smaller as it stands, 0.6 0.8.
  scores.heads = {torch::tensor({2.0, 1.0, 3.0, 4.0}, torch::kFloat64), torch::tensor({0.3, 0.4}, torch::kFloat64)};
  for (Tensor& neurons : scores.neurons) neurons = torch::arange(neurons.numel(), torch::kFloat64) + 1.0;
  mask_least_important(student, scores, 0.5, 0.0);
  EXPECT_EQ(values(student.layers[0].head_mask), (std::vector<float>{0, 0, 0, 1}));
  EXPECT_EQ(values(student.layers[1].head_mask), (std::vector<float>{1, 1}));
  EXPECT_EQ(kept(student.layers[0].ffn_mask) + kept(student.layers[1].ffn_mask), 64);
}

TEST(MaskLeastImportant, SharesAreOfTheOriginalStudentAndMaskedStaysMasked) {
  Student student = test::random_student(prunable_config(), 3);
  ImportanceScores scores(student);
  for (std::size_t i = 0; i < 2; ++i)
    scores.neurons[i] = torch::arange(scores.neurons[i].numel(), torch::kFloat64) + 1.0;
  mask_least_important(student, scores, 0.0, 0.125);
  EXPECT_EQ(kept(student.layers[0].ffn_mask) + kept(student.layers[1].ffn_mask), 56);
  const Tensor before = student.layers[0].ffn_mask.clone();
  mask_least_important(student, scores, 0.0, 0.25);
  EXPECT_EQ(kept(student.layers[0].ffn_mask) + kept(student.layers[1].ffn_mask), 48);
  EXPECT_TRUE(student.layers[0].ffn_mask.le(before).all().item<bool>());
}

TEST(MaskLeastImportant, EveryLayerKeepsAHeadAndABlockOfNeurons) {
  spec::ModelConfig config = prunable_config();
  config.encoder.layers.push_back({1, 9});  // less than a block: nothing to take
  Student student = test::random_student(config, 3);
  ImportanceScores scores(student);
  mask_least_important(student, scores, 1.0, 1.0);
  for (std::size_t i = 0; i < config.encoder.layers.size(); ++i) {
    EXPECT_EQ(kept(student.layers[i].head_mask), 1) << "layer " << i;
    EXPECT_EQ(kept(student.layers[i].ffn_mask), std::min(16U, config.encoder.layers[i].ffn_width)) << "layer " << i;
  }
}

TEST(MaskLeastImportant, LeavesWholeGroupsOfFourBitWeights) {
  spec::ModelConfig config = test::int4_layers_config();
  ASSERT_EQ(config.encoder.head_width, 16U);  // two heads fill a group
  config.encoder.layers = {{4, 160, 32, 32, 32, 32}, {4, 160, 32, 32, 32, 32}};
  Student student = test::random_student(config, 3);
  ImportanceScores scores(student);
  for (Tensor& neurons : scores.neurons) neurons = torch::ones({160}, torch::kFloat64);
  scores.neurons[0].slice(0, 0, 40) = 0.0;  // the first unit of layer 0 costs least
  mask_least_important(student, scores, 0.2, 0.1);
  EXPECT_EQ(kept(student.layers[0].ffn_mask), 128);
  EXPECT_EQ(kept(student.layers[1].ffn_mask), 160);
  EXPECT_EQ(kept(student.layers[0].head_mask) + kept(student.layers[1].head_mask), 6);
  mask_least_important(student, scores, 0.2, 0.5);
  EXPECT_EQ(kept(student.layers[0].ffn_mask) + kept(student.layers[1].ffn_mask), 160);
  const Student smaller = remove_masked(student);
  for (const spec::LayerConfig& layer : smaller.config.encoder.layers) {
    EXPECT_EQ(layer.ffn_width % 32, 0U);
    EXPECT_EQ(layer.heads % 2, 0U);
  }
  EXPECT_TRUE(spec::validate(smaller.config));
}

class RemoveMasked : public testing::TestWithParam<spec::Pooling> {};
INSTANTIATE_TEST_SUITE_P(Pooling, RemoveMasked, testing::Values(spec::Pooling::kMean, spec::Pooling::kFirstToken));

TEST_P(RemoveMasked, GivesTheLogitsOfTheMaskedStudent) {
  spec::ModelConfig config = prunable_config();
  config.pooling = GetParam();
  Student student = test::random_student(config, 3);
  for (const int head : {0, 2}) student.layers[0].head_mask[head] = 0.0F;
  student.layers[1].head_mask[1] = 0.0F;
  for (std::int64_t n = 0; n < 40; n += 3) student.layers[0].ffn_mask[n] = 0.0F;
  const PackedBatch batch = packed(test::random_texts(config, 7, 5));

  torch::NoGradGuard no_grad;
  FloatArithmetic arithmetic;
  const Student smaller = remove_masked(student);
  EXPECT_LT(test::largest_difference(forward(smaller, batch, arithmetic), forward(student, batch, arithmetic)), 1e-5);
  EXPECT_EQ(smaller.config.encoder.layers, (std::vector<spec::LayerConfig>{{2, 26}, {1, 24}}));
  EXPECT_EQ(smaller.layers[0].qkv.weight.sizes().vec(), (std::vector<std::int64_t>{2 * 5 * 3, 20}));
  EXPECT_EQ(smaller.layers[0].ffn_down.weight.sizes().vec(), (std::vector<std::int64_t>{20, 26}));
  // The masked student differs from the whole one, or nothing was shown.
  const Student whole = test::random_student(config, 3);
  EXPECT_GT(test::largest_difference(forward(whole, batch, arithmetic), forward(student, batch, arithmetic)), 1e-3);
}

}  // namespace
}  // namespace noggin::train
