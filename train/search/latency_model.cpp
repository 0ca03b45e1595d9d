#include "train/search/latency_model.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace noggin::train {
namespace {

// What one of `more - less` costs.
double share(double microseconds, std::uint64_t more, std::uint64_t less) {
  return more <= less ? 0.0 : std::max(0.0, microseconds / static_cast<double>(more - less));
}

}  // namespace

LatencyModel LatencyModel::fit(const TimedShapes& timed) {
  const auto& [whole, one, neurons, heads] = timed;
  LatencyModel model;
  model.per_neuron = share(whole.microseconds - neurons.microseconds, whole.neurons, neurons.neurons);
  model.per_head = share(neurons.microseconds - heads.microseconds, neurons.heads, heads.heads);
  const auto without = [&](const TimedShape& shape) {  // heads and neurons
    return shape.microseconds - static_cast<double>(shape.heads) * model.per_head -
           static_cast<double>(shape.neurons) * model.per_neuron;
  };
  model.per_layer = share(without(whole) - without(one), whole.layers, one.layers);
  model.base = std::max(0.0, without(whole) - whole.layers * model.per_layer);
  return model;
}

double LatencyModel::predict(std::uint32_t layers, std::uint64_t heads, std::uint64_t neurons) const {
  return base + layers * per_layer + static_cast<double>(heads) * per_head + static_cast<double>(neurons) * per_neuron;
}

nlohmann::ordered_json LatencyModel::to_json() const {
  return {{"base", base}, {"per_layer", per_layer}, {"per_head", per_head}, {"per_neuron", per_neuron}};
}

LatencyModel LatencyModel::from_json(const nlohmann::ordered_json& json) {
  return {json.at("base"), json.at("per_layer"), json.at("per_head"), json.at("per_neuron")};
}

}  // namespace noggin::train
