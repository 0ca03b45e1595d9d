#include "train/model/student.h"

#include <cmath>

#include "spec/tensor_table.h"

namespace noggin::train {
namespace {

using spec::layer_name;

// One walk for const and non-const students.
template <typename AnyStudent, typename Visit>
void walk(AnyStudent& student, const Visit& visit) {
  const auto norm = [&](const std::string& name, auto& value) {
    visit(name + ".gamma", value.gamma, TensorRole::kPlain);
    visit(name + ".beta", value.beta, TensorRole::kPlain);
  };
  const auto linear = [&](const std::string& scale_name, const std::string& name, auto& value) {
    visit(scale_name, value.input_scale, TensorRole::kScale);
    visit(name + ".weight", value.weight, TensorRole::kWeight);
    visit(name + ".bias", value.bias, TensorRole::kPlain);
  };
  visit("embeddings.word", student.word, TensorRole::kWeight);
  if (student.config.embedding_width > 0)
    visit("embeddings.projection.weight", student.word_projection, TensorRole::kWeight);
  visit("embeddings.position", student.position, TensorRole::kWeight);
  norm("embeddings.norm", student.embedding_norm);
  for (std::size_t i = 0; i < student.layers.size(); ++i) {
    auto& layer = student.layers[i];
    linear(layer_name(i, "attention.input"), layer_name(i, "attention.qkv"), layer.qkv);
    visit(layer_name(i, "attention.query"), layer.query_scale, TensorRole::kScale);
    visit(layer_name(i, "attention.key"), layer.key_scale, TensorRole::kScale);
    visit(layer_name(i, "attention.value"), layer.value_scale, TensorRole::kScale);
    linear(layer_name(i, "attention.context"), layer_name(i, "attention.output"), layer.attention_output);
    norm(layer_name(i, "attention.norm"), layer.attention_norm);
    linear(layer_name(i, "ffn.input"), layer_name(i, "ffn.up"), layer.ffn_up);
    visit(layer_name(i, "ffn.preactivation"), layer.preactivation_scale, TensorRole::kScale);
    linear(layer_name(i, "ffn.hidden"), layer_name(i, "ffn.down"), layer.ffn_down);
    norm(layer_name(i, "ffn.norm"), layer.ffn_norm);
  }
  linear("head.input", "head.classifier", student.classifier);
  if (student.teacher_projection.defined())
    visit("live_teacher.projection", student.teacher_projection, TensorRole::kWeight);
  for (std::size_t i = 0; i < student.layers.size(); ++i) {
    visit(layer_name(i, "attention.mask"), student.layers[i].head_mask, TensorRole::kMask);
    visit(layer_name(i, "ffn.mask"), student.layers[i].ffn_mask, TensorRole::kMask);
  }
}

}  // namespace

void visit_tensors(Student& student, const std::function<void(const std::string&, Tensor&, TensorRole)>& visit) {
  walk(student, visit);
}

void visit_tensors(const Student& student,
                   const std::function<void(const std::string&, const Tensor&, TensorRole)>& visit) {
  walk(student, visit);
}

const Tensor* lookup_table(const Student& student) {
  bool tied = false;
  visit_tensors(student, [&](const std::string&, const Tensor& tensor, TensorRole) {
    tied = tied || (&tensor != &student.word && tensor.is_alias_of(student.word));
  });
  return tied ? nullptr : &student.word;
}

Student make_student(const spec::ModelConfig& config, double initial_range, std::uint64_t seed) {
  torch::NoGradGuard no_grad;
  auto generator = at::detail::createCPUGenerator(seed);
  const auto random = [&](std::int64_t rows, std::int64_t columns) {
    return torch::randn({rows, columns}, generator).clamp_(-2.0, 2.0).mul_(initial_range);
  };
  const auto scale = [] { return torch::ones({1}); };
  const auto linear = [&](std::int64_t outputs, std::int64_t inputs) {
    return Linear{random(outputs, inputs), torch::zeros({outputs}), scale()};
  };
  const std::int64_t width = config.width;  // D
  const auto norm = [&] { return Norm{torch::ones({width}), torch::zeros({width})}; };

  Student student;
  student.config = config;
  student.word = random(config.vocabulary_size, spec::word_width(config));
  if (config.embedding_width > 0) {
    const std::int64_t narrow = config.embedding_width;
    student.word_projection =
        torch::randn({width, narrow}, generator).clamp_(-2.0, 2.0).div_(std::sqrt(static_cast<double>(narrow)));
  }
  student.position = random(config.max_tokens, width);
  student.embedding_norm = norm();
  for (const spec::LayerConfig& shape : config.layers) {
    const std::int64_t attention_width = std::int64_t{shape.heads} * config.head_width;  // H*W
    EncoderLayer layer;
    layer.qkv = linear(3 * attention_width, width);
    layer.query_scale = scale();
    layer.key_scale = scale();
    layer.value_scale = scale();
    layer.attention_output = linear(width, attention_width);
    layer.attention_norm = norm();
    layer.ffn_up = linear(shape.ffn_width, width);
    layer.preactivation_scale = scale();
    layer.ffn_down = linear(width, shape.ffn_width);
    layer.ffn_norm = norm();
    layer.head_mask = torch::ones({shape.heads});
    layer.ffn_mask = torch::ones({shape.ffn_width});
    student.layers.push_back(std::move(layer));
  }
  student.classifier = linear(config.classes, width);
  return student;
}

Student copy_student(const Student& student, torch::Device device) {
  torch::NoGradGuard no_grad;
  Student copy = student;
  visit_tensors(copy, [&](const std::string&, Tensor& tensor, TensorRole) {
    tensor = tensor.detach().to(device, torch::kFloat32, /*non_blocking=*/false, /*copy=*/true);
  });
  return copy;
}

}  // namespace noggin::train
