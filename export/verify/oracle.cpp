#include "export/verify/oracle.h"

#include <torch/torch.h>

#include <algorithm>
#include <cmath>
#include <cstring>

#include "export/verify/trace_recorder.h"
#include "kernels/float_environment.h"
#include "spec/quant.h"
#include "spec/tensor_table.h"

namespace noggin::exporter {
namespace {

using torch::Tensor;

constexpr double kUnit = 0x1.0p-24;  // the relative error of one float32 rounding

// --- plain float64 arithmetic and its tolerances --------------------------------------------------------------------

struct Expected {
  Tensor value;      // float64
  Tensor tolerance;  // of the same shape
};

// (integers * weight^T + bias) * scale: the sum is exact, then one conversion and one multiply.
Expected linear(const Tensor& integers, const format::FrozenTensor& layer) {
  const auto outputs = static_cast<std::int64_t>(layer.bias.size());
  Tensor weight = torch::tensor(std::vector<std::int64_t>(layer.values.begin(), layer.values.end()))
                      .view({outputs, -1})
                      .to(torch::kFloat64);
  if (!layer.steps.empty()) {  // int4: each weight counts as often as its group's sub-step says
    const Tensor steps = torch::tensor(std::vector<std::int64_t>(layer.steps.begin(), layer.steps.end()));
    weight = (weight.view({steps.numel(), -1}) * steps.to(torch::kFloat64).unsqueeze(1)).view({outputs, -1});
  }
  const Tensor bias =
      torch::tensor(std::vector<std::int64_t>(layer.bias.begin(), layer.bias.end())).to(torch::kFloat64);
  const Tensor value = (integers.matmul(weight.t()) + bias) * torch::tensor(layer.floats).to(torch::kFloat64);
  return {value, value.abs() * (4 * kUnit)};
}

// The sums of mean and variance run over D/16 + 4 additions; everything after divides by the standard deviation.
Expected layer_norm(const Tensor& x, const format::FrozenTensor& gamma, const format::FrozenTensor& beta,
                    double epsilon) {
  const Tensor g = torch::tensor(gamma.floats).to(torch::kFloat64), b = torch::tensor(beta.floats).to(torch::kFloat64);
  const Tensor value = torch::layer_norm(x, {x.size(1)}, g, b, epsilon);
  const double roundings = static_cast<double>(x.size(1)) / 16.0 + 20.0;
  const Tensor deviation = (x.var(1, false, true) + epsilon).sqrt();
  const Tensor largest = std::get<0>(x.abs().max(1, true)) / deviation;  // of the normalized row, the mean included
  return {value, (largest * g.abs() * (1.0 + largest) + value.abs() + b.abs()) * (roundings * kUnit)};
}

Tensor dequantized_rows(const format::FrozenTensor& table, const Tensor& index) {  // -> [N, columns]
  const auto width = static_cast<std::int64_t>(table.values.size() / table.floats.size());
  std::vector<double> values;
  const auto* row = index.const_data_ptr<std::int64_t>();
  for (std::int64_t t = 0; t < index.numel(); ++t) {
    for (std::int64_t d = 0; d < width; ++d) {
      values.push_back(double{static_cast<float>(table.values[static_cast<std::size_t>(row[t] * width + d)])} *
                       double{table.floats[static_cast<std::size_t>(row[t])]});
    }
  }
  return torch::tensor(values, torch::kFloat64).view({index.numel(), width});
}

// --- comparing a recorded step with it ------------------------------------------------------------------------------

class Judge {
 public:
  explicit Judge(const TraceRecorder& trace) : trace_(trace) {}

  Tensor floats(const std::string& step) const {
    const TraceRecorder::Step& found = find(step);
    Tensor tensor = torch::empty({static_cast<std::int64_t>(found.rows), static_cast<std::int64_t>(found.columns)});
    std::memcpy(tensor.data_ptr(), found.bytes.data(), found.bytes.size());
    return tensor.to(torch::kFloat64);
  }
  Tensor integers(const std::string& step) const {
    const TraceRecorder::Step& found = find(step);
    Tensor tensor =
        torch::empty({static_cast<std::int64_t>(found.rows), static_cast<std::int64_t>(found.columns)}, torch::kInt8);
    std::memcpy(tensor.data_ptr(), found.bytes.data(), found.bytes.size());
    return tensor.to(torch::kFloat64);
  }

