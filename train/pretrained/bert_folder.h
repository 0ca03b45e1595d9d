// A student from a pretrained encoder in a Hugging Face folder, and back.
//
// The student is BERT's encoder with two tables less: every text is of segment 0, whose row is added to each position,
// and the position table is as long as the longest text. Layers and vocabulary may be fewer (recipe: init, tokenizer).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/pretrained/pretrained_folder.h"
#include "format/frozen_model.h"
#include "noggin/result.h"
#include "train/model/student.h"

namespace noggin::train {

// Fills a student made by make_student(): embeddings, norms and layers come from the folder, the classifier stays as it
// is. Student layer i is the folder's layer kept_layers[i]; each piece of `tokenizer` takes the row that it has in the
// folder's vocabulary, or with config.embedding_width what narrow_table() makes of those rows. Names may have a prefix, norms
// may be called gamma and beta, and what is not the encoder (heads, a pooler) is left alone. Errors: those of
// SafetensorsFiles and data::check_kept; kBadData for a piece that the folder does not know, for shapes that differ, and for
// a checkpoint with no encoder or several. After an error the student is half filled.
Status load_pretrained(const data::PretrainedFolder& folder, const std::vector<std::uint32_t>& kept_layers,
                       const runtime::TokenizerContents& tokenizer, Student& student);

// The float student as a folder that `transformers` loads as a BertModel, and load_pretrained with every bit the same (but
// for a narrow word table, which is written as wide as the model): config.json, model.safetensors, tokenizer.json, vocab.txt,
// tokenizer_config.json. The classifier goes along as classifier.{weight, bias}, over the mean of all tokens (or the first
// token: config.json, "noggin_pooling"), and the labels as id2label. Makes the folder; replaces files of these names.
// kUnsupported for layers that pruning changed, which BERT's config cannot say; kIo, kOutOfSpace.
Status write_pretrained(const Student& student, const runtime::TokenizerContents& tokenizer,
                        const std::vector<std::string>& labels, const std::string& folder);

}  // namespace noggin::train
