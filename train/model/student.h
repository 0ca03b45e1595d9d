// The student's trainable tensors, named as spec::visit_encoder lists them. Plain structs: the forward pass
// (model/forward.h) is a function over them, and everything that walks them (optimizer, checkpoint, freezing) uses
// visit_tensors().
//
// Shape letters: B batch, N tokens of the whole batch, T longest text, D width, H heads, W head width, F FFN width,
// V vocabulary, P positions, C classes, E width of the word table where that is narrower.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "spec/encoder/layer.h"
#include "spec/model_config.h"

namespace noggin::train {

using torch::Tensor;

struct Linear {
  Tensor weight;            // [outputs, inputs]
  Tensor bias;              // [outputs]
  Tensor input_scale;       // [1], the scale of its int8 input; meaningful once calibrated
  std::uint32_t group = 0;  // of the config: 0, or how many inputs of an int4 weight share a sub-step
  Tensor steps;             // [outputs, inputs / group] if they are learned (compress/learned_steps.h), else undefined
};

struct Norm {
  Tensor gamma, beta;  // [D]
};

struct EncoderLayer : spec::EncoderLayerOf<Linear, Norm, Tensor> {
  Tensor head_mask;  // [H], 1 kept, 0 pruned; not trained
  Tensor ffn_mask;   // [F]
};

struct Student {
  spec::ModelConfig config;
  Tensor word;             // [V, D], or [V, E] with
  Tensor word_projection;  // [D, E]; undefined without config.encoder.embedding_width
  Tensor position;         // [P, D]
  Norm embedding_norm;
  std::vector<EncoderLayer> layers;
  Linear classifier;  // [C, D]; its input scale is "head.input"
  Tensor
      teacher_projection;  // [D, width of the live teacher]: for training only (train/loop/online_teacher.h); undefined
                           // without a live teacher
};

// The role of a tensor for the optimizer and checkpoints.
enum class TensorRole {
  kWeight,  // trained with weight decay
  kPlain,   // trained without weight decay: biases, norms
  kScale,   // an activation scale: trained only in the qat phase
  kStep,    // the steps of an int4 matrix, where they are learned: the same
  kMask,    // never trained
};

// Calls visit(name, tensor, role) for every tensor, in the order of spec::visit_encoder. Linear layers give
// "<name>.weight", "<name>.bias" and, if they are learned, "<name>.steps". Then come "live_teacher.projection" if it is
// defined, and the masks as "layers.i.attention.mask" and "layers.i.ffn.mask".
void visit_tensors(Student& student, const std::function<void(const std::string&, Tensor&, TensorRole)>& visit);
void visit_tensors(const Student& student,
                   const std::function<void(const std::string&, const Tensor&, TensorRole)>& visit);

// The table of which a batch reads only the rows of its token ids, so that no other row gets a gradient. Null if the
// student also uses it in another way, as a tied output head does.
const Tensor* lookup_table(const Student& student);

// Of the norm of a student without layers: far above the variance of its rows (pretrained/static_start.h).
inline constexpr float kStaticEpsilon = 0.5F;

// Random weights: truncated normal with `initial_range` as standard deviation (the word projection: 1 / sqrt E, so that
// projected words are as large as those of a full table), biases 0, gamma 1, scales 1, masks 1.
// The same seed gives the same weights on every device. `config` must be valid.
Student make_student(const spec::ModelConfig& config, double initial_range, std::uint64_t seed);

// Gives each linear layer the group that the config says, after that has changed, and no learned steps.
void set_groups(Student& student);

// The same tensors on `device`, detached, sharing nothing with the original.
Student copy_student(const Student& student, torch::Device device);

}  // namespace noggin::train
