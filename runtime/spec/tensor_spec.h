// One entry of a model's list of tensors, and the helpers with which the lists are written (encoder/layer.h,
// encoder/tensors.h, ngram/tensors.h).
//
// A list is a function template: list(config, visit, models...) calls visit(TensorSpec, fields...) for each tensor, in
// file order, with the field of each of the models that holds it. No model: only names, kinds and shapes. One model:
// bind, make or walk its fields. Two: from one to the other. `visit` tells fields apart by their types.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <utility>

#include "spec/weight_type.h"

namespace noggin::spec {

enum class TensorKind : std::uint32_t {
  kEmbedding = 1,  // int8 or int4 [rows, columns], one float scale per row
  kLinear = 2,     // int8 or int4 [rows = outputs, columns = inputs], one float output scale and int32 bias per row
  kVector = 3,     // float [columns]; rows = 1
  kActivationScale = 4,  // one positive float: the scale of a quantized activation; rows = columns = 1
};

struct TensorSpec {
  std::string name;
  TensorKind kind;
  std::uint32_t rows;
  std::uint32_t columns;
  std::string input_scale;  // kLinear only: name of the activation scale of its int8 input; empty: its input is the
                            // integers of a word table, with step 1, whose scales are multiplied in afterwards
  WeightType type = WeightType::kInt8;  // of the values of kEmbedding and kLinear
  std::uint32_t group = 0;              // kLinear of int4: how many inputs share a sub-step
};

// "layers.<i>.<part>"; the only function that forms such names.
std::string layer_name(std::size_t layer, const std::string& part);

template <class Visit, class... Scales>
void visit_scale(Visit& visit, std::string name, Scales&... scales) {
  visit(TensorSpec{std::move(name), TensorKind::kActivationScale, 1, 1, {}}, scales...);
}

// The scale of the int8 input, then the weights. Fields: a linear layer is one field for its weights, and its member
// input_scale is the field of the scale.
// group: 0 for int8 weights, else int4 in groups of this many inputs.
template <class Visit, class... Linears>
void visit_linear(Visit& visit, std::string name, std::uint32_t outputs, std::uint32_t inputs, std::string input_scale,
                  std::uint32_t group, Linears&... linears) {
  visit_scale(visit, input_scale, linears.input_scale...);
  const WeightType type = group == 0 ? WeightType::kInt8 : WeightType::kInt4;
  visit(TensorSpec{std::move(name), TensorKind::kLinear, outputs, inputs, std::move(input_scale), type, group},
        linears...);
}

template <class Visit, class... Vectors>
void visit_vector(Visit& visit, std::string name, std::uint32_t columns, Vectors&... vectors) {
  visit(TensorSpec{std::move(name), TensorKind::kVector, 1, columns, {}}, vectors...);
}

template <class Visit, class... Norms>
void visit_norm(Visit& visit, const std::string& name, std::uint32_t width, Norms&... norms) {
  visit_vector(visit, name + ".gamma", width, norms.gamma...);
  visit_vector(visit, name + ".beta", width, norms.beta...);
}

template <class Visit, class... Tables>
void visit_embedding(Visit& visit, std::string name, std::uint32_t rows, std::uint32_t columns, WeightType type,
                     Tables&... tables) {
  visit(TensorSpec{std::move(name), TensorKind::kEmbedding, rows, columns, {}, type}, tables...);
}

}  // namespace noggin::spec
