// Structured pruning: whole attention heads and FFN neurons, chosen by importance, masked while training recovers, then
// physically removed. Second-order importance of neurons is neuron_moments.h.
#pragma once

#include <vector>

#include "train/model/student.h"

namespace noggin::train {

// Accumulates |d loss / d mask| per head and per neuron over batches: the first-order change of the loss if that part
// were removed (Michel, Levy, Neubig 2019, eq. 2, for heads; Molchanov et al. 2019, eq. 8, for neurons). Each layer's
// values are divided by their L2 norm before comparison across layers (Michel et al., section 4.1).
class ImportanceScores {
 public:
  explicit ImportanceScores(const Student& student);
  // Call after backward() with masks that require gradients (set_mask_gradients); reads the mask gradients and clears
  // them.
  void add_gradients(Student& student);

  std::vector<Tensor> heads;    // per layer [H], double on the CPU
  std::vector<Tensor> neurons;  // per layer [F]
};

// By the size of weights instead (Han et al. 2015, of whole parts): of a neuron the norm of the row that makes it times
// that of the column that reads it, of a head the same of its values.
ImportanceScores magnitude_scores(const Student& student);

// The gradients of all masks after backward(), zeros where there is none: for the sum over processes, which comes
// before the absolute value. Same order in every process.
std::vector<Tensor> mask_gradients(Student& student);

// Turns gradients of all masks on or off.
void set_mask_gradients(Student& student, bool on);

// Masks the least important parts so that the fractions `heads_fraction` of all heads and `ffn_fraction` of all neurons
// of the original student are masked in total; masked parts stay masked. Every layer keeps at least one head and one
// block of 16 neurons (or all, if it has fewer). With int4 weights the least important parts of a layer go in units
// that leave whole groups (removal.h). Ties go to the earlier layer and index.
void mask_least_important(Student& student, const ImportanceScores& scores, double heads_fraction, double ffn_fraction);

// The same function with masked parts cut out of the tensors; config and masks shrink with them.
Student remove_masked(const Student& student);

}  // namespace noggin::train
