// AdamW with decoupled weight decay (Loshchilov, Hutter 2019, algorithm 2) over a student's tensors, and an optional
// exponential moving average of the weights. Its state is plain named tensors, so that a checkpoint holds all of it.
#pragma once

#include <map>
#include <string>
#include <vector>

#include "train/loop/adamw.h"
#include "train/model/student.h"

namespace noggin::train {

struct OptimizerOptions {
  double weight_decay = 0.01;
  double clip_norm = 1.0;            // limit for the gradient norm over all weights; 0: off
  double scale_learning_rate = 0.0;  // of activation scales, relative; 0: not trained
  double step_learning_rate = 0.0;   // of learned steps, the same
  double average_decay = 0.0;        // of the moving average; 0: off
  double beta1 = 0.9, beta2 = 0.98, epsilon = 1e-8;
};

class Optimizer {
 public:
  // Turns on gradients of the tensors it trains. The student must outlive the optimizer and keep its tensors.
  Optimizer(Student& student, const OptimizerOptions& options);

  // All trained gradients, for reduction over processes; same order in every process.
  std::vector<Tensor> gradients();
  // Declares that the next step's gradient touches only rows `ids` of the word table, and brings those rows up to date;
  // call it before the forward pass. The other rows are updated later, to the same bits as if they were updated now, so
  // call finish_rows() before reading the word table. Without this call a step updates all rows. CPU only; elsewhere a
  // no-op, as for a model without a lookup_table(). If the gradient has other rows after all, every step updates all
  // rows from then on; that is checked whenever no row is behind, as in the first step.
  void look_up(const Tensor& ids);
  void finish_rows();
  // Clips, updates weights and scales with `learning_rate`, updates the average, clears gradients. Returns the gradient
  // norm before clipping.
  double step(double learning_rate);

  // The average begins anew with the weights of now: what was averaged before is of another student, such as one with
  // heads that are gone.
  void restart_average();
  // The averaged student, or the student itself when averaging is off. Shares nothing with the student being trained.
  Student averaged();

  // Moments, counts and average as named tensors ("adam.first.<name>", ...), for a checkpoint.
  std::map<std::string, Tensor> state();
  void load_state(const std::map<std::string, Tensor>& state);  // throws std::out_of_range when a tensor is missing

 private:
  struct Slot {
    std::string name;
    Tensor* parameter;
    Tensor first_moment, second_moment, average;
    double decay, relative_rate;
    bool is_scale;  // or a step: never below spec::kSmallestScale
  };
  // A piece of a slot, the unit of work of one thread.
  struct Task {
    std::size_t slot;
    std::int64_t begin, count;  // elements
  };
  std::vector<Task> tasks() const;
  AdamWFactors factors_of(const Slot& slot, double learning_rate, double clip) const;
  AdamWRun run_of(const Slot& slot, std::int64_t begin) const;
  void catch_up(std::int64_t row);
  bool zero_outside_rows(const Tensor& word_gradient) const;
  double step_on_cpu(double learning_rate, const std::vector<Tensor>& gradients);
  double step_elsewhere(double learning_rate, std::vector<Tensor>& gradients);

  Student& student_;
  OptimizerOptions options_;
  std::size_t word_slot_ = 0;
  std::vector<std::int64_t> rows_;  // rows of the word table that the next step touches, ascending
  bool rows_known_ = false;
  bool defers_rows_ = false;
  std::vector<AdamWFactors> deferred_;   // steps that are still due for some rows
  std::vector<std::uint32_t> row_done_;  // [V]: how many of them are done for each row
  std::vector<Slot> slots_;
  double average_decay() const;  // of the next update
  Tensor steps_;                 // [1] float: updates done, for bias correction
  Tensor average_start_;         // [1] float: of these, how many before the average began
};

// Fraction of the peak rate at `step` of `total`: linear from 0 over the first warmup * total steps, then a half cosine
// down to `final_multiplier`.
double lr_multiplier(std::uint64_t step, std::uint64_t total, double warmup, double final_multiplier);

}  // namespace noggin::train
