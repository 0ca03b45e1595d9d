#include "train/task/span_reader.h"

#include "kernels/float_environment.h"

namespace noggin::train {

std::vector<data::TypedSpan> typed_spans(const Prediction& answer) {
  std::vector<data::TypedSpan> typed;
  for (const TaggedSpan& span : std::get<runtime::SpanAnswer>(answer).spans) {
    typed.push_back(
        {static_cast<std::uint32_t>(span.place.begin), static_cast<std::uint32_t>(span.place.end), span.type});
  }
  return typed;
}

Prediction SpanReader::answer(const data::ExampleTable& rows, const ModelInputs& inputs, const DatasetLogits& logits,
                              std::size_t row) const {
  return spans_with(task().checks, rows, inputs, logits, row);
}

Prediction SpanReader::answer_of_logits(const data::ExampleTable& rows, const ModelInputs& inputs,
                                        const DatasetLogits& logits, std::size_t row) const {
  return spans_with({}, rows, inputs, logits, row);
}

Prediction SpanReader::spans_with(std::span<const spec::Check> checks, const data::ExampleTable& rows,
                                  const ModelInputs& inputs, const DatasetLogits& logits, std::size_t row) const {
  const runtime::FloatEnvironment environment;
  const runtime::TagRules rules = {parts().tokenizer.value(), scheme(), task().temperature, parts().max_tokens, checks};
  std::size_t sequence = inputs.row_sequences[row];
  return runtime::SpanAnswer{runtime::tag_text(
      rules, rows.text_of(row), [&](std::span<const std::uint32_t>) { return logits.sequence(sequence++); })};
}

}  // namespace noggin::train
