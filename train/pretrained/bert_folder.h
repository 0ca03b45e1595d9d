// A student from a pretrained encoder in a Hugging Face folder, and back.
//
// The student is BERT's encoder without the segment table: every text is segment 0, whose row is added to each
// position. The position table is only as long as the longest text. Layers and vocabulary may be fewer (recipe: init,
// tokenizer).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/pretrained/pretrained_folder.h"
#include "format/frozen_model.h"
#include "noggin/result.h"
#include "tokenizer/contents.h"
#include "train/model/student.h"

namespace noggin::train {

// Fills a student made by make_student(): embeddings, norms and layers come from the folder; the classifier stays as it
// is. Student layer i is the folder's layer kept_layers[i]. Each piece of `tokenizer` gets its row of the folder's
// vocabulary, or with an embedding_width the narrow_table() of those rows, each weighted by the square root of 1 + its
// `counts` [V], how often training rows have it (undefined: all alike). Tensor names may have a prefix, norms may
// be called gamma and beta, and anything but the encoder (heads, a pooler) is ignored. Errors: those of
// SafetensorsFiles and data::check_kept; kBadData for a piece that the folder does not have, for different shapes, and
// for a checkpoint with no encoder or several. After an error the student is partly filled.
Status load_pretrained(const data::PretrainedFolder& folder, const std::vector<std::uint32_t>& kept_layers,
                       const runtime::TokenizerContents& tokenizer, Student& student, const Tensor& counts = {});

// The folder's word row of each piece of `tokenizer`: [V, folder.width]. Errors as above.
Result<Tensor> pretrained_words(const data::PretrainedFolder& folder, const runtime::TokenizerContents& tokenizer);

// Fills the classifier of such a student with the folder's, row by row: student.config.classes is the number of
// folder.classifier.labels, which must not be empty. Errors: those of SafetensorsFiles.
Status load_classifier(const data::PretrainedFolder& folder, Student& student);

// Writes the float student as a folder that `transformers` loads as a BertModel and that load_pretrained reads back bit
// for bit (except a narrow word table, which is written at the model's width): config.json, model.safetensors,
// tokenizer.json, vocab.txt, tokenizer_config.json. The classifier is included as classifier.{weight, bias}, the
// labels as id2label and the kind of task as "noggin_task", so that load_classifier takes it again. What it reads is
// "noggin_pooling" of config.json: "mean" or "first_token" of the last layer, which is no classifier of transformers,
// or "every_token" (tag, edit), whose folder is a BertForTokenClassification.
// Creates the folder; replaces files of these names. kUnsupported for layers changed by pruning, which BERT's config
// cannot express; kIo, kOutOfSpace.
Status write_pretrained(const Student& student, const runtime::TokenizerContents& tokenizer,
                        const format::TaskContents& task, const std::string& folder);

}  // namespace noggin::train