  void expect_floats(const std::string& step, const Expected& expected) {
    count(step, (floats(step) - expected.value).abs() <= expected.tolerance + 1e-30);
  }
  // The recorded integer must be the rounded position value / scale.
  void expect_quantized(const std::string& step, const Expected& expected, const Tensor& scale) {
    count(step, rounds_to(expected.value / scale, expected.tolerance / scale, integers(step)));
  }
  void expect_quantized(const std::string& step, const Expected& expected, float scale) {
    expect_quantized(step, expected, torch::full({1}, double{scale}, torch::kFloat64));
  }
  void count(const std::string& step, const Tensor& right) {
    values_ += static_cast<std::uint64_t>(right.numel());
    const auto wrong = static_cast<std::uint64_t>(right.numel() - right.sum().item<std::int64_t>());
    if (wrong > 0 && violations_ == 0) first_wrong_step_ = step;
    violations_ += wrong;
  }

  static Tensor clamped(const Tensor& position) { return position.clamp(spec::kActivationLow, spec::kActivationHigh); }
  static Tensor rounds_to(const Tensor& position, const Tensor& tolerance, const Tensor& integer) {
    // Two more roundings: the reciprocal and the multiply by it.
    return (integer - clamped(position)).abs() <= 0.5 + tolerance + clamped(position).abs() * (4 * kUnit);
  }

  void add_to(OracleResult& result) const {
    result.values += values_;
    if (result.violations == 0) result.worst_step = first_wrong_step_;
    result.violations += violations_;
  }

 private:
  const TraceRecorder::Step& find(const std::string& name) const {
    const auto& steps = trace_.steps();
    return *std::find_if(steps.begin(), steps.end(), [&](const auto& step) { return step.name == name; });
  }

  const TraceRecorder& trace_;
  std::uint64_t values_ = 0, violations_ = 0;
  std::string first_wrong_step_;
};

// --- steps beyond a linear layer ------------------------------------------------------------------------------------

class StepwiseOracle {
 public:
  StepwiseOracle(const spec::ModelConfig& config, const std::map<std::string, format::FrozenTensor>& tensors,
                 const TraceRecorder& trace)
      : config_(config), tensors_(tensors), judge_(trace) {}

  void check(std::span<const std::uint32_t> token_ids, OracleResult& result) {
    const Tensor ids = torch::tensor(std::vector<std::int64_t>(token_ids.begin(), token_ids.end()));
    Tensor words = dequantized_rows(at("embeddings.word"), ids);
    if (config_.encoder.embedding_width > 0) words = linear(words, at("embeddings.projection")).value;
    const Tensor embedded = words + dequantized_rows(at("embeddings.position"), torch::arange(ids.numel()));
    judge_.expect_floats("embeddings.norm", norm("embeddings.norm", embedded));
    std::string previous = "embeddings.norm";
    for (std::size_t i = 0; i < config_.encoder.layers.size(); ++i) {
      check_layer(i, previous);
      previous = spec::layer_name(i, "ffn.norm");
    }
    const Tensor x = judge_.floats(previous);
    const bool mean = config_.pooling == spec::Pooling::kMean, pools = config_.pooling != spec::Pooling::kEveryToken;
    const double additions = static_cast<double>(x.size(0)) + 1.0;
    if (pools) {
      judge_.expect_floats("pooled", {mean ? x.mean(0, true) : x.slice(0, 0, 1),
                                      x.abs().mean(0, true) * (mean ? additions * kUnit : 0.0)});
    }
    judge_.expect_quantized("head.input", exact(pools ? judge_.floats("pooled") : x), scale("head.input"));
    judge_.expect_floats("head.classifier", linear(judge_.integers("head.input"), at("head.classifier")));
    judge_.add_to(result);
  }

 private:
  void check_layer(std::size_t i, const std::string& previous) {
    const auto name = [i](const char* part) { return spec::layer_name(i, part); };
    const std::int64_t H = config_.encoder.layers[i].heads, W = config_.encoder.head_width;
    judge_.expect_quantized(name("attention.input"), exact(judge_.floats(previous)), scale(name("attention.input")));
    const Tensor qkv_scale =
        torch::cat({full(H * W, scale(name("attention.query"))), full(H * W, scale(name("attention.key"))),
                    full(H * W, scale(name("attention.value")))});
    judge_.expect_quantized(name("attention.qkv"),
                            linear(judge_.integers(name("attention.input")), at(name("attention.qkv"))), qkv_scale);
    judge_.expect_quantized(name("attention.context"), attention(i, H, W), scale(name("attention.context")));
    judge_.expect_floats(name("attention.output"),
                         linear(judge_.integers(name("attention.context")), at(name("attention.output"))));
    judge_.expect_floats(
        name("attention.norm"),
        norm(name("attention.norm"), judge_.floats(previous) + judge_.floats(name("attention.output"))));
    judge_.expect_quantized(name("ffn.input"), exact(judge_.floats(name("attention.norm"))), scale(name("ffn.input")));
    check_hidden(i);
    judge_.expect_floats(name("ffn.down"), linear(judge_.integers(name("ffn.hidden")), at(name("ffn.down"))));
    judge_.expect_floats(name("ffn.norm"), norm(name("ffn.norm"), judge_.floats(name("attention.norm")) +
                                                                      judge_.floats(name("ffn.down"))));
  }

