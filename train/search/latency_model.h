// How long a student of a given shape answers, from a few shapes that were timed: the runtime's time is a sum over
// layers, heads and neurons, all of which are matrix products of the same text.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>

namespace noggin::train {

// What time depends on where width and text are given.
struct TimedShape {
  std::uint32_t layers = 0;
  std::uint64_t heads = 0, neurons = 0;  // of all layers
  double microseconds = 0.0;
};

// The shapes to time, all of the same form of weights: the whole student, one of its layers, all with fewer neurons,
// and those with fewer heads, too.
struct TimedShapes {
  TimedShape whole, one_layer, fewer_neurons, fewer_heads_too;
};

// microseconds = base + layers * per_layer + heads * per_head + neurons * per_neuron
struct LatencyModel {
  double base = 0.0, per_layer = 0.0, per_head = 0.0, per_neuron = 0.0;

  // A share that the clock's noise made negative is 0; where whole and one_layer have as many layers, base holds what a
  // layer costs.
  static LatencyModel fit(const TimedShapes& timed);
  double predict(std::uint32_t layers, std::uint64_t heads, std::uint64_t neurons) const;

  nlohmann::ordered_json to_json() const;
  static LatencyModel from_json(const nlohmann::ordered_json& json);  // throws nlohmann's exceptions
};

}  // namespace noggin::train
