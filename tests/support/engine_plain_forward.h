// A second implementation of the forward pass, straight from a FrozenModel: tensors by name, row-major weights, plain
// loops in double, no packing, no arena, no tables made on loading. Quantization steps are rounded as in spec/quant.h;
// all else is exact arithmetic with at most one rounding, so that it agrees with the engine up to the engine's own
// float errors.
#pragma once

#include <cmath>
#include <string>
#include <vector>

#include "format/frozen_model.h"
#include "spec/tensor_table.h"

namespace noggin::test {

using Rows = std::vector<std::vector<double>>;  // [rows][columns]

class PlainForward {
 public:
  explicit PlainForward(const format::FrozenModel& model) : model_(model) {}

  std::vector<double> logits(const std::vector<std::uint32_t>& ids) const {
    const spec::ModelConfig& config = model_.config;
    Rows x(ids.size(), std::vector<double>(config.encoder.width));
    for (std::size_t t = 0; t < ids.size(); ++t) {
      for (std::size_t d = 0; d < config.encoder.width; ++d) {
        x[t][d] = word(ids[t], d) + embedding("embeddings.position", t, d, config.encoder.width);
      }
    }
    norm(x, "embeddings.norm");
    for (std::size_t i = 0; i < config.encoder.layers.size(); ++i) layer(i, x);
    if (config.pooling == spec::Pooling::kEveryToken) {
      std::vector<double> all;  // [T, C]
      for (const auto& row : linear(integers(x, scale("head.input")), "head.classifier")) {
        all.insert(all.end(), row.begin(), row.end());
      }
      return all;
    }
    std::vector<double> pooled = x[0];
    if (config.pooling == spec::Pooling::kMean) {
      for (std::size_t d = 0; d < config.encoder.width; ++d) {
        pooled[d] = 0;
        for (const auto& row : x) pooled[d] += row[d] / static_cast<double>(x.size());
      }
    }
    return linear({integers(pooled, scale("head.input"))}, "head.classifier")[0];
  }

 private:
  const format::FrozenTensor& tensor(const std::string& name) const { return model_.tensors.at(name); }
  double scale(const std::string& name) const { return tensor(name).floats.at(0); }

  double embedding(const std::string& name, std::size_t row, std::size_t column, std::size_t columns) const {
    return tensor(name).values[row * columns + column] * static_cast<double>(tensor(name).floats[row]);
  }

  double word(std::size_t id, std::size_t column) const {
    const std::size_t E = model_.config.encoder.embedding_width;
    if (E == 0) return embedding("embeddings.word", id, column, model_.config.encoder.width);
    const format::FrozenTensor& projection = tensor("embeddings.projection");
    double sum = projection.bias[column];
    for (std::size_t e = 0; e < E; ++e)
      sum += tensor("embeddings.word").values[id * E + e] * projection.values[column * E + e];
    return sum * projection.floats[column] * tensor("embeddings.word").floats[id];
  }

  static std::vector<double> integers(const std::vector<double>& row, double input_scale) {
    std::vector<double> q;
    for (const double value : row)
      q.push_back(std::nearbyint(std::fmin(std::fmax(value / input_scale, -128.0), 127.0)));
    return q;
  }
  static Rows integers(const Rows& rows, double input_scale) {
    Rows q;
    for (const auto& row : rows) q.push_back(integers(row, input_scale));
    return q;
  }

  Rows linear(const Rows& a, const std::string& name) const {
    const format::FrozenTensor& weight = tensor(name);
    Rows y(a.size(), std::vector<double>(weight.floats.size()));
    for (std::size_t m = 0; m < a.size(); ++m) {
      for (std::size_t n = 0; n < y[m].size(); ++n) {
        double sum = weight.bias[n];
        const std::size_t inputs = a[m].size(), groups = weight.steps.size() / y[m].size();
        for (std::size_t k = 0; k < inputs; ++k) {
          const double step = groups == 0 ? 1.0 : weight.steps[n * groups + k / (inputs / groups)];
          sum += a[m][k] * step * weight.values[n * inputs + k];
        }
        y[m][n] = sum * static_cast<double>(weight.floats[n]);
      }
    }
    return y;
  }