  // Near a rounding boundary the pre-activation may be either neighbour; one of them must explain the hidden value.
  void check_hidden(std::size_t i) {
    const auto name = [i](const char* part) { return spec::layer_name(i, part); };
    const double s_pre = scale(name("ffn.preactivation")), s_hidden = scale(name("ffn.hidden"));
    const Expected pre = linear(judge_.integers(name("ffn.input")), at(name("ffn.up")));
    const Tensor position = Judge::clamped(pre.value / s_pre);
    const Tensor hidden = judge_.integers(name("ffn.hidden"));
    Tensor explained = torch::zeros_like(hidden, torch::kBool);
    for (const double offset : {0.0, 1.0}) {
      const Tensor candidate = position.floor() + offset;
      const Tensor possible = Judge::rounds_to(pre.value / s_pre, pre.tolerance / s_pre, candidate);
      const Tensor active = torch::gelu(candidate * s_pre);
      const Tensor tolerance = (active.abs() + candidate.abs() * s_pre) * (16 * kUnit) / s_hidden;
      explained = explained.logical_or(possible.logical_and(Judge::rounds_to(active / s_hidden, tolerance, hidden)));
    }
    judge_.count(name("ffn.hidden"), explained);
  }

  Expected attention(std::size_t i, std::int64_t H, std::int64_t W) {
    const auto name = [i](const char* part) { return spec::layer_name(i, part); };
    const Tensor qkv = judge_.integers(name("attention.qkv"));
    const Tensor split = qkv.view({qkv.size(0), 3, H, W}).permute({1, 2, 0, 3});  // [3, H, T, W]
    const double s_v = scale(name("attention.value"));
    const double score_scale =
        double{scale(name("attention.query"))} * scale(name("attention.key")) / std::sqrt(static_cast<double>(W));
    const Tensor dot = split[0].matmul(split[1].transpose(1, 2));  // [H, T, T], exact
    const Tensor argument = (dot - std::get<0>(dot.max(2, true))) * score_scale;
    const Tensor position = torch::exp(argument) * spec::kExponentSteps;
    const Tensor exponent = position.round();
    // An exponent this close to a boundary may have been rounded the other way: one step of weight, at most 255 apart.
    const Tensor border =
        ((position - position.floor() - 0.5).abs() <= position * (argument.abs() + 4.0) * (4 * kUnit));
    const Tensor total = exponent.sum(2, true);
    const Tensor value = exponent.matmul(split[2]) / total * s_v;  // [H, T, W]
    const Tensor slack = border.sum(2, true).to(torch::kFloat64) * (255.0 * s_v) / total;
    const auto rows = [&](const Tensor& x) { return x.permute({1, 0, 2}).reshape({qkv.size(0), H * W}); };
    return {rows(value), rows(value.abs() * (8 * kUnit) + slack)};
  }

  Expected norm(const std::string& name, const Tensor& x) const {
    return layer_norm(x, at(name + ".gamma"), at(name + ".beta"), config_.encoder.layer_norm_epsilon);
  }
  static Expected exact(const Tensor& value) { return {value, torch::zeros_like(value)}; }
  static Tensor full(std::int64_t count, float value) { return torch::full({count}, double{value}, torch::kFloat64); }
  const format::FrozenTensor& at(const std::string& name) const { return tensors_.at(name); }
  float scale(const std::string& name) const { return tensors_.at(name).floats.at(0); }

  const spec::ModelConfig& config_;
  const std::map<std::string, format::FrozenTensor>& tensors_;
  Judge judge_;
};

}  // namespace

OracleResult check_against_oracle(const spec::ModelConfig& config,
                                  const std::map<std::string, format::FrozenTensor>& tensors,
                                  const train::QuantizedStudent& student, const train::ModelInputs& inputs,
                                  std::size_t sequences, const runtime::KernelSet& kernels) {
  torch::NoGradGuard no_grad;
  OracleResult result;
  for (std::size_t sequence = 0; sequence < std::min(sequences, inputs.sequences()); ++sequence) {
    TraceRecorder trace;
    {
      const runtime::FloatEnvironment environment;
      student.logits(inputs.ids(sequence), kernels, &trace);
    }
    StepwiseOracle(config, tensors, trace).check(inputs.ids(sequence), result);
    ++result.rows;
  }
  return result;
}

}  // namespace noggin::exporter
