// The only list of an n-gram model's tensors.
#pragma once

#include "spec/model_config.h"
#include "spec/tensor_spec.h"

namespace noggin::spec {

// Visits every tensor, in file order, with the fields of `models` (see tensor_spec.h). A model has the members
//   ngrams                 embedding [V, C]; the scale of row k is the inverse document frequency of n-gram k
//   head_scale, head_bias  vectors [C]
template <class Visit, class... Models>
void visit_ngram(const ModelConfig& config, Visit&& visit, Models&... models) {
  visit_embedding(visit, "ngrams.weight", config.vocabulary_size, config.classes, WeightType::kInt8, models.ngrams...);
  visit_vector(visit, "head.scale", config.classes, models.head_scale...);
  visit_vector(visit, "head.bias", config.classes, models.head_bias...);
}

}  // namespace noggin::spec
