#include "export/plan/pruned_shape.h"

#include <algorithm>
#include <functional>
#include <limits>
#include <vector>

#include "format/file_layout.h"
#include "train/compress/removal.h"

namespace noggin::exporter {
namespace {

// Bytes are linear in a layer's count but for padding, which repeats every 16; so the extremes have all counts within
// this many of each other.
constexpr std::uint32_t kWindow = 64;

struct Counts {
  std::size_t layers;
  std::uint32_t least, most;  // of one layer
  std::uint64_t total;
};

// Of heads, or neurons, that go in units: all counts in units, so that each can be any whole number.
Counts counts_of(std::size_t layers, std::uint32_t full, std::int64_t least, std::int64_t unit) {
  const auto units = static_cast<std::uint32_t>(full / unit);
  return {layers, std::min(units, static_cast<std::uint32_t>(train::least_kept(least, unit) / unit)), units,
          std::uint64_t{layers} * units};
}

void remove(double fraction, Counts& counts) {
  const auto total = static_cast<std::int64_t>(counts.total);
  const auto left = static_cast<std::uint64_t>(total - std::min(train::wanted_removals(fraction, total, 1), total));
  counts.total = std::max(left, std::uint64_t{counts.layers} * counts.least);
}

// The counts of all layers that add up to the total with the fewest bytes, or the most. By dynamic programming over
// layers and the sum so far.
std::vector<std::uint32_t> extreme(const Counts& counts, const std::function<std::uint64_t(std::uint32_t)>& bytes,
                                   bool largest) {
  const auto mean = static_cast<std::uint32_t>(counts.total / counts.layers);
  const std::uint32_t below_most = counts.most >= kWindow ? counts.most - kWindow + 1 : 0;
  const std::uint32_t base = std::max(counts.least, std::min(below_most, mean >= kWindow / 2 ? mean - kWindow / 2 : 0));
  const std::uint32_t choices = std::min(kWindow, counts.most - base + 1);
  std::vector<std::int64_t> cost(choices);  // negated for the largest, so that both look for a minimum
  for (std::uint32_t i = 0; i < choices; ++i) cost[i] = static_cast<std::int64_t>(bytes(base + i)) * (largest ? -1 : 1);

  constexpr std::int64_t kUnreachable = std::numeric_limits<std::int64_t>::max() / 2;
  const std::size_t sum = counts.total - std::uint64_t{base} * counts.layers;
  std::vector<std::vector<std::uint32_t>> chosen(counts.layers, std::vector<std::uint32_t>(sum + 1));
  std::vector<std::int64_t> best(sum + 1, kUnreachable);
  best[0] = 0;
  for (std::size_t layer = 0; layer < counts.layers; ++layer) {
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
  std::vector<std::uint32_t> result(counts.layers);
  std::size_t rest = sum;
  for (std::size_t layer = counts.layers; layer-- > 0;) {
    result[layer] = base + chosen[layer][rest];
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

ShapeRange pruned_shapes(const spec::ModelConfig& whole, std::span<const Removal> removals) {
  const std::size_t layers = whole.encoder.layers.size();
  if (layers == 0) return {whole, whole, 0, 0};
  const spec::LayerConfig full = whole.encoder.layers.front();
  const auto head_unit =
      static_cast<std::uint32_t>(train::parts_per_unit(full.attention_output_group, whole.encoder.head_width));
  const auto neuron_unit = static_cast<std::uint32_t>(train::parts_per_unit(full.ffn_down_group, 1));
  Counts heads = counts_of(layers, full.heads, train::kLeastHeads, head_unit);
  Counts neurons = counts_of(layers, full.ffn_width, train::kLeastNeurons, neuron_unit);
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
