// The shape that pruning will leave, before any training. How many heads and neurons go in all is known from the
// recipe; training decides which layers lose them. Layers are padded to the kernels' panels (spec/layout.h), so
// distributions of the same total can differ in bytes: the shapes are those of the smallest and the largest file.
#pragma once

#include <cstdint>
#include <span>

#include "spec/model_config.h"

namespace noggin::exporter {

// Of all heads and of all neurons at the time, as train/compress/prune.h removes them; and the width to which word rows
// are cut, or 0.
struct Removal {
  double heads_fraction = 0.0, ffn_fraction = 0.0;
  std::uint32_t word_width = 0;
};

struct ShapeRange {
  spec::ModelConfig smallest, largest;   // by bytes; equal if the shape, or at least its bytes, are known exactly
  std::uint64_t heads = 0, neurons = 0;  // of all layers together; exact
  bool exact() const { return smallest == largest; }
};

// `before`: the student without these removals, valid. Its layers may differ in heads and neurons, as earlier pruning
// leaves them, but in nothing else.
ShapeRange pruned_shapes(const spec::ModelConfig& before, std::span<const Removal> removals);

}  // namespace noggin::exporter
