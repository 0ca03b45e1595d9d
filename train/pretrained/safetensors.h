// Tensors by name from .safetensors files: one file, or several shards.
//
// Format (Hugging Face, safetensors 0.4): uint64 length of a JSON header, little-endian; the header, {name: {dtype,
// shape, data_offsets: [begin, end]}}; then the data. Offsets count from its start; the tensors cover it without holes.
#pragma once

#include <torch/torch.h>

#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "noggin/result.h"

namespace noggin::train {

class SafetensorsFiles {
 public:
  // The files together form one model (data::PretrainedFiles). Reads headers only; safe for any bytes. Errors:
  // kNotFound, kCorrupt (a header that contradicts itself, the file's size or another file).
  static Result<SafetensorsFiles> open(const std::vector<std::string>& files);

  bool has(const std::string& name) const { return entries_.count(name) > 0; }
  std::vector<std::string> names() const;  // sorted

  // As float32 on the CPU. kNotFound for an unknown name; kBadData when the shape differs or a value is not finite;
  // kUnsupported for a type other than F32, F16 and BF16; kIo.
  Result<torch::Tensor> read(const std::string& name, const std::vector<std::int64_t>& shape) const;

 private:
  struct Entry {
    std::string file, type;
    std::vector<std::int64_t> shape;
    std::uint64_t begin = 0, bytes = 0;  // in the file
  };
  Status add_file(const std::string& path);
  std::string where_;  // the first file, for messages
  std::map<std::string, Entry> entries_;
};

// Writes float32 tensors as one file, in the order of names; atomic.
Status write_safetensors(const std::string& path, const std::map<std::string, torch::Tensor>& tensors);

}  // namespace noggin::train
