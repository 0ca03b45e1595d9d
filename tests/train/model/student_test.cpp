#include "train/model/student.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <set>
#include <utility>

#include "spec/tensor_table.h"
#include "tests/support/train_students.h"

namespace noggin::train {
namespace {

using NamedShape = std::pair<std::string, std::vector<std::int64_t>>;

// What the one list of tensors says a student has.
std::vector<NamedShape> shapes_of(const spec::ModelConfig& config) {
  std::vector<NamedShape> shapes;
  for (const spec::TensorSpec& entry : spec::tensor_table(config)) {
    const std::int64_t rows = entry.rows, columns = entry.columns;
    switch (entry.kind) {
      case spec::TensorKind::kEmbedding:
        shapes.emplace_back(entry.name, std::vector{rows, columns});
        break;
      case spec::TensorKind::kLinear:
        shapes.emplace_back(entry.name + ".weight", std::vector{rows, columns});
        if (!entry.input_scale.empty()) shapes.emplace_back(entry.name + ".bias", std::vector{rows});
        break;
      case spec::TensorKind::kVector:
        shapes.emplace_back(entry.name, std::vector{columns});
        break;
      case spec::TensorKind::kActivationScale:
        shapes.emplace_back(entry.name, std::vector{std::int64_t{1}});
        break;
    }
  }
  for (std::size_t i = 0; i < config.encoder.layers.size(); ++i) {
    shapes.emplace_back(spec::layer_name(i, "attention.mask"),
                        std::vector<std::int64_t>{config.encoder.layers[i].heads});
    shapes.emplace_back(spec::layer_name(i, "ffn.mask"), std::vector<std::int64_t>{config.encoder.layers[i].ffn_width});
  }
  return shapes;
}

TEST(Student, NamesShapesAndOrderAreThoseOfTheTensorTable) {
  for (const spec::ModelConfig& config : {test::student_config(), test::narrow_student_config()}) {
    std::vector<NamedShape> visited;
    visit_tensors(make_student(config, 0.02, 1), [&](const std::string& name, const Tensor& tensor, TensorRole) {
      visited.emplace_back(name, tensor.sizes().vec());
    });
    EXPECT_EQ(visited, shapes_of(config));
  }
}

TEST(Student, RolesFollowWhatATensorIs) {
  const Student student = make_student(test::student_config(), 0.02, 1);
  std::set<std::string> scales;
  for (const spec::TensorSpec& entry : spec::tensor_table(student.config)) {
    if (entry.kind == spec::TensorKind::kActivationScale) scales.insert(entry.name);
  }
  visit_tensors(student, [&](const std::string& name, const Tensor&, TensorRole role) {
    const bool weight = name.ends_with(".weight") || name == "embeddings.word" || name == "embeddings.position";
    const TensorRole expected = name.ends_with(".mask") ? TensorRole::kMask
                                : scales.contains(name) ? TensorRole::kScale
                                : weight                ? TensorRole::kWeight
                                                        : TensorRole::kPlain;
    EXPECT_EQ(role, expected) << name;
  });
}

bool same_values(const Student& a, const Student& b) {
  std::vector<Tensor> left, right;
  visit_tensors(a, [&](const std::string&, const Tensor& tensor, TensorRole) { left.push_back(tensor); });
  visit_tensors(b, [&](const std::string&, const Tensor& tensor, TensorRole) { right.push_back(tensor); });
  for (std::size_t i = 0; i < left.size(); ++i) {
    if (!torch::equal(left[i], right[i])) return false;
  }
  return true;
}

TEST(Student, OneSeedGivesOneStudentWhateverTheGlobalGeneratorDid) {
  torch::manual_seed(1);
  const Student first = make_student(test::student_config(), 0.02, 7);
  torch::manual_seed(2);
  EXPECT_TRUE(same_values(first, make_student(test::student_config(), 0.02, 7)));
  EXPECT_FALSE(same_values(first, make_student(test::student_config(), 0.02, 8)));
}

TEST(Student, InitialWeightsAreTruncatedAtTwoDeviations) {
  const Student student = make_student(test::student_config(), 0.02, 3);
  EXPECT_LE(student.word.abs().max().item<float>(), 0.04F);
  EXPECT_NEAR(student.word.std().item<float>(), 0.0185F, 0.002F);  // 0.02, less the cut tails
  EXPECT_TRUE(student.layers[0].qkv.bias.eq(0.0).all().item<bool>());
  EXPECT_TRUE(student.embedding_norm.gamma.eq(1.0).all().item<bool>());
  EXPECT_TRUE(student.layers[1].ffn_mask.eq(1.0).all().item<bool>());
}

TEST(Student, ACopySharesNothingAndAsksForNoGradient) {
  Student student = make_student(test::student_config(), 0.02, 3);
  student.word.requires_grad_(true);
  const Student copy = copy_student(student, torch::kCPU);
  EXPECT_FALSE(copy.word.requires_grad());
  visit_tensors(student, [](const std::string&, Tensor& tensor, TensorRole) { tensor.detach().fill_(9.0F); });
  EXPECT_TRUE(same_values(copy, make_student(test::student_config(), 0.02, 3)));
}

TEST(Student, ATiedHeadLeavesNoLookupTable) {
  spec::ModelConfig config = test::student_config();
  config.classes = config.vocabulary_size;
  Student student = make_student(config, 0.02, 3);
  EXPECT_EQ(lookup_table(student), &student.word);
  student.classifier.weight = student.word;
  EXPECT_EQ(lookup_table(student), nullptr);
}

// Else position would drown them.
TEST(Student, ProjectedWordsAreAsLargeAsOthers) {
  spec::ModelConfig config = test::student_config();
  config.encoder.width = 64;
  config.encoder.embedding_width = 16;
  config.vocabulary_size = 500;
  const Student student = make_student(config, 0.02, 1);
  const double spread = student.word.matmul(student.word_projection.t()).std().item<double>();
  EXPECT_NEAR(spread, student.position.std().item<double>(), 0.004);
}

}  // namespace
}  // namespace noggin::train
