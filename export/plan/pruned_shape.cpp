#include "export/plan/pruned_shape.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <numeric>
#include <vector>

#include "format/file_layout.h"
#include "train/compress/removal.h"

namespace noggin::exporter {
namespace {

// Bytes are linear in a layer's count but for padding, which repeats every 16; so the extremes have all counts within
// this many of each other.
constexpr std::uint32_t kWindow = 64;

// Of heads, or of neurons.
struct Counts {
  std::vector<std::uint32_t> least, most;  // of each layer
  std::uint64_t total = 0;
};

// Of parts that go in units: all counts in units, so that each can be any whole number.
Counts counts_of(const spec::ModelConfig& config, std::uint32_t spec::LayerConfig::*part, std::int64_t least,
                 std::uint32_t unit) {
  const auto least_units = static_cast<std::uint32_t>(train::least_kept(least, unit) / unit);
  Counts counts;
  for (const spec::LayerConfig& layer : config.encoder.layers) {
    const std::uint32_t units = layer.*part / unit;
    counts.most.push_back(units);
    counts.least.push_back(std::min(units, least_units));
    counts.total += units;
  }
  return counts;
}

template <typename Count>
std::uint64_t sum_of(const std::vector<Count>& counts) {
  return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

void remove(double fraction, Counts& counts) {
  const auto total = static_cast<std::int64_t>(counts.total);
  const auto left = static_cast<std::uint64_t>(total - std::min(train::wanted_removals(fraction, total, 1), total));
  counts.total = std::max(left, sum_of(counts.least));
}

// The lowest count that is looked at in each layer: kWindow begin there, around the even distribution of the total.
std::vector<std::uint32_t> windows_of(const Counts& counts) {
  const auto filled_to = [&](std::uint32_t level) {
    std::uint64_t sum = 0;
    for (const std::uint32_t most : counts.most) sum += std::min(most, level);
    return sum;
  };
  std::uint32_t level = 0;
  while (filled_to(level) < counts.total) ++level;
  std::vector<std::uint32_t> bases;
  for (std::size_t i = 0; i < counts.most.size(); ++i) {
    const std::uint32_t most = counts.most[i], even = std::min(most, level);
    const std::uint32_t below_most = most >= kWindow ? most - kWindow + 1 : 0;
    bases.push_back(std::max(counts.least[i], std::min(below_most, even >= kWindow / 2 ? even - kWindow / 2 : 0)));
  }
  return bases;
}

// The counts of all layers that add up to the total with the fewest bytes, or the most. By dynamic programming over
// layers and the sum so far.
std::vector<std::uint32_t> extreme(const Counts& counts, const std::function<std::uint64_t(std::uint32_t)>& bytes,
                                   bool largest) {
  const std::size_t layers = counts.most.size();
  const std::vector<std::uint32_t> bases = windows_of(counts);
  const std::int64_t sign = largest ? -1 : 1;  // so that both look for a minimum

  constexpr std::int64_t kUnreachable = std::numeric_limits<std::int64_t>::max() / 2;
  const std::size_t sum = counts.total - sum_of(bases);
  std::vector<std::vector<std::uint32_t>> chosen(layers, std::vector<std::uint32_t>(sum + 1));
  std::vector<std::int64_t> best(sum + 1, kUnreachable);
  best[0] = 0;
  for (std::size_t layer = 0; layer < layers; ++layer) {
    const std::uint32_t choices = std::min(kWindow, counts.most[layer] - bases[layer] + 1);
    std::vector<std::int64_t> cost(choices);
    for (std::uint32_t i = 0; i < choices; ++i) cost[i] = static_cast<std::int64_t>(bytes(bases[layer] + i)) * sign;
    std::vector<std::int64_t> next(sum + 1, kUnreachable);
    for (std::size_t so_far = 0; so_far <= sum; ++so_far) {
      if (best[so_far] == kUnreachable) continue;
      for (std::uint32_t i = 0; i < choices && so_far + i <= sum; ++i) {
        const std::int64_t with = best[so_far] + cost[i];
        if (with >= next[so_far + i]) continue;
        next[so_far + i] = with;
        chosen[layer][so_far + i] = i;
      }
    }
    best = std::move(next);
  }
  std::vector<std::uint32_t> result(layers);
  std::size_t rest = sum;
  for (std::size_t layer = layers; layer-- > 0;) {
    result[layer] = bases[layer] + chosen[layer][rest];
    rest -= chosen[layer][rest];
  }
  return result;
}

// The first layer with other counts.
spec::LayerConfig layer_of(const spec::ModelConfig& config, std::uint32_t heads, std::uint32_t ffn_width) {
  spec::LayerConfig layer = config.encoder.layers.front();
  layer.heads = heads;
  layer.ffn_width = ffn_width;
  return layer;
}

spec::ModelConfig with_layer(spec::ModelConfig config, spec::LayerConfig layer) {
  config.encoder.layers = {layer};
  return config;
}

}  // namespace

ShapeRange pruned_shapes(const spec::ModelConfig& before, std::span<const Removal> removals) {
  spec::ModelConfig whole = before;
  for (const Removal& removal : removals)
    if (removal.word_width > 0) whole.encoder.embedding_width = removal.word_width;
  const std::size_t layers = whole.encoder.layers.size();
  if (layers == 0) return {whole, whole, 0, 0};
  const spec::LayerConfig full = whole.encoder.layers.front();
  const auto head_unit =
      static_cast<std::uint32_t>(train::parts_per_unit(full.attention_output_group, whole.encoder.head_width));
  const auto neuron_unit = static_cast<std::uint32_t>(train::parts_per_unit(full.ffn_down_group, 1));
  Counts heads = counts_of(whole, &spec::LayerConfig::heads, train::kLeastHeads, head_unit);
  Counts neurons = counts_of(whole, &spec::LayerConfig::ffn_width, train::kLeastNeurons, neuron_unit);
  for (const Removal& removal : removals) {
    remove(removal.heads_fraction, heads);
    remove(removal.ffn_fraction, neurons);
  }
  ShapeRange range{whole, whole, heads.total * head_unit, neurons.total * neuron_unit};
  const auto bytes_of_heads = [&](std::uint32_t units) {
    return format::tensors_section_bytes(with_layer(whole, layer_of(whole, units * head_unit, full.ffn_width)));
  };
  const auto bytes_of_neurons = [&](std::uint32_t units) {
    return format::tensors_section_bytes(with_layer(whole, layer_of(whole, full.heads, units * neuron_unit)));
  };
  for (const bool largest : {false, true}) {
    spec::ModelConfig& config = largest ? range.largest : range.smallest;
    const std::vector<std::uint32_t> by_heads = extreme(heads, bytes_of_heads, largest);
    const std::vector<std::uint32_t> by_neurons = extreme(neurons, bytes_of_neurons, largest);
    for (std::size_t i = 0; i < layers; ++i)
      config.encoder.layers[i] = layer_of(whole, by_heads[i] * head_unit, by_neurons[i] * neuron_unit);
  }
  if (format::tensors_section_bytes(range.smallest) == format::tensors_section_bytes(range.largest))
    range.smallest = range.largest;
  return range;
}

}  // namespace noggin::exporter
