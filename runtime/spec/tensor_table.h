// The tensors of any model as a flat list of names, kinds and shapes. Training binds to it, freezing walks it, the
// reader checks against it, and ONNX takes its names from it. The lists themselves: encoder/tensors.h, ngram/tensors.h.
#pragma once

#include <functional>
#include <vector>

#include "spec/encoder/tensors.h"
#include "spec/model_config.h"
#include "spec/ngram/tensors.h"
#include "spec/tensor_spec.h"

namespace noggin::spec {

// The list of the config's family, for code that serves all of them. A model needs the members of each family.
template <class Visit, class... Models>
void visit_tensors(const ModelConfig& config, Visit&& visit, Models&... models) {
  if (config.family == Family::kNgram) return visit_ngram(config, visit, models...);
  visit_encoder(config, visit, models...);
}

// `config` must be valid.
std::vector<TensorSpec> tensor_table(const ModelConfig& config);

// The same list, one entry at a time, for readers that must not hold all of it (an entry is destroyed after the visit).
void for_each_tensor(const ModelConfig& config, const std::function<void(TensorSpec&&)>& visit);

}  // namespace noggin::spec
