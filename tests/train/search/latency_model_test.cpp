#include "train/search/latency_model.h"

#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace noggin::train {
namespace {

TimedShape timed(std::uint32_t layers, std::uint64_t heads, std::uint64_t neurons) {
  return {layers, heads, neurons,
          3.0 + 2.0 * layers + 0.5 * static_cast<double>(heads) + 0.01 * static_cast<double>(neurons)};
}

TEST(LatencyModel, FindsWhatTimeIsTheSumOf) {
  const LatencyModel model = LatencyModel::fit({.whole = timed(4, 32, 2048),
                                                .one_layer = timed(1, 8, 512),
                                                .fewer_neurons = timed(4, 32, 1024),
                                                .fewer_heads_too = timed(4, 16, 1024)});
  for (const auto& [layers, heads, neurons] : {std::tuple{3U, 20UL, 700UL}, {1U, 4UL, 51UL}, {2U, 16UL, 1024UL}})
    EXPECT_NEAR(model.predict(layers, heads, neurons), timed(layers, heads, neurons).microseconds, 1e-9);
  const LatencyModel read = LatencyModel::from_json(model.to_json());
  EXPECT_EQ(read.predict(3, 20, 700), model.predict(3, 20, 700));
}

TEST(LatencyModel, OneLayerAndANoisyClockGiveNoNegativeShares) {
  TimedShape whole = timed(1, 2, 64), neurons = timed(1, 2, 32), heads = timed(1, 2, 32);
  neurons.microseconds = whole.microseconds + 1.0;
  const LatencyModel model = LatencyModel::fit({whole, whole, neurons, heads});
  EXPECT_GE(model.per_neuron, 0.0);
  EXPECT_GE(model.per_head, 0.0);
  EXPECT_EQ(model.per_layer, 0.0);
  EXPECT_NEAR(model.predict(1, 2, 64), whole.microseconds, 1e-9);
}

}  // namespace
}  // namespace noggin::train
