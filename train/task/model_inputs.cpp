#include "train/task/model_inputs.h"

#include "tokenizer/windows.h"

namespace noggin::train {
namespace {

void append(ModelInputs& inputs, std::span<const std::uint32_t> ids) {
  inputs.token_ids.insert(inputs.token_ids.end(), ids.begin(), ids.end());
  inputs.starts.push_back(inputs.token_ids.size());
}

}  // namespace

ModelInputs model_inputs(const data::ExampleTable& rows, spec::TaskKind task,
                         const runtime::WordPieceTokenizer& tokenizer, std::uint32_t max_tokens) {
  ModelInputs inputs;
  std::vector<std::uint32_t> ids(max_tokens), word_starts(max_tokens);
  std::vector<TextSpan> places(max_tokens);
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    if (spec::is_per_token(task)) {
      runtime::WindowReader reader(tokenizer, rows.text_of(row), {ids, places, word_starts});
      for (runtime::Window window; reader.next(window);) append(inputs, window.ids);
    } else {
      append(inputs, rows.tokens_of(row));
    }
    inputs.row_sequences.push_back(inputs.sequences());
  }
  return inputs;
}

DatasetLogits DatasetLogits::make(const ModelInputs& inputs, std::uint32_t classes, bool per_token) {
  DatasetLogits logits;
  logits.classes = classes;
  logits.starts.push_back(0);
  for (std::size_t sequence = 0; sequence < inputs.sequences(); ++sequence) {
    logits.starts.push_back(logits.starts.back() + (per_token ? inputs.ids(sequence).size() : 1) * classes);
  }
  logits.values.resize(logits.starts.back());
  return logits;
}

}  // namespace noggin::train
