// A student that begins with the weights of a trained one.
#pragma once

#include <cstdint>
#include <string>

#include "format/frozen_model.h"
#include "noggin/result.h"
#include "train/model/student.h"
#include "train/start/start_description.h"

namespace noggin::train {

struct Start {
  StartDescription description;
  Student student;  // of description.config; float, on the CPU
};

// Errors: see describe_start.
Result<Start> read_start(const std::string& path);

// Fills a student made by make_student(): whatever is not taken stays as it is. Every tensor is the start's, bit for
// bit, but for these:
//
//   word        [V, E]  the row of each piece of `tokenizer`; the start may have more pieces, in any order, and wider
//                       rows: they become those of narrow_table.h, `counts` [V] as there
//   position    [P, D]  the first P rows
//   classifier  [C, D]  the rows of classes of the same name, as class_match.h matches them
//
// kInvalidArgument: the student's shape is another (narrower words apart), it reads longer texts, or the start lacks
// one of the pieces (adopt_start refuses these before training). After an error the student is partly filled.
Status take_start(const Start& start, const runtime::TokenizerContents& tokenizer, const format::TaskContents& task,
                  Student& student, const Tensor& counts = {});

// Whether the words of a student in this shape are narrower than those of the start.
bool narrows_words(const StartDescription& start, const spec::ModelConfig& student);

}  // namespace noggin::train
