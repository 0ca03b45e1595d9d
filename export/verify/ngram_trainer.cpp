#include "export/verify/ngram_trainer.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <vector>

#include "kernels/float_environment.h"
#include "spec/quant.h"

namespace noggin::exporter {

train::QuantizedNgram ngram_trainer(const format::ModelView& view) {
  const std::size_t V = view.config.vocabulary_size, C = view.config.classes;
  std::map<std::string, format::FrozenTensor> tensors;
  tensors["ngrams.weight"] = {
      {view.ngrams.values, view.ngrams.values + V * C}, {view.ngrams.scales, view.ngrams.scales + V}, {}};
  tensors["head.scale"].floats.assign(view.head_scale, view.head_scale + C);
  tensors["head.bias"].floats.assign(view.head_bias, view.head_bias + C);
  return {view.config, tensors};
}

OracleResult check_ngrams_against_oracle(const format::ModelView& view, const train::QuantizedNgram& trainer,
                                         const train::ModelInputs& inputs, std::size_t sequences) {
  constexpr double kSteps = 1.01, kRoundings = 8.0, kRounding = 0x1p-24;
  const runtime::FloatEnvironment environment;
  const std::size_t C = view.config.classes;
  OracleResult result;
  for (std::size_t sequence = 0; sequence < std::min(sequences, inputs.sequences()); ++sequence) {
    std::map<std::uint32_t, double> values;
    for (const std::uint32_t id : inputs.ids(sequence)) values[id] += 1.0;
    double squares = 0.0;
    for (auto& [id, value] : values) {
      value = (1.0 + std::log(value)) * double{view.ngrams.scales[id]};
      squares += value * value;
    }
    const std::vector<float> logits = trainer.logits(inputs.ids(sequence));
    for (std::size_t c = 0; c < C; ++c) {
      double sum = 0.0, weights = 0.0;
      for (const auto& [id, value] : values) {
        const double weight = view.ngrams.values[id * C + c];
        sum += value / std::sqrt(squares) * double{spec::kUnitSteps} * weight;
        weights += std::abs(weight);
      }
      const double scale = view.head_scale[c], bias = view.head_bias[c];
      const double tolerance =
          std::abs(scale) * weights * kSteps + kRoundings * kRounding * (std::abs(scale * sum) + std::abs(bias));
      const bool wrong = !(std::abs(double{logits[c]} - (scale * sum + bias)) <= tolerance);
      result.violations += wrong;
      if (wrong && result.worst_step.empty()) result.worst_step = "head.classifier";
    }
    ++result.rows;
    result.values += C;
  }
  return result;
}

}  // namespace noggin::exporter
