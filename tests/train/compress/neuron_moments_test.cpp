#include "train/compress/neuron_moments.h"

#include <gtest/gtest.h>

#include "tests/support/train_students.h"
#include "train/compress/prune.h"

namespace noggin::train {
namespace {

using test::packed;

spec::ModelConfig wide_config() {
  spec::ModelConfig config = test::student_config();
  config.encoder.layers = {{4, 40}, {2, 24}};
  return config;
}

NeuronMoments observed(const Student& student) {
  NeuronMoments moments(student);
  for (const std::uint64_t seed : {1, 2, 3})
    forward(student, packed(test::random_texts(student.config, 12, seed)), moments);
  return moments;
}

Tensor answers(const Student& student) {
  FloatArithmetic arithmetic;
  return forward(student, packed(test::random_texts(student.config, 12, 1)), arithmetic).detach();
}

double distance(const Tensor& a, const Tensor& b) { return (a - b).norm().item<double>(); }

TEST(NeuronMoments, ObservingChangesNoAnswer) {
  torch::NoGradGuard no_grad;
  const Student student = test::random_student(wide_config(), 3);
  NeuronMoments moments(student);
  const PackedBatch batch = packed(test::random_texts(student.config, 12, 1));
  EXPECT_TRUE(torch::equal(forward(student, batch, moments), answers(student)));
}

// A neuron that says what another one says costs nothing: the other takes over its part.
TEST(NeuronMoments, ATwinGoesAndAnswersStay) {
  torch::NoGradGuard no_grad;
  Student student = test::random_student(wide_config(), 3);
  for (EncoderLayer& layer : student.layers) {
    layer.ffn_up.weight[7] = layer.ffn_up.weight[2];
    layer.ffn_up.bias[7] = layer.ffn_up.bias[2];
  }
  const Tensor before = answers(student);
  observed(student).remove(student, {1, 1});
  for (const EncoderLayer& layer : student.layers) {
    EXPECT_EQ(layer.ffn_mask.sum().item<float>(), static_cast<float>(layer.ffn_mask.size(0) - 1));
    EXPECT_EQ((layer.ffn_mask[2] + layer.ffn_mask[7]).item<float>(), 1.0F);
  }
  EXPECT_LT(distance(answers(student), before), 1e-2 * before.norm().item<double>());
  EXPECT_LT(distance(answers(remove_masked(student)), before), 1e-2 * before.norm().item<double>());
}

// The same neurons away, with and without new weights for the others.
TEST(NeuronMoments, RefittedNeuronsAnswerMoreAlike) {
  torch::NoGradGuard no_grad;
  Student refitted = test::random_student(wide_config(), 3);
  Student cut = copy_student(refitted, torch::kCPU);
  const Tensor before = answers(cut);
  refitted.layers[1].ffn_mask[5] = 0.0F;  // of an earlier removal
  observed(refitted).remove(refitted, {10, 6});
  EXPECT_EQ(refitted.layers[0].ffn_mask.sum().item<float>(), 30.0F);
  EXPECT_EQ(refitted.layers[1].ffn_mask.sum().item<float>(), 17.0F);
  EXPECT_EQ(refitted.layers[1].ffn_mask[5].item<float>(), 0.0F);
  for (std::size_t l = 0; l < 2; ++l) cut.layers[l].ffn_mask.copy_(refitted.layers[l].ffn_mask);
  EXPECT_LT(distance(answers(refitted), before), 0.8 * distance(answers(cut), before));
}

}  // namespace
}  // namespace noggin::train
