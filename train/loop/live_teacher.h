// A pretrained encoder that reads every batch beside the student: what it computes on its way is a target of its own
// (distill/representation_losses.h). What it answers is not asked: teachers' answers come from logs.
#pragma once

#include <optional>

#include "train/model/forward.h"
#include "train/recipe/recipe_fields.h"

namespace noggin::train {

class LiveTeacher {
 public:
  // Nothing where recipe.live_teacher.folder is empty. All layers of the folder, with the rows of its word table that
  // `tokenizer` has. Throws Failure with the folder's errors: a piece that it does not know, too few positions, ...
  static std::optional<LiveTeacher> read(const Recipe& recipe, const runtime::TokenizerContents& tokenizer, torch::Device device);

  std::int64_t width() const { return teacher_.config.width; }

  // Throws Failure when the phase asks for what this teacher and this student have not in common.
  void check(const Phase& phase, const Student& student) const;

  // The phase's weighted losses on the last layers of both, a scalar. `seen` is what forward() noted of the student for
  // the same batch; student.teacher_projection takes part where hidden states do.
  Tensor loss(const Phase& phase, const Student& student, const LastLayer& seen, const PackedBatch& batch) const;

 private:
  explicit LiveTeacher(Student teacher) : teacher_(std::move(teacher)) {}
  Student teacher_;
};

// Where a phase uses hidden states: what makes the student's [N, D] comparable with the teacher's [N, width], learned with
// the student. It starts as the identity where both are equally wide, else at random.
Tensor make_teacher_projection(std::int64_t student_width, std::int64_t teacher_width, std::uint64_t seed);

}  // namespace noggin::train
