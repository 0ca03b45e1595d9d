// A student from a pretrained encoder in a Hugging Face folder, and back.
//
// The student is BERT's encoder with two tables less: every text is of segment 0, whose row is added to each position,
// and the position table is as long as the longest text. Layers and vocabulary may be fewer (recipe: init, tokenizer).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/pretrained_folder.h"
#include "format/frozen_model.h"
#include "noggin/result.h"
#include "train/model/student.h"

namespace noggin::train {

// Fills a student made by make_student(): embeddings, norms and layers come from the folder, the classifier stays as it
// is. Student layer i is the folder's layer kept_layers[i]; each piece of `tokenizer` takes the row that it has in the
// folder's vocabulary. Errors: those of SafetensorsFiles; kBadData for a piece that the folder does not know, for shapes
// that differ and for more positions than the folder has.
Status load_pretrained(const data::PretrainedFolder& folder, const std::vector<std::uint32_t>& kept_layers,
                       const format::TokenizerContents& tokenizer, Student& student);

// The float student as a folder that `transformers` loads as a BertModel: config.json, model.safetensors, vocab.txt,
// tokenizer_config.json. The classifier goes along as classifier.{weight, bias}, over the mean of all tokens (or the first
// token: config.json, "noggin_pooling"), and the labels as id2label. kUnsupported for layers that pruning left unequal:
// BERT's config cannot say that. The folder must exist.
Status write_pretrained(const Student& student, const format::TokenizerContents& tokenizer,
                        const std::vector<std::string>& labels, const std::string& folder);

}  // namespace noggin::train
