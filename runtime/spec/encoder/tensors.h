// The only list of an encoder's tensors.
#pragma once

#include <cstddef>

#include "spec/encoder/layer.h"

namespace noggin::spec {

// Visits every tensor, in file order, with the fields of `models` (see tensor_spec.h). A model has the members
//   word              embedding [V, D] of config.encoder.word_type, or [V, E] with
//   word_projection   [D, E], visited only if embedding_width is set: its input is the integers of a word, so it has no
//                     input scale
//   position          embedding [P, D]
//   embedding_norm    norm [D]
//   layers            layers.size() layers
//   classifier        linear [C, D]; its input scale is "head.input"
template <class Visit, class... Models>
void visit_encoder(const ModelConfig& config, Visit&& visit, Models&... models) {
  visit_embedding(visit, "embeddings.word", config.vocabulary_size, word_width(config), config.encoder.word_type,
                  models.word...);
  if (config.encoder.embedding_width > 0) {
    visit(
        TensorSpec{
            "embeddings.projection", TensorKind::kLinear, config.encoder.width, config.encoder.embedding_width, {}},
        models.word_projection...);
  }
  visit_embedding(visit, "embeddings.position", config.max_tokens, config.encoder.width, WeightType::kInt8,
                  models.position...);
  visit_norm(visit, "embeddings.norm", config.encoder.width, models.embedding_norm...);
  for (std::size_t i = 0; i < config.encoder.layers.size(); ++i) visit_layer(config, i, visit, models.layers[i]...);
  visit_linear(visit, "head.classifier", config.classes, config.encoder.width, "head.input", 0, models.classifier...);
}

}  // namespace noggin::spec