  void norm(Rows& x, const std::string& name) const {
    const std::vector<float>& gamma = tensor(name + ".gamma").floats;
    const std::vector<float>& beta = tensor(name + ".beta").floats;
    for (auto& row : x) {
      double mean = 0, variance = 0;
      for (const double value : row) mean += value / static_cast<double>(row.size());
      for (const double value : row) variance += (value - mean) * (value - mean) / static_cast<double>(row.size());
      for (std::size_t d = 0; d < row.size(); ++d) {
        row[d] = (row[d] - mean) / std::sqrt(variance + static_cast<double>(model_.config.encoder.layer_norm_epsilon)) *
                     static_cast<double>(gamma[d]) +
                 static_cast<double>(beta[d]);
      }
    }
  }

  static void add(Rows& x, const Rows& y) {
    for (std::size_t t = 0; t < x.size(); ++t) {
      for (std::size_t d = 0; d < x[t].size(); ++d) x[t][d] += y[t][d];
    }
  }

  // One head: queries, keys and values are columns first.., first.. and first.. of their thirds of qkv.
  void attend(std::size_t i, const Rows& q, const Rows& k, const Rows& v, std::size_t first, Rows& context) const {
    const std::size_t width = model_.config.encoder.head_width;
    const auto name = [i](const char* part) { return spec::layer_name(i, part); };
    const double score_scale =
        scale(name("attention.query")) * scale(name("attention.key")) / std::sqrt(static_cast<double>(width));
    const double value_scale = scale(name("attention.value"));
    for (std::size_t t = 0; t < q.size(); ++t) {
      std::vector<double> dots, weights;
      double largest = -1e300, total = 0;
      for (std::size_t s = 0; s < k.size(); ++s) {
        double dot = 0;
        for (std::size_t w = first; w < first + width; ++w) dot += q[t][w] * k[s][w];
        dots.push_back(dot);
        largest = std::fmax(largest, dot);
      }
      for (const double dot : dots) {
        weights.push_back(std::nearbyint(std::exp((dot - largest) * score_scale) * 127.0));
        total += weights.back();
      }
      for (std::size_t w = first; w < first + width; ++w) {
        double sum = 0;
        for (std::size_t s = 0; s < v.size(); ++s) sum += weights[s] * v[s][w];
        context[t][w] = sum / total * value_scale;
      }
    }
  }

  void layer(std::size_t i, Rows& x) const {
    const auto name = [i](const char* part) { return spec::layer_name(i, part); };
    const std::size_t width = std::size_t{model_.config.encoder.layers[i].heads} * model_.config.encoder.head_width;
    const Rows qkv = linear(integers(x, scale(name("attention.input"))), name("attention.qkv"));
    const auto third = [&](std::size_t index, const char* part) {
      Rows rows;
      for (const auto& row : qkv) {
        const auto start = row.begin() + static_cast<std::ptrdiff_t>(index * width);
        rows.push_back(
            integers(std::vector<double>(start, start + static_cast<std::ptrdiff_t>(width)), scale(name(part))));
      }
      return rows;
    };
    const Rows q = third(0, "attention.query"), k = third(1, "attention.key"), v = third(2, "attention.value");
    Rows context(x.size(), std::vector<double>(width));
    for (std::size_t first = 0; first < width; first += model_.config.encoder.head_width)
      attend(i, q, k, v, first, context);
    add(x, linear(integers(context, scale(name("attention.context"))), name("attention.output")));
    norm(x, name("attention.norm"));

    const double preactivation = scale(name("ffn.preactivation"));
    Rows hidden = integers(linear(integers(x, scale(name("ffn.input"))), name("ffn.up")), preactivation);
    for (auto& row : hidden) {
      for (double& value : row) {
        const double real = value * preactivation;
        value = 0.5 * real * (1.0 + std::erf(real / std::sqrt(2.0)));
      }
    }
    add(x, linear(integers(hidden, scale(name("ffn.hidden"))), name("ffn.down")));
    norm(x, name("ffn.norm"));
  }

  const format::FrozenModel& model_;
};

}  // namespace noggin::test
