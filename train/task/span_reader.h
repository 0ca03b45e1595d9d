// What tag and edit have in common: logits per token, and spans decoded from them, window by window.
#pragma once

#include <string_view>
#include <vector>

#include "engine/tag_text.h"
#include "train/task/task_reader.h"

namespace noggin::train {

// The spans of an answer, as gold has them.
std::vector<data::TypedSpan> typed_spans(const Prediction& answer);

class SpanReader : public TaskReader {
 public:
  Prediction answer(const data::ExampleTable& rows, const ModelInputs& inputs, const DatasetLogits& logits,
                    std::size_t row) const override;
  Prediction answer_of_logits(const data::ExampleTable& rows, const ModelInputs& inputs, const DatasetLogits& logits,
                              std::size_t row) const override;

 private:
  Prediction spans_with(std::span<const spec::Check> checks, const data::ExampleTable& rows, const ModelInputs& inputs,
                        const DatasetLogits& logits, std::size_t row) const;

 protected:
  using TaskReader::TaskReader;
  static const std::vector<TaggedSpan>& spans_of(const Prediction& answer) {
    return std::get<runtime::SpanAnswer>(answer).spans;
  }
};

}  // namespace noggin::train
