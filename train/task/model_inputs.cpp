#include "train/task/model_inputs.h"

#include "tokenizer/windows.h"

namespace noggin::train {
namespace {

void append(ModelInputs& inputs, std::span<const std::uint32_t> ids) {
  inputs.token_ids.insert(inputs.token_ids.end(), ids.begin(), ids.end());
  inputs.starts.push_back(inputs.token_ids.size());
}

}  // namespace

ModelInputs model_inputs(const data::ExampleTable& rows, bool per_token, const runtime::WordPieceTokenizer& tokenizer,
                         std::uint32_t max_tokens) {
  ModelInputs inputs;
  std::vector<std::uint32_t> ids(max_tokens), word_starts(max_tokens);
  std::vector<TextSpan> places(max_tokens);
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    if (per_token) {
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
  logits.make_room(inputs, 0, inputs.sequences(), classes, per_token);
  return logits;
}

void DatasetLogits::make_room(const ModelInputs& inputs, std::size_t first, std::size_t end, std::uint32_t class_count,
                              bool per_token) {
  classes = class_count;
  starts.resize(inputs.starts.size());
  std::size_t size = 0;
  for (std::size_t sequence = first; sequence < end; ++sequence) {
    starts[sequence] = size;
    size += (per_token ? inputs.ids(sequence).size() : 1) * classes;
  }
  starts[end] = size;
  values.assign(size, 0.0F);
}

}  // namespace noggin::train
