// The model inputs for each row of a held-out set: one pass for a task that answers per text; one pass per window
// (tokenizer/windows.h) for a task that answers per token, so that texts longer than the model are read whole.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/shards/example_table.h"
#include "tokenizer/wordpiece.h"

namespace noggin::train {

struct ModelInputs {
  std::vector<std::uint32_t> token_ids;
  std::vector<std::size_t> starts{0};         // ids of sequence p: token_ids[starts[p]] .. token_ids[starts[p + 1] - 1]
  std::vector<std::size_t> row_sequences{0};  // sequences of row i: row_sequences[i] .. row_sequences[i + 1] - 1

  std::size_t sequences() const { return starts.size() - 1; }
  std::size_t rows() const { return row_sequences.size() - 1; }
  std::span<const std::uint32_t> ids(std::size_t sequence) const {
    return std::span(token_ids).subspan(starts[sequence], starts[sequence + 1] - starts[sequence]);
  }
};

ModelInputs model_inputs(const data::ExampleTable& rows, bool per_token, const runtime::WordPieceTokenizer& tokenizer,
                         std::uint32_t max_tokens);

// Logits of every sequence, or of some that follow each other: [C] each, or [tokens of the sequence, C].
struct DatasetLogits {
  std::uint32_t classes = 0;        // C
  std::vector<std::size_t> starts;  // [sequences + 1] values of sequence p: starts[p] .. starts[p + 1] - 1
  std::vector<float> values;

  // Zeros, sized for the logits of `inputs`.
  static DatasetLogits make(const ModelInputs& inputs, std::uint32_t classes, bool per_token);
  // Zeros, sized for the logits of the sequences first..end - 1 of `inputs` alone; there are none of the others. Reuses
  // the memory.
  void make_room(const ModelInputs& inputs, std::size_t first, std::size_t end, std::uint32_t class_count,
                 bool per_token);
  std::span<const float> sequence(std::size_t index) const {
    return std::span(values).subspan(starts[index], starts[index + 1] - starts[index]);
  }
  std::span<float> sequence(std::size_t index) {
    return std::span(values).subspan(starts[index], starts[index + 1] - starts[index]);
  }
};

}  // namespace noggin::train
