#include "train/compress/prune.h"

#include <algorithm>
#include <cmath>
#include <utility>

#include "train/compress/removal.h"

namespace noggin::train {
namespace {

void add_gradient(Tensor& mask, Tensor& sum) {
  if (!mask.grad().defined()) return;
  sum += mask.grad().abs().to(torch::kCPU, torch::kFloat64);
  mask.mutable_grad().reset();
}

// Parts of one layer that go together.
struct Unit {
  double importance = 0.0;  // the sum of its parts'
  std::size_t layer = 0;
  std::vector<std::int64_t> parts;
};

// The parts that a layer still has, from the least important on, in units; what it has to keep is left out.
std::vector<Unit> removable_units(const Tensor& mask, const Tensor& scores, std::size_t layer, std::int64_t unit,
                                  std::int64_t least) {
  std::vector<std::pair<double, std::int64_t>> kept;  // importance, index
  const double norm = std::max(scores.norm().item<double>(), 1e-30);
  for (std::int64_t i = 0; i < mask.numel(); ++i)
    if (mask[i].item<float>() > 0.5F) kept.emplace_back(scores[i].item<double>() / norm, i);
  std::sort(kept.begin(), kept.end());
  std::vector<Unit> units;
  for (std::int64_t first = 0; std::ssize(kept) - first >= least + unit; first += unit) {
    Unit& one = units.emplace_back(Unit{0.0, layer, {}});
    for (std::int64_t i = first; i < first + unit; ++i) {
      one.importance += kept[static_cast<std::size_t>(i)].first;
      one.parts.push_back(kept[static_cast<std::size_t>(i)].second);
    }
  }
  return units;
}

// Masks the globally least important units until `fraction` of all entries is masked; each mask keeps `least`.
void mask_fraction(const std::vector<Tensor*>& masks, const std::vector<Tensor>& scores, double fraction,
                   std::int64_t unit, std::int64_t least) {
  std::vector<Unit> candidates;
  std::int64_t total = 0, masked = 0;
  for (std::size_t layer = 0; layer < masks.size(); ++layer) {
    const Tensor mask = masks[layer]->detach().cpu();
    total += mask.numel();
    masked += mask.numel() - mask.gt(0.5).sum().item<std::int64_t>();
    for (Unit& one : removable_units(mask, scores[layer], layer, unit, least_kept(least, unit)))
      candidates.push_back(std::move(one));
  }
  std::stable_sort(candidates.begin(), candidates.end(),
                   [](const Unit& a, const Unit& b) { return a.importance < b.importance; });
  const std::int64_t wanted = wanted_removals(fraction, total, unit);
  for (const Unit& one : candidates) {
    if (masked >= wanted) break;
    for (const std::int64_t part : one.parts) (*masks[one.layer])[part] = 0.0F;
    masked += unit;
  }
}

// Rows of Q, K and V (or columns of the output projection) that belong to the kept heads.
Tensor head_rows(const Tensor& kept_heads, std::int64_t head_width) {
  return (kept_heads.unsqueeze(1) * head_width + torch::arange(head_width)).reshape({-1});
}

}  // namespace

ImportanceScores::ImportanceScores(const Student& student) {
  for (const EncoderLayer& layer : student.layers) {
    heads.push_back(torch::zeros({layer.head_mask.size(0)}, torch::kFloat64));
    neurons.push_back(torch::zeros({layer.ffn_mask.size(0)}, torch::kFloat64));
  }
}

void ImportanceScores::add_gradients(Student& student) {
  for (std::size_t i = 0; i < student.layers.size(); ++i) {
    add_gradient(student.layers[i].head_mask, heads[i]);
    add_gradient(student.layers[i].ffn_mask, neurons[i]);
  }
}

ImportanceScores magnitude_scores(const Student& student) {
  torch::NoGradGuard no_grad;
  ImportanceScores scores(student);
  const std::int64_t head_width = student.config.encoder.head_width;
  const auto on_cpu = [](const Tensor& norms) { return norms.to(torch::kCPU, torch::kFloat64); };
  for (std::size_t i = 0; i < student.layers.size(); ++i) {
    const EncoderLayer& layer = student.layers[i];
    const std::int64_t heads = layer.head_mask.size(0), width = heads * head_width;
    const Tensor values = layer.qkv.weight.narrow(0, 2 * width, width).reshape({heads, -1});
    const Tensor read = layer.attention_output.weight.t().reshape({heads, -1});
    scores.heads[i] = on_cpu(values.norm(2, 1) * read.norm(2, 1));
    scores.neurons[i] = on_cpu(layer.ffn_up.weight.norm(2, 1) * layer.ffn_down.weight.norm(2, 0));
  }
  return scores;
}

std::vector<Tensor> mask_gradients(Student& student) {
  std::vector<Tensor> gradients;
  for (EncoderLayer& layer : student.layers) {
    for (Tensor* mask : {&layer.head_mask, &layer.ffn_mask}) {
      if (!mask->grad().defined()) mask->mutable_grad() = torch::zeros_like(*mask);
      gradients.push_back(mask->grad());
    }
  }
  return gradients;
}

void set_mask_gradients(Student& student, bool on) {
  for (EncoderLayer& layer : student.layers) {
    for (Tensor* mask : {&layer.head_mask, &layer.ffn_mask}) {
      mask->requires_grad_(on);
      mask->mutable_grad().reset();
    }
  }
}

void mask_least_important(Student& student, const ImportanceScores& scores, double heads_fraction,
                          double ffn_fraction) {
  torch::NoGradGuard no_grad;
  if (student.layers.empty()) return;
  std::vector<Tensor*> head_masks, ffn_masks;
  for (EncoderLayer& layer : student.layers) {
    head_masks.push_back(&layer.head_mask);
    ffn_masks.push_back(&layer.ffn_mask);
  }
  const spec::LayerConfig& groups = student.config.encoder.layers.front();  // alike in all layers
  mask_fraction(head_masks, scores.heads, heads_fraction,
                parts_per_unit(groups.attention_output_group, student.config.encoder.head_width), kLeastHeads);
  mask_fraction(ffn_masks, scores.neurons, ffn_fraction, parts_per_unit(groups.ffn_down_group, 1), kLeastNeurons);
}

Student remove_masked(const Student& student) {
  torch::NoGradGuard no_grad;
  const torch::Device device = student.word.device();
  Student smaller = copy_student(student, torch::kCPU);
  const std::int64_t head_width = student.config.encoder.head_width;
  for (std::size_t i = 0; i < smaller.layers.size(); ++i) {
    EncoderLayer& layer = smaller.layers[i];
    const Tensor heads = layer.head_mask.gt(0.5).nonzero().view({-1});
    const Tensor columns = head_rows(heads, head_width);
    const std::int64_t width = layer.head_mask.size(0) * head_width;  // H*W before
    const Tensor rows = torch::cat({columns, columns + width, columns + 2 * width});
    layer.qkv.weight = layer.qkv.weight.index_select(0, rows).contiguous();
    layer.qkv.bias = layer.qkv.bias.index_select(0, rows).contiguous();
    layer.attention_output.weight = layer.attention_output.weight.index_select(1, columns).contiguous();
    layer.head_mask = torch::ones({heads.size(0)});

    const Tensor neurons = layer.ffn_mask.gt(0.5).nonzero().view({-1});
    layer.ffn_up.weight = layer.ffn_up.weight.index_select(0, neurons).contiguous();
    layer.ffn_up.bias = layer.ffn_up.bias.index_select(0, neurons).contiguous();
    layer.ffn_down.weight = layer.ffn_down.weight.index_select(1, neurons).contiguous();
    layer.ffn_mask = torch::ones({neurons.size(0)});
    smaller.config.encoder.layers[i].heads = static_cast<std::uint32_t>(heads.size(0));
    smaller.config.encoder.layers[i].ffn_width = static_cast<std::uint32_t>(neurons.size(0));
  }
  return copy_student(smaller, device);
}

}  // namespace noggin::train
