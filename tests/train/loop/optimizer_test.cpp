#include "train/loop/optimizer.h"

#include <gtest/gtest.h>

#include <cmath>

#include "spec/quant.h"
#include "tests/support/train_students.h"

namespace noggin::train {
namespace {

using test::largest_difference;
using test::Random;

// AdamW as Loshchilov and Hutter write it (algorithm 2), in double, for one tensor.
struct PlainAdamW {
  Tensor value, first, second;
  int steps = 0;

  explicit PlainAdamW(const Tensor& start)
      : value(start.detach().to(torch::kFloat64).clone()),
        first(torch::zeros_like(value)),
        second(torch::zeros_like(value)) {}
  void step(const Tensor& gradient, double rate, double decay, const OptimizerOptions& options) {
    ++steps;
    first = options.beta1 * first + (1 - options.beta1) * gradient;
    second = options.beta2 * second + (1 - options.beta2) * gradient * gradient;
    const Tensor m = first / (1 - std::pow(options.beta1, steps)), v = second / (1 - std::pow(options.beta2, steps));
    value = value - rate * (m / (v.sqrt() + options.epsilon) + decay * value);
  }
};

// Random gradients on everything that wants one; by name, in double.
std::map<std::string, Tensor> set_gradients(Student& student, std::uint64_t seed, float size) {
  Random random(seed);
  std::map<std::string, Tensor> gradients;
  visit_tensors(student, [&](const std::string& name, Tensor& tensor, TensorRole) {
    if (!tensor.requires_grad()) return;
    tensor.mutable_grad() = test::random_tensor(tensor.sizes(), random, -size, size);
    gradients[name] = tensor.grad().to(torch::kFloat64).clone();
  });
  return gradients;
}

double norm_of(const std::map<std::string, Tensor>& gradients) {
  double squares = 0.0;
  for (const auto& [name, gradient] : gradients) squares += gradient.square().sum().item<double>();
  return std::sqrt(squares);
}

class WithGradientSize : public testing::TestWithParam<float> {};
INSTANTIATE_TEST_SUITE_P(Optimizer, WithGradientSize, testing::Values(1e-3F, 1.0F));  // not clipped, clipped

TEST_P(WithGradientSize, StepsAsAdamWWrittenOut) {
  Student student = test::random_student(test::student_config(), 1);
  OptimizerOptions options;
  options.weight_decay = 0.1;
  options.scale_learning_rate = 0.05;
  Optimizer optimizer(student, options);
  std::map<std::string, PlainAdamW> plain;
  std::map<std::string, TensorRole> roles;
  visit_tensors(student, [&](const std::string& name, Tensor& tensor, TensorRole role) {
    plain.emplace(name, PlainAdamW(tensor));
    roles[name] = role;
  });
  for (int step = 0; step < 5; ++step) {
    const double rate = 0.01 / (step + 1);
    const auto gradients = set_gradients(student, static_cast<std::uint64_t>(step), GetParam());
    const double norm = norm_of(gradients);
    EXPECT_NEAR(optimizer.step(rate), norm, 1e-4 * norm);
    const double clip = std::min(1.0, options.clip_norm / norm);
    for (const auto& [name, gradient] : gradients) {
      const bool scale = roles.at(name) == TensorRole::kScale;
      plain.at(name).step(gradient * clip, scale ? 0.05 * rate : rate,
                          roles.at(name) == TensorRole::kWeight ? options.weight_decay : 0.0, options);
    }
  }
  visit_tensors(student, [&](const std::string& name, const Tensor& tensor, TensorRole role) {
    EXPECT_LT(largest_difference(tensor, plain.at(name).value), 1e-5) << name;
    if (role != TensorRole::kMask) {
      EXPECT_FALSE(tensor.grad().defined()) << name << ": gradients are cleared";
    }
  });
}

TEST(Optimizer, LeavesScalesAndMasksAloneUnlessAsked) {
  Student student = test::random_student(test::student_config(), 1);
  Optimizer optimizer(student, {});
  visit_tensors(student, [](const std::string& name, const Tensor& tensor, TensorRole role) {
    EXPECT_EQ(tensor.requires_grad(), role == TensorRole::kWeight || role == TensorRole::kPlain) << name;
  });
}

TEST(Optimizer, AScaleNeverLeavesThePositiveNumbers) {
  Student student = test::random_student(test::student_config(), 1);
  OptimizerOptions options;
  options.scale_learning_rate = 1.0;
  Optimizer optimizer(student, options);
  student.classifier.input_scale.mutable_grad() = torch::ones({1});
  optimizer.step(5.0);
  EXPECT_EQ(student.classifier.input_scale.item<float>(), spec::kSmallestScale);
}

TEST(Optimizer, TheAverageWarmsUpThenDecays) {
  Student student = test::random_student(test::student_config(), 1);
  OptimizerOptions options;
  options.average_decay = 0.15;
  Optimizer optimizer(student, options);
  Tensor expected = student.word.detach().to(torch::kFloat64).clone();
  for (int update = 1; update <= 4; ++update) {
    set_gradients(student, static_cast<std::uint64_t>(update), 1.0F);
    optimizer.step(0.05);
    const double decay = std::min(0.15, update / (update + 10.0));  // 1/11, then 0.15 from the second update on
    expected = decay * expected + (1 - decay) * student.word.detach().to(torch::kFloat64);
  }
  const Student average = optimizer.averaged();
  EXPECT_LT(largest_difference(average.word, expected), 1e-6);
  EXPECT_GT(largest_difference(average.word, student.word), 1e-4);
  EXPECT_FALSE(average.word.requires_grad());
}

// As after 3 updates without any before: the old weights, which had heads that are gone, have no part in it.
TEST(Optimizer, ARestartedAverageForgetsWhatWasBefore) {
  Student student = test::random_student(test::student_config(), 1);
  OptimizerOptions options;
  options.average_decay = 0.99;
  Optimizer optimizer(student, options);
  const auto update = [&](int number) {
    set_gradients(student, static_cast<std::uint64_t>(number), 1.0F);
    optimizer.step(0.05);
  };
  for (int number = 1; number <= 30; ++number) update(number);
  optimizer.restart_average();
  EXPECT_TRUE(torch::equal(optimizer.averaged().word, student.word));
  Tensor expected = student.word.detach().to(torch::kFloat64).clone();
  for (int number = 1; number <= 3; ++number) {
    update(30 + number);
    const double decay = number / (number + 10.0);
    expected = decay * expected + (1 - decay) * student.word.detach().to(torch::kFloat64);
  }
  EXPECT_LT(largest_difference(optimizer.averaged().word, expected), 1e-6);
}

TEST(Optimizer, WithoutAveragingTheStudentItselfIsCopied) {
  Student student = test::random_student(test::student_config(), 1);
  Optimizer optimizer(student, {});
  set_gradients(student, 1, 1.0F);
  optimizer.step(0.01);
  const Student copy = optimizer.averaged();
  EXPECT_TRUE(torch::equal(copy.word, student.word));
  EXPECT_NE(copy.word.data_ptr(), student.word.data_ptr());
}

TEST(Optimizer, ItsStateIsAllThatItRemembers) {
  OptimizerOptions options;
  options.average_decay = 0.9;
  options.scale_learning_rate = 0.1;
  Student student = test::random_student(test::student_config(), 1);
  Optimizer optimizer(student, options);
  for (std::uint64_t i = 0; i < 3; ++i) {
    set_gradients(student, i, 1.0F);
    optimizer.step(0.01);
  }
  Student other = copy_student(student, torch::kCPU);
  Optimizer resumed(other, options);
  std::map<std::string, Tensor> state;
  for (const auto& [name, tensor] : optimizer.state()) state[name] = tensor.clone();
  resumed.load_state(state);
  for (Student* either : {&student, &other}) set_gradients(*either, 9, 1.0F);
  for (Optimizer* either : {&optimizer, &resumed}) either->step(0.01);
  EXPECT_TRUE(torch::equal(student.word, other.word));
  EXPECT_TRUE(torch::equal(student.classifier.input_scale, other.classifier.input_scale));
  EXPECT_TRUE(torch::equal(optimizer.averaged().word, resumed.averaged().word));
  state.erase("adam.second.head.classifier.weight");
  EXPECT_THROW(resumed.load_state(state), std::out_of_range);
}

// Gradients of a step that looked up `ids` only.
void set_gradients_of_rows(Student& student, const Tensor& ids, std::uint64_t seed) {
  set_gradients(student, seed, 1.0F);
  const Tensor touched = torch::zeros({student.word.size(0), 1}).index_fill_(0, ids, 1.0);
  student.word.mutable_grad() = student.word.grad() * touched;
}

TEST(Optimizer, RowsThatAreUpdatedLaterGetTheSameBits) {
  OptimizerOptions options;
  options.weight_decay = 0.1;
  options.average_decay = 0.9;
  Student eager = test::random_student(test::student_config(), 1), lazy = copy_student(eager, torch::kCPU);
  Optimizer eager_optimizer(eager, options), lazy_optimizer(lazy, options);
  Random random(3);
  for (std::uint64_t step = 0; step < 40; ++step) {
    std::vector<std::int64_t> rows;
    for (int i = 0; i < 4; ++i)
      rows.push_back(static_cast<std::int64_t>(random.below(static_cast<std::uint64_t>(eager.word.size(0)))));
    const Tensor ids = torch::tensor(rows, torch::kInt64);
    lazy_optimizer.look_up(ids);
    EXPECT_TRUE(torch::equal(lazy.word.index_select(0, ids), eager.word.index_select(0, ids))) << "step " << step;
    const double rate = 0.01 / static_cast<double>(step + 1);
    set_gradients_of_rows(eager, ids, step);
    set_gradients_of_rows(lazy, ids, step);
    EXPECT_NEAR(eager_optimizer.step(rate), lazy_optimizer.step(rate), 1e-6);  // sums in another order
  }
  EXPECT_FALSE(torch::equal(eager.word, lazy.word)) << "nothing was put off, so nothing is shown";
  const auto expected = eager_optimizer.state(), got = lazy_optimizer.state();
  EXPECT_TRUE(torch::equal(eager.word, lazy.word));
  for (const auto& [name, tensor] : expected) EXPECT_TRUE(torch::equal(tensor, got.at(name))) << name;
  EXPECT_TRUE(torch::equal(eager_optimizer.averaged().word, lazy_optimizer.averaged().word));
}

// Predicts each next id through the word table itself, so that every row gets a gradient.
Tensor tied_loss(const Student& student, const Tensor& ids) {
  const Tensor hidden = torch::embedding(student.word, ids).tanh();  // [N, D]
  const Tensor logits = hidden.matmul(student.word.t());             // [N, V]
  return torch::nn::functional::cross_entropy(logits, ids.roll(-1));
}

TEST(Optimizer, ATiedTableIsUpdatedInWhole) {
  OptimizerOptions options;
  options.weight_decay = 0.1;
  options.average_decay = 0.9;
  Student eager = test::random_student(test::student_config(), 1), lazy = copy_student(eager, torch::kCPU);
  Optimizer eager_optimizer(eager, options), lazy_optimizer(lazy, options);
  Random random(3);
  for (int step = 0; step < 10; ++step) {
    const Tensor ids = torch::tensor({static_cast<std::int64_t>(random.below(90)), std::int64_t{4}, std::int64_t{7}});
    lazy_optimizer.look_up(ids);  // wrong: the loss reads every row
    for (Student* student : {&eager, &lazy}) tied_loss(*student, ids).backward();
    EXPECT_EQ(eager_optimizer.step(0.01), lazy_optimizer.step(0.01)) << "step " << step;
    ASSERT_TRUE(torch::equal(eager.word, lazy.word)) << "step " << step;
  }
  EXPECT_TRUE(torch::equal(eager_optimizer.averaged().word, lazy_optimizer.averaged().word));
}

TEST(LearningRate, RisesLinearlyThenFallsAlongAHalfCosine) {
  EXPECT_NEAR(lr_multiplier(0, 100, 0.1, 0.2), 0.1, 1e-12);
  EXPECT_NEAR(lr_multiplier(4, 100, 0.1, 0.2), 0.5, 1e-12);
  EXPECT_NEAR(lr_multiplier(9, 100, 0.1, 0.2), 1.0, 1e-12);
  EXPECT_NEAR(lr_multiplier(54, 100, 0.1, 0.2), 0.6, 1e-12);  // half-way: the mean of 1 and 0.2
  EXPECT_NEAR(lr_multiplier(99, 100, 0.1, 0.2), 0.2, 1e-12);
  EXPECT_NEAR(lr_multiplier(500, 100, 0.1, 0.2), 0.2, 1e-12);
  for (std::uint64_t step = 10; step < 99; ++step) {
    EXPECT_GT(lr_multiplier(step, 100, 0.1, 0.2), lr_multiplier(step + 1, 100, 0.1, 0.2));
  }
}

}  // namespace
}  // namespace noggin::train
