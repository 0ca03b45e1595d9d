#include "train/compress/mixed_bits.h"

#include <algorithm>
#include <utility>

#include "format/file_layout.h"

namespace noggin::train {
namespace {

using Group = std::uint32_t spec::LayerConfig::*;

constexpr std::pair<Group, const char*> kMatrices[] = {{&spec::LayerConfig::qkv_group, "attention.qkv"},
                                                       {&spec::LayerConfig::attention_output_group, "attention.output"},
                                                       {&spec::LayerConfig::ffn_up_group, "ffn.up"},
                                                       {&spec::LayerConfig::ffn_down_group, "ffn.down"}};

void set_group(Student& student, const Widening& matrix, std::uint32_t group) {
  student.config.encoder.layers[matrix.layer].*matrix.group = group;
  set_groups(student);
}

}  // namespace

std::vector<Widening> measured_widenings(Student& student, const std::function<double(const Student&)>& loss) {
  std::vector<Widening> measured;
  const double before = loss(student);
  const std::uint64_t bytes_before = format::tensors_section_bytes(student.config);
  for (std::size_t layer = 0; layer < student.config.encoder.layers.size(); ++layer) {
    for (const auto& [group, name] : kMatrices) {
      const std::uint32_t four_bits = student.config.encoder.layers[layer].*group;
      if (four_bits == 0) continue;
      Widening one{layer, group, spec::layer_name(layer, name)};
      widen(student, one);
      one.bytes = format::tensors_section_bytes(student.config) - bytes_before;
      one.loss_saved = before - loss(student);
      set_group(student, one, four_bits);
      measured.push_back(std::move(one));
    }
  }
  return measured;
}

std::vector<Widening> best_widenings(std::vector<Widening> measured, std::uint64_t bytes) {
  std::erase_if(measured, [](const Widening& one) { return one.loss_saved <= 0.0; });
  std::ranges::stable_sort(measured, std::greater(), [](const Widening& one) {
    return one.loss_saved / static_cast<double>(std::max<std::uint64_t>(one.bytes, 1));
  });
  std::vector<Widening> chosen;
  for (Widening& one : measured) {
    if (one.bytes > bytes) continue;
    bytes -= one.bytes;
    chosen.push_back(std::move(one));
  }
  return chosen;
}

void widen(Student& student, const Widening& choice) { set_group(student, choice, 0); }

}  // namespace noggin::train
