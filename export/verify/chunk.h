// Held-out rows one piece at a time, so that of their logits only those of a piece are in memory.
#pragma once

#include <cstddef>
#include <cstdint>

#include "data/shards/example_table.h"
#include "train/task/model_inputs.h"
#include "train/task/task_reader.h"

namespace noggin::exporter {

inline constexpr std::size_t kChunkLogits = std::size_t{1} << 20, kChunkRows = 4096;

// All rows. Owns nothing.
struct HeldOutRows {
  const train::TaskReader& reader;
  const data::ExampleTable& rows;
  const train::ModelInputs& inputs;  // of these rows
  std::uint32_t classes = 0;
};

// The rows begin..end - 1 of them.
struct Chunk {
  const HeldOutRows& all;
  std::size_t begin = 0, end = 0;

  std::size_t rows() const { return end - begin; }
  std::size_t first_sequence() const { return all.inputs.row_sequences[begin]; }
  std::size_t end_sequence() const { return all.inputs.row_sequences[end]; }
  // Zeros for the logits of the chunk's sequences.
  void make_room(train::DatasetLogits& logits) const {
    logits.make_room(all.inputs, first_sequence(), end_sequence(), all.classes, all.reader.per_token());
  }
};

// The chunk that starts with row `begin`: rows until they are kChunkRows or have more than most_logits logits, at least
// one. begin < rows; all must outlive it.
Chunk chunk_from(const HeldOutRows& all, std::size_t begin, std::size_t most_logits = kChunkLogits);

}  // namespace noggin::exporter
