// Real-valued weights -> the integers and scales that a device computes with. The only place that turns a Student into
// quantized tensors; the QAT forward, the exact evaluation and the exporter all use it (rules: spec/quant.h).
#pragma once

#include <map>
#include <string>

#include "format/frozen_model.h"
#include "train/model/student.h"

namespace noggin::train {

// weight [rows, columns] and bias [rows] on the CPU, contiguous float; input_scale: the scale of the layer's int8
// input. group: 0 for int8 weights, else int4 in groups of so many inputs, which divides their number: each group has
// the step of least squared error (weight_step.h), or its own of `steps` [rows, groups] if that is defined, in units of
// 1/127 of the largest one of its output.
format::FrozenTensor quantize_linear(const Tensor& weight, const Tensor& bias, float input_scale,
                                     std::uint32_t group = 0, const Tensor& steps = {});
// weight [D, E] of a word table's projection: its inputs are integers of step 1, and it has no bias.
format::FrozenTensor quantize_projection(const Tensor& weight);
// table [rows, columns]: integers of `type` with a step per row (weight_step.h).
format::FrozenTensor quantize_embedding(const Tensor& table, spec::WeightType type = spec::WeightType::kInt8);

// Every entry of spec::tensor_table(student.config). Pruning masks must be all ones: remove masked parts first
// (prune.h).
std::map<std::string, format::FrozenTensor> quantize_student(const Student& student);

}  // namespace noggin::train
