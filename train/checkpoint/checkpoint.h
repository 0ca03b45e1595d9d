// A checkpoint file: named tensors and one JSON object, each with its own XXH3-64. Not torch::save: torch::load accepts
// most flipped bits, and its optimizer archives differ between equal runs. Equal contents give equal bytes. Writing is
// atomic.
//
//   "NOGCKPT1" | u64 directory bytes | u64 XXH3 of the directory | directory (JSON) | tensor bytes, 64-byte aligned
//   directory = {"meta": {...}, "tensors": [{"name", "type", "shape", "offset", "bytes", "xxh3"}, ...]}
#pragma once

#include <torch/torch.h>

#include <map>
#include <nlohmann/json.hpp>
#include <string>

#include "data/vocabulary/vocabulary.h"
#include "format/frozen_model.h"
#include "noggin/result.h"
#include "train/model/student.h"

namespace noggin::train {

struct Checkpoint {
  nlohmann::ordered_json meta;
  std::map<std::string, torch::Tensor> tensors;  // float32, int64 or uint8, on the CPU
};

Status write_checkpoint(const Checkpoint& checkpoint, const std::string& path);
Result<Checkpoint> read_checkpoint(const std::string& path);

// Everything that export and verify need from training, in one file: the student, its tokenizer and its labels.
struct StudentBundle {
  Student student;
  runtime::TokenizerContents tokenizer;
  format::TaskContents task;
  bool quantized = false;          // the qat phase has run: scales are learned
  nlohmann::ordered_json history;  // recipe name, phase, dev metrics
};

void put_student(const Student& student, const std::string& prefix, Checkpoint& checkpoint);
Student take_student(const Checkpoint& checkpoint, const std::string& prefix);  // throws Failure when incomplete
nlohmann::ordered_json config_to_json(const spec::ModelConfig& config);

Status write_bundle(const StudentBundle& bundle, const std::string& path);
Result<StudentBundle> read_bundle(const std::string& path);

// For `inspect`: the contents as a text table.
Result<std::string> describe_checkpoint(const std::string& path);

}  // namespace noggin::train
