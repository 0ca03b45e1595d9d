// The model inputs for each row of a held-out set: one pass for a task that answers per text; one pass per window
// (tokenizer/windows.h) for a task that answers per token, so that texts longer than the model are read whole.
#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "data/shards/row_block.h"
#include "spec/task.h"
#include "tokenizer/wordpiece.h"

namespace noggin::train {

struct ModelInputs {
  std::vector<std::uint32_t> token_ids;
  std::vector<std::size_t> starts{0};      // ids of pass p: token_ids[starts[p]] .. token_ids[starts[p + 1] - 1]
  std::vector<std::size_t> row_passes{0};  // passes of row i: row_passes[i] .. row_passes[i + 1] - 1

  std::size_t passes() const { return starts.size() - 1; }
  std::size_t rows() const { return row_passes.size() - 1; }
  std::span<const std::uint32_t> ids(std::size_t pass) const {
    return std::span(token_ids).subspan(starts[pass], starts[pass + 1] - starts[pass]);
  }
};

ModelInputs model_inputs(const data::RowBlock& rows, spec::TaskKind task, const runtime::WordPieceTokenizer& tokenizer,
                         std::uint32_t max_tokens);

// Logits of every pass: [C] each, or [tokens of the pass, C].
struct SetLogits {
  std::uint32_t classes = 0;        // C
  std::vector<std::size_t> starts;  // values of pass p: starts[p] .. starts[p + 1] - 1
  std::vector<float> values;

  // Zeros, sized for the logits of `inputs`.
  static SetLogits make(const ModelInputs& inputs, std::uint32_t classes, bool per_token);
  std::span<const float> pass(std::size_t index) const {
    return std::span(values).subspan(starts[index], starts[index + 1] - starts[index]);
  }
  std::span<float> pass(std::size_t index) {
    return std::span(values).subspan(starts[index], starts[index + 1] - starts[index]);
  }
};

}  // namespace noggin::train
