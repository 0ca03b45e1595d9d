// Rows as the sequences of a task that answers per text, without a tokenizer.
#pragma once

#include "train/task/model_inputs.h"

namespace noggin::test {

inline train::ModelInputs inputs_of(const data::ExampleTable& rows) {
  train::ModelInputs inputs;
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    const auto ids = rows.tokens_of(row);
    inputs.token_ids.insert(inputs.token_ids.end(), ids.begin(), ids.end());
    inputs.starts.push_back(inputs.token_ids.size());
    inputs.row_sequences.push_back(inputs.sequences());
  }
  return inputs;
}

}  // namespace noggin::test
