#include "train/compress/neuron_moments.h"

#include "train/compress/least_squares_removal.h"

namespace noggin::train {
namespace {

using Eigen::Index;
using Eigen::MatrixXd;
using RowMajor = Eigen::Matrix<double, Eigen::Dynamic, Eigen::Dynamic, Eigen::RowMajor>;

MatrixXd matrix_of(const Tensor& tensor) {
  const Tensor cpu = tensor.detach().to(torch::kCPU, torch::kFloat64).contiguous();
  return Eigen::Map<const RowMajor>(cpu.const_data_ptr<double>(), cpu.size(0), cpu.size(1));
}

Tensor tensor_of(const RowMajor& matrix) {
  Tensor tensor = torch::empty({matrix.rows(), matrix.cols()}, torch::kFloat64);
  Eigen::Map<RowMajor>(tensor.data_ptr<double>(), matrix.rows(), matrix.cols()) = matrix;
  return tensor;
}

// A layer's ffn_down with its bias as the last column; columns of masked neurons are 0, as the forward pass has them.
MatrixXd weight_and_bias(const EncoderLayer& layer) {
  return matrix_of(torch::cat({layer.ffn_down.weight * layer.ffn_mask, layer.ffn_down.bias.unsqueeze(1)}, 1));
}

}  // namespace

NeuronMoments::NeuronMoments(const Student& student) : student_(student) {
  for (const EncoderLayer& layer : student.layers) {
    const Index inputs = layer.ffn_mask.size(0) + 1;
    moments_.push_back(MatrixXd::Zero(inputs, inputs));
  }
}

Tensor NeuronMoments::feed_forward(const Tensor& x, const EncoderLayer& layer, const Linear& down) {
  const Tensor hidden = activation(linear(x, layer.ffn_up), layer);  // [N, F]
  const Tensor inputs = torch::cat({hidden * layer.ffn_mask, torch::ones_like(hidden.narrow(1, 0, 1))}, 1);
  moments_[static_cast<std::size_t>(&layer - student_.layers.data())] += matrix_of(torch::mm(inputs.t(), inputs));
  return linear(hidden, down);
}

void NeuronMoments::remove(Student& student, const std::vector<std::int64_t>& counts) const {
  torch::NoGradGuard no_grad;
  for (std::size_t l = 0; l < student.layers.size(); ++l) {
    if (counts[l] == 0) continue;
    EncoderLayer& layer = student.layers[l];
    const Tensor mask = layer.ffn_mask.detach().to(torch::kCPU);
    std::vector<char> may_go;
    for (std::int64_t f = 0; f < mask.size(0); ++f) may_go.push_back(mask[f].item<float>() > 0.5F ? 1 : 0);
    may_go.push_back(0);  // the bias
    MatrixXd weight = weight_and_bias(layer);
    const ColumnRemoval removal = remove_columns(weight, moments_[l], may_go, counts[l]);
    for (const std::int64_t neuron : removal.columns) layer.ffn_mask[neuron] = 0.0F;
    const Tensor refitted = tensor_of(weight).to(layer.ffn_down.weight.options());
    layer.ffn_down.weight.copy_(refitted.narrow(1, 0, mask.size(0)));
    layer.ffn_down.bias.copy_(refitted.select(1, mask.size(0)));
  }
}

}  // namespace noggin::train
