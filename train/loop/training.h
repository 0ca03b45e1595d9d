// What trainer.h promises, in parts: trainer.cpp has the phases in order, training_step.cpp one step,
// training_phase.cpp the beginning and the end of a phase, training_group.cpp what the processes agree on, save and
// go on from.
#pragma once

#include <chrono>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "train/checkpoint/resume_files.h"
#include "train/loop/batch_prefetcher.h"
#include "train/loop/distributed.h"
#include "train/loop/float_student.h"
#include "train/loop/job_settings.h"
#include "train/loop/metrics_log.h"
#include "train/loop/online_teacher.h"
#include "train/loop/phase_length.h"
#include "train/loop/phase_loss.h"
#include "train/loop/shipped_answers.h"
#include "train/loop/train_state.h"
#include "train/loop/trainer.h"
#include "train/loop/training_fingerprint.h"
#include "train/run/failure.h"

namespace noggin::train {

// The training of one process. Job and progress must outlive it. Throws Failure, and MemberLost (distributed.h).
class Trainer {
 public:
  Trainer(const TrainJob& job, Progress& progress);
  TrainOutcome run();
  // What a process says when another one of its group is gone.
  Failure failure_after(const MemberLost& lost) const;

 private:
  using Clock = std::chrono::steady_clock;
  static double seconds_since(Clock::time_point start) {
    return std::chrono::duration<double>(Clock::now() - start).count();
  }

  // --- trainer.cpp --------------------------------------------------------------------------------------------------

  GroupPatience patience();
  std::vector<PhaseFile> phase_files() const;
  bool run_phase();  // false: stopped by a signal

  // --- training_step.cpp --------------------------------------------------------------------------------------------

  void training_step();
  // What the losses divide by when a batch is shared; alone they count its rows themselves.
  LossTotals group_totals(const TrainingBatch& batch);
  // Afterwards every process has the loss and the gradients of the whole batch.
  void sum_over_group(Tensor& loss);
  void record_step(double loss, double rate, double gradient_norm);
  // Masks in phase().removals steps over the removal epochs; recovery follows.
  void prune_when_due();
  void remove_parts(double share);
  void remove_and_refit(double heads, double neurons);

  // --- training_phase.cpp -------------------------------------------------------------------------------------------

  const Phase& phase() const { return recipe_.phases[state_.phase]; }
  PhaseLength length_of(const Phase& phase) const;
  std::uint64_t phase_steps() const { return length_of(phase()).steps; }
  std::uint64_t removal_steps() const { return length_of(phase()).removal_steps; }
  std::uint64_t later_steps() const;  // of the phases that follow
  BatchOptions batch_options() const;
  BatchOptions observed_batch_options() const;  // of rows as they are, whole batches, for what is only looked at
  // Calls look() with up to `batches` of them: others for each purpose and phase, the same ones in every process.
  enum class Observed : std::uint8_t { kCalibration, kPieces, kMoments, kBits };
  void observe(Observed what, std::uint64_t batches, const std::function<void(const TrainingBatch&)>& look);
  BatchRequest batch_request(std::uint64_t step) const;  // of this phase
  // Once per run: a resumed run keeps the choice stored in its state.
  void choose_precision();
  void start_phase();
  // How many finished phases a training may begin after: all, unless a later one goes on with the projection that an
  // earlier one has learned, which their checkpoints do not hold.
  std::size_t most_phases_to_reuse() const;
  Tensor piece_counts();
  // The weights of `student`, which make_student() has made, as the recipe's start says.
  void fill_initial(Student& student);
  Student initial_student();  // on the CPU
  // With init.from, on rank 0: writes files_.start() unless it is there.
  void keep_start();
  // Begins after so many phases, from their last student; with 0 from initial weights.
  void begin_after(std::size_t phases);
  // Creates what the phase needs in addition to the student; `student` holds the initial weights.
  void prepare_phase();
  void read_float_student();  // if the phase learns from it
  void calibrate();
  // With quantize.widen_bytes: which matrices get eight bits.
  void widen_matrices();
  // On dev, with the arithmetic of the phase: the exact quantized forward in qat.
  SetMetrics dev_metrics(const Student& student) const;
  // Evaluates the (averaged) student on dev and keeps it if it is the best of the phase. Only on rank 0: finish_phase()
  // sends its choice to the other processes.
  void evaluate();
  void show_in_tensorboard() const;  // if the recipe asks for it
  // Whether dev has not become better for as long as the phase waits, by rank 0.
  bool out_of_patience();
  PhaseResult finish_phase();
  void write_phase_checkpoint(const Student& student, const PhaseResult& result) const;
  TrainOutcome outcome_after(std::size_t phases) const;  // the first so many, by their checkpoints

  // --- training_group.cpp -------------------------------------------------------------------------------------------

  // Copies rank 0's tensors to every process.
  void synchronise(Student& student);
  // What rank 0 has passed; numbers below 2^24.
  std::size_t as_rank_0(std::size_t mine);
  bool as_rank_0(bool mine) { return as_rank_0(std::size_t{mine}) == 1; }
  // Also keeps rank 0 from writing the next state before all processes have read this one.
  void expect_equal_states();
  void save();
  const TrainingFingerprint& fingerprint() const { return fingerprints_.back(); }  // of the whole training
  // Rank 0 finds out where the training begins, and all begin there.
  void start();
  void resume();
  std::string last_saved() const;

  const TrainJob& job_;
  const Recipe& recipe_;
  Progress& progress_;
  Distributed distributed_;
  torch::Device device_;
  std::unique_ptr<const TaskReader> reader_;
  std::optional<TagAugmentation> augmentation_;  // if a phase swaps spans or words; outlives the prefetched batches
  std::optional<OnlineTeacher> online_teacher_;
  std::unique_ptr<ShippedAnswers> shipped_;  // if a phase has a keep_weight; outlives the prefetched batches
  BatchPrefetcher batches_;
  data::ExampleTable dev_;
  ModelInputs dev_inputs_;
  std::uint64_t steps_per_epoch_;
  std::vector<TrainingFingerprint> fingerprints_;  // up to each phase
  ResumeFiles files_;
  MetricsLog metrics_;
  TrainState state_;
  std::unique_ptr<Arithmetic> arithmetic_;
  std::optional<FloatStudent> float_student_;  // of this phase
  Clock::time_point phase_start_ = Clock::now();
  bool stop_ = false;  // a signal reached this process or, in a group, any of them
};

}  // namespace noggin::train
