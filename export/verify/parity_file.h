// parity.jsonl: what a device needs to prove that it computes what the trainer computed. For noggin-run --verify.
#pragma once

#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

#include "bytes/atomic_file.h"
#include "bytes/content_hash.h"
#include "export/verify/chunk.h"
#include "noggin/result.h"
#include "train/task/model_inputs.h"

namespace noggin::exporter {

// With more classes, a line has a hash in place of logits.
inline constexpr std::size_t kMostParityClasses = 512;

// The first line binds the file to its model and its rows:
//   {"parity": 1, "model_content_hash": "16 hexadecimal digits", "rows": N, "rows_xxh3": "16 hexadecimal digits"}
// model_content_hash is Model::content_hash() of the .nog file; rows_xxh3 is the XXH3-64 of all following bytes. Then
// {"id", "text", "label" (or null), "logits": [nine significant digits]} per row, from the trainer's quantized forward.
// A model of more than kMostParityClasses has {"id", "text", "label", "token_ids": [...] (absent for n-grams),
// "logits_xxh3": "16 hexadecimal digits" (bytes/float_hash.h)} instead. Leaves out texts that need several windows,
// whose logits are those of the windows. The file appears with finish(model), whole or not at all. Errors are kIo and
// kOutOfSpace. Not thread-safe.
class ParityFile {
 public:
  static Result<ParityFile> create(const std::string& path, const std::vector<std::string>& labels);

  // The chunk's rows, with the logits of their sequences. In the order of the rows.
  Status add(const Chunk& chunk, const train::DatasetLogits& logits);
  // model_content_hash: of the model that these rows belong to. The last call.
  Status finish(std::uint64_t model_content_hash);

 private:
  ParityFile(AtomicFile file, const std::vector<std::string>& labels) : file_(std::move(file)), labels_(labels) {}

  AtomicFile file_;
  std::uint64_t rows_ = 0;
  ContentHasher hash_;
  std::vector<std::string> labels_;
};

}  // namespace noggin::exporter
