#include "train/task/span_reader.h"

#include "kernels/float_environment.h"

namespace noggin::train {

Prediction SpanReader::answer(const data::ExampleTable& rows, const ModelInputs& inputs, const DatasetLogits& logits,
                              std::size_t row) const {
  const runtime::FloatEnvironment environment;
  const runtime::TagRules rules = {parts().tokenizer.value(), scheme(), task().temperature, parts().max_tokens};
  std::size_t sequence = inputs.row_sequences[row];
  return runtime::SpanAnswer{runtime::tag_text(
      rules, rows.text_of(row), [&](std::span<const std::uint32_t>) { return logits.sequence(sequence++); })};
}

}  // namespace noggin::train
