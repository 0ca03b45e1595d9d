// A pretrained encoder that reads every batch along with the student. Its intermediate results are an extra target
// (distill/representation_losses.h). Its answers are not used: those come from the teacher's logs.
#pragma once

#include <optional>

#include "train/loop/phase_loss.h"
#include "train/model/forward.h"
#include "train/recipe/recipe_fields.h"

namespace noggin::train {

class OnlineTeacher {
 public:
  // nullopt if recipe.live_teacher.folder is empty. Loads all layers of the folder, and the rows of its word table for
  // the pieces of `tokenizer`. Throws Failure with the folder's errors: an unknown piece, too few positions, ...
  static std::optional<OnlineTeacher> read(const Recipe& recipe, const runtime::TokenizerContents& tokenizer,
                                           torch::Device device);

  std::int64_t width() const { return teacher_.config.encoder.width; }

  // Throws Failure when the phase needs something that this teacher and this student do not share.
  void check(const Phase& phase, const Student& student) const;

  // The phase's weighted losses on the last layers of both, a scalar. `seen` is what forward() recorded from the
  // student for the same batch; losses on hidden states use student.teacher_projection. totals: as for phase_loss().
  Tensor loss(const Phase& phase, const Student& student, const LastLayer& seen, const PackedBatch& batch,
              const LossTotals& totals = {}) const;

 private:
  explicit OnlineTeacher(Student teacher) : teacher_(std::move(teacher)) {}
  Student teacher_;
};

// For phases that use hidden states: maps the student's [N, D] to the teacher's [N, width] and is learned with the
// student.
// Starts as the identity if both widths are equal, else at random.
Tensor make_teacher_projection(std::int64_t student_width, std::int64_t teacher_width, std::uint64_t seed);

}  // namespace noggin::train
