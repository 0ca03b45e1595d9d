#include "export/verify/chunk.h"

#include <algorithm>

namespace noggin::exporter {

Chunk chunk_from(const HeldOutRows& all, std::size_t begin, std::size_t most_logits) {
  const train::ModelInputs& inputs = all.inputs;
  Chunk chunk{all, begin, begin};
  std::size_t logits = 0;
  while (chunk.end < std::min(begin + kChunkRows, all.rows.rows())) {
    const std::size_t first = inputs.row_sequences[chunk.end], end = inputs.row_sequences[chunk.end + 1];
    logits += (all.reader.per_token() ? inputs.starts[end] - inputs.starts[first] : end - first) * all.classes;
    if (logits > most_logits && chunk.end > begin) break;
    ++chunk.end;
  }
  return chunk;
}

}  // namespace noggin::exporter
