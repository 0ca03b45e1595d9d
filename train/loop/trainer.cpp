#include "train/loop/trainer.h"

#include <fmt/format.h>

#include <chrono>
#include <cmath>
#include <filesystem>
#include <optional>

#include "data/shards/shard.h"
#include "train/checkpoint/resume_files.h"
#include "train/compress/calibrate.h"
#include "train/compress/quantized_arithmetic.h"
#include "train/loop/batch_prefetcher.h"
#include "train/loop/distributed.h"
#include "train/loop/job_settings.h"
#include "train/loop/metrics_log.h"
#include "train/loop/online_teacher.h"
#include "train/loop/phase_loss.h"
#include "train/loop/process_settings.h"
#include "train/loop/train_state.h"
#include "train/loop/training_fingerprint.h"
#include "train/pretrained/bert_folder.h"
#include "train/recipe/recipe_fields.h"
#include "train/run/failure.h"
#include "train/run/stop_signal.h"

namespace noggin::train {
namespace {

namespace fs = std::filesystem;
using Clock = std::chrono::steady_clock;

constexpr std::uint64_t kDropoutStream = 0x4D41534BULL;
constexpr std::uint64_t kEpochsPerPhase = 1'000'000;  // keeps the epochs of phases apart in the sampler
constexpr std::uint64_t kCalibrationEpoch = kEpochsPerPhase - 1;
constexpr std::uint64_t kRemovals = 8;  // masking steps of a prune phase
constexpr std::uint64_t kStepsPerLogLine = 25;

double seconds_since(Clock::time_point start) { return std::chrono::duration<double>(Clock::now() - start).count(); }

class Trainer {
 public:
  Trainer(const TrainJob& job, Progress& progress)
      : job_(job),
        recipe_(job.recipe),
        progress_(progress),
        distributed_(Distributed::from_environment(patience())),
        device_(resolve_device(job.recipe.train.device)),
        reader_(value_or_throw(TaskReader::create(job.task, job.tokenizer, job.recipe.tokenizer.max_tokens))),
        augmentation_(tag_augmentation(recipe_, job.train_shards, job.task.labels, job.tokenizer)),
        online_teacher_(OnlineTeacher::read(recipe_, job.tokenizer, device_)),
        batches_(BatchStream(job.train_shards)),
        dev_(value_or_throw(data::read_shards(job.dev_shards))),
        dev_inputs_(reader_->inputs(dev_)),
        steps_per_epoch_(batches_.stream().steps_per_epoch(recipe_.train.batch_rows)),
        fingerprint_(fingerprint_of(job)),
        files_(job.folder + "/checkpoints", phase_files(recipe_), fingerprint_,
               [&progress](const std::string& line) { progress.warn(line); }),
        metrics_(distributed_.is_rank_zero() ? job.folder + "/metrics.jsonl" : std::string(), fingerprint_.text()) {
    prepare_process(recipe_.train.threads);
    fs::create_directories(job.folder + "/checkpoints");
  }

  TrainOutcome run() {
    TrainOutcome outcome;
    outcome.fingerprint = fingerprint_.text();
    if (as_rank_0(distributed_.is_rank_zero() && !job_.fresh && files_.finished())) {
      for (std::size_t done = 0; done < recipe_.phases.size(); ++done) outcome.phases.push_back(finished_phase(done));
      return outcome;
    }
    if (distributed_.is_rank_zero()) {
      if (job_.begins) job_.begins();
      if (job_.fresh) files_.discard();
    }
    if (!resume()) {
      const spec::ModelConfig config = model_config(recipe_, job_.tokenizer, job_.task);
      Student student = make_student(config, recipe_.student.initial_range, recipe_.seed);
      if (!recipe_.init.folder.empty()) {
        const data::PretrainedFolder folder = value_or_throw(data::read_pretrained_folder(recipe_.init.folder));
        throw_unless_ok(load_pretrained(folder, recipe_.init.keep_layers, job_.tokenizer, student));
      }
      state_.student = copy_student(student, device_);
      choose_precision();
      start_phase();
      save();  // before the first step, so that a run killed early does not choose its precision again
    }
    expect_equal_states();
    for (std::size_t done = 0; done < state_.phase; ++done) outcome.phases.push_back(finished_phase(done));
    while (state_.phase < recipe_.phases.size()) {
      if (!run_phase()) {
        outcome.stopped_by_signal = true;
        return outcome;
      }
      outcome.phases.push_back(finish_phase());
    }
    return outcome;
  }

  // What a process says when another one of its group is gone.
  Failure failure_after(const MemberLost& lost) const {
    return {
        ExitCode::kFailure,
        fmt::format("{} has ended or cannot be reached, so this training cannot go on. {}. Fix: see what that process "
                    "said, then start all processes again with the same command",
                    lost.what(), last_saved())};
  }

 private:
  GroupPatience patience() {
    GroupPatience patience;
    patience.limit = std::chrono::duration<double>(60.0 * recipe_.train.group_minutes);
    patience.warn = [this](const std::string& line) { progress_.warn(line); };
    return patience;
  }

  std::string last_saved() const {
    const Result<Checkpoint> saved = read_checkpoint(files_.newest());
    if (!saved) return "Nothing is saved yet";
    const std::size_t index = saved->meta.value("phase", std::size_t{0});
    return fmt::format("It will continue from what was saved last, step {} of phase {} ({})",
                       saved->meta.value("phase_step", std::uint64_t{0}), index + 1,
                       index < recipe_.phases.size() ? phase_kind_name(recipe_.phases[index].kind) : "unknown");
  }

  const Phase& phase() const { return recipe_.phases[state_.phase]; }
  std::uint64_t phase_steps() const {
    return phase().epochs > 0.0 ? steps_of(phase().epochs) : 0;
  }  // 0: qat only calibrates
  std::uint64_t removal_steps() const {
    return phase().kind == PhaseKind::kPrune ? std::min(steps_of(phase().removal_epochs), phase_steps()) : 0;
  }
  std::uint64_t steps_of(double epochs) const {
    return std::max<std::uint64_t>(1, static_cast<std::uint64_t>(epochs * static_cast<double>(steps_per_epoch_) + 0.5));
  }
  static std::vector<std::string> phase_files(const Recipe& recipe) {
    std::vector<std::string> names;
    for (const Phase& phase : recipe.phases)
      names.push_back(fmt::format("{}-{}.ckpt", names.size(), phase_kind_name(phase.kind)));
    return names;
  }
  BatchOptions batch_options() const {
    BatchOptions options;
    options.sampler.seed = recipe_.seed;
    options.sampler.batch_rows = recipe_.train.batch_rows;
    options.sampler.rank = distributed_.rank();
    options.sampler.world_size = distributed_.world_size();
    options.token_dropout = phase().token_dropout;
    options.unknown_id = job_.tokenizer.unknown_id;
    options.augmentation = augmentation_options(phase());
    options.augment = augmentation_ ? &*augmentation_ : nullptr;
    options.device = device_;
    return options;
  }
  BatchRequest batch_request(std::uint64_t step) const {  // of this phase
    return {state_.phase * kEpochsPerPhase + step / steps_per_epoch_, step % steps_per_epoch_, batch_options()};
  }

  // --- one step -----------------------------------------------------------------------------------------------------

  void training_step() {
    const TrainingBatch batch = batches_.take(batch_request(state_.step));
    if (state_.step + 1 < phase_steps()) batches_.prefetch(batch_request(state_.step + 1));
    torch::manual_seed(data::random_bits(recipe_.seed ^ kDropoutStream, state_.phase,
                                         state_.step * distributed_.world_size() + distributed_.rank()));
    // In a group another process may touch other rows, so every row is updated in every step.
    if (distributed_.world_size() == 1) state_.optimizer->look_up(batch.packed.token_ids);
    const LossTotals totals = group_totals(batch);
    Tensor loss_value = torch::zeros({}, torch::kFloat64);
    if (batch.packed.texts > 0) {  // a short last batch may leave a process without rows
      const bool asked = asks_online_teacher(phase());
      LastLayer seen;
      const Tensor logits = forward(state_.student, batch.packed, *arithmetic_, recipe_.student.dropout,
                                    asked ? &seen : nullptr);  // [R, C]
      const double phase_progress = static_cast<double>(state_.step) / static_cast<double>(phase_steps());
      Tensor loss = phase_loss(phase(), phase_progress, logits, batch, totals);
      if (asked) loss = loss + online_teacher_->loss(phase(), state_.student, seen, batch.packed, totals);
      loss.backward();
      loss_value = loss.detach().to(torch::kCPU, torch::kFloat64);
    }
    sum_over_group(loss_value);
    if (state_.importance) state_.importance->add_gradients(state_.student);
    const double rate =
        phase().learning_rate * lr_multiplier(state_.step, phase_steps(), phase().warmup, phase().final_learning_rate);
    const double gradient_norm = state_.optimizer->step(rate);
    ++state_.step;
    record_step(loss_value.item<double>(), rate, gradient_norm);
    if (state_.importance) prune_when_due();
  }

  // What the losses divide by when a batch is shared; alone they count its rows themselves.
  LossTotals group_totals(const TrainingBatch& batch) {
    if (distributed_.world_size() == 1) return {};
    std::vector<Tensor> counts{loss_counts(batch)};
    distributed_.sum(counts);
    return loss_totals(counts[0]);
  }

  // Afterwards every process has the loss and the gradients of the whole batch.
  void sum_over_group(Tensor& loss) {
    std::vector<Tensor> sums = state_.optimizer->gradients();
    if (state_.importance) std::ranges::copy(mask_gradients(state_.student), std::back_inserter(sums));
    sums.push_back(loss);
    stop_ = distributed_.sum(sums, StopSignal::requested());
  }

  void record_step(double loss, double rate, double gradient_norm) {
    if (!std::isfinite(loss)) {
      throw Failure(
          ExitCode::kFailure,
          fmt::format("the loss became {} in phase {} ({}) at step {}. Fix: lower phases.{}.learning_rate, or "
                      "set train.clip_norm",
                      loss, state_.phase, phase_kind_name(phase().kind), state_.step, state_.phase));
    }
    state_.loss_sum += loss;
    ++state_.loss_count;
    progress_.update(state_.step, state_.loss_sum / static_cast<double>(state_.loss_count));
    if (state_.step % kStepsPerLogLine == 0) {
      metrics_.append({{"phase", phase_kind_name(phase().kind)},
                       {"phase_index", state_.phase},
                       {"step", state_.step},
                       {"loss", loss},
                       {"learning_rate", rate},
                       {"gradient_norm", gradient_norm}});
    }
  }

  // --- phases -------------------------------------------------------------------------------------------------------

  // Creates what the phase needs in addition to the student; `student` holds the initial weights.
  void prepare_phase() {
    OptimizerOptions options;
    options.weight_decay = recipe_.train.weight_decay;
    options.clip_norm = recipe_.train.clip_norm;
    options.average_decay = recipe_.train.ema;
    options.scale_learning_rate = phase().kind == PhaseKind::kQat ? phase().scale_learning_rate : 0.0;
    state_.optimizer = std::make_unique<Optimizer>(state_.student, options);
    if (phase().kind == PhaseKind::kQat) {
      arithmetic_ = std::make_unique<QuantizedArithmetic>(state_.precision == Precision::kBf16);
    } else {
      arithmetic_ = float_arithmetic(state_.precision);
    }
    if (state_.step < removal_steps()) set_mask_gradients(state_.student, true);
  }

  // Once per run: a resumed run keeps the choice stored in its state.
  void choose_precision() {
    state_.precision = recipe_.train.precision;
    if (state_.precision == Precision::kAuto) {
      const PackedBatch batch = batches_.take({0, 0, batch_options()}).packed;
      state_.precision =
          batch.texts > 0 ? measured_precision(state_.student, batch, recipe_.student.dropout) : Precision::kFp32;
      state_.precision = as_rank_0(state_.precision == Precision::kBf16) ? Precision::kBf16 : Precision::kFp32;
    }
    metrics_.append(
        {{"precision", precision_name(state_.precision)}, {"measured", recipe_.train.precision == Precision::kAuto}});
    progress_.note(fmt::format("products in {}", precision_name(state_.precision)));
  }

  void start_phase() {
    state_.step = 0;
    state_.loss_sum = 0.0;
    state_.loss_count = 0;
    state_.best_primary_metric = -1.0;
    if (phase().kind == PhaseKind::kQat) calibrate();
    if (online_teacher_) online_teacher_->check(phase(), state_.student);
    if (phase().hidden_weight > 0.0 && !state_.student.teacher_projection.defined()) {
      state_.student.teacher_projection =
          make_teacher_projection(state_.student.config.encoder.width, online_teacher_->width(), recipe_.seed)
              .to(device_);
    }
    synchronise(state_.student);
    if (removal_steps() > 0) state_.importance = std::make_unique<ImportanceScores>(state_.student);
    prepare_phase();
    state_.best = copy_student(state_.student, device_);
    if (state_.phase > 0) evaluate();  // measures the cost of the phase change alone
  }

  // Copies rank 0's tensors to every process.
  void synchronise(Student& student) {
    std::vector<Tensor> tensors;
    visit_tensors(student, [&](const std::string&, Tensor& tensor, TensorRole) { tensors.push_back(tensor); });
    distributed_.broadcast(tensors);
  }

  bool as_rank_0(bool mine) {
    std::vector<Tensor> choice{torch::full({1}, mine ? 1.0F : 0.0F)};
    distributed_.broadcast(choice);
    return choice[0].item<float>() > 0.0F;
  }

  void calibrate() {
    torch::NoGradGuard no_grad;
    CalibratingArithmetic observer;
    BatchOptions options = batch_options();
    options.token_dropout = 0.0;
    options.augmentation = {};
    options.sampler.rank = 0;  // every process observes whole batches, so that a group has the scales of one process
    options.sampler.world_size = 1;
    const std::uint64_t batches = std::min<std::uint64_t>(phase().calibration_batches, steps_per_epoch_);
    const std::uint64_t epoch = state_.phase * kEpochsPerPhase + kCalibrationEpoch;
    for (std::uint64_t i = 0; i < batches; ++i) {
      forward(state_.student, batches_.take({epoch, i, options}).packed, observer);
    }
    observer.set_scales(state_.student);
  }

  bool run_phase() {  // false: stopped by a signal
    const std::uint64_t total = phase_steps();
    const std::uint64_t evaluation_interval =
        std::max<std::uint64_t>(1, steps_per_epoch_ / recipe_.train.evaluations_per_epoch);
    phase_start_ = Clock::now();
    Clock::time_point last_save = phase_start_;
    progress_.begin(
        fmt::format("train {} ({}/{})", phase_kind_name(phase().kind), state_.phase + 1, recipe_.phases.size()), total,
        "steps");
    progress_.resume_at(state_.step);
    while (state_.step < total) {
      training_step();
      if (state_.step % evaluation_interval == 0 || state_.step == total) evaluate();
      if (stop_) {
        save();
        return false;
      }
      if (seconds_since(last_save) > 60.0 * recipe_.train.checkpoint_minutes) {
        save();
        last_save = Clock::now();
      }
    }
    progress_.end();
    return true;
  }

  // On dev, with the arithmetic of the phase: the exact quantized forward in qat.
  SetMetrics dev_metrics(const Student& student) const {
    const bool quantized = phase().kind == PhaseKind::kQat;
    return measure(*reader_, dev_, dev_inputs_,
                   quantized ? quantized_logits(student, dev_inputs_) : float_logits(student, dev_inputs_));
  }

  // Evaluates the (averaged) student on dev and keeps it if it is the best of the phase. Only on rank 0: finish_phase()
  // sends its choice to the other processes.
  void evaluate() {
    if (!distributed_.is_rank_zero()) return;
    const Student candidate = state_.optimizer->averaged();
    const SetMetrics metrics = dev_metrics(candidate);
    metrics_.append({{"phase", phase_kind_name(phase().kind)},
                     {"phase_index", state_.phase},
                     {"step", state_.step},
                     {"dev", to_json(metrics)}});
    const double loss = state_.loss_count == 0 ? 0.0 : state_.loss_sum / static_cast<double>(state_.loss_count);
    progress_.note(fmt::format("{} step {}/{}: loss {:.4f}, dev {} {:.2f} %, dev cross-entropy {:.4f}",
                               phase_kind_name(phase().kind), state_.step, phase_steps(), loss,
                               reader_->primary_metric_name(), 100.0 * metrics.primary_metric, metrics.cross_entropy));
    const bool better =
        metrics.primary_metric > state_.best_primary_metric ||
        (metrics.primary_metric == state_.best_primary_metric && metrics.cross_entropy < state_.best_cross_entropy);
    if (better && state_.step >= removal_steps()) {
      state_.best_primary_metric = metrics.primary_metric;
      state_.best_cross_entropy = metrics.cross_entropy;
      state_.best = candidate;
    }
    state_.last_loss = loss;
    state_.loss_sum = 0.0;
    state_.loss_count = 0;
  }

  // Masks in kRemovals equal steps over the removal epochs; recovery follows.
  void prune_when_due() {
    const std::uint64_t removals = std::min(kRemovals, removal_steps());
    const std::uint64_t due_before = (state_.step - 1) * removals / removal_steps();
    const std::uint64_t due = state_.step * removals / removal_steps();
    if (due == due_before) return;
    const double removed_fraction = static_cast<double>(due) / static_cast<double>(removals);
    mask_least_important(state_.student, *state_.importance, removed_fraction * phase().heads_fraction,
                         removed_fraction * phase().ffn_fraction);
    state_.importance = std::make_unique<ImportanceScores>(state_.student);
    if (state_.step >= removal_steps()) {
      state_.importance.reset();
      set_mask_gradients(state_.student, false);
    }
  }

  PhaseResult finish_phase() {
    synchronise(state_.best);
    const Student best = phase().kind == PhaseKind::kPrune ? remove_masked(state_.best) : state_.best;
    PhaseResult result{phase_kind_name(phase().kind), {},          state_.last_loss,
                       seconds_since(phase_start_),   state_.step, files_.phase(state_.phase)};
    if (distributed_.is_rank_zero()) {
      result.dev = dev_metrics(best);
      write_phase_checkpoint(best, result);
    }
    ++state_.phase;
    state_.student = copy_student(best, device_);
    if (state_.phase < recipe_.phases.size()) {
      start_phase();
      save();
    } else {
      if (distributed_.is_rank_zero()) files_.remove_states();  // the phase checkpoints suffice
    }
    return result;
  }

  void write_phase_checkpoint(const Student& student, const PhaseResult& result) const {
    const nlohmann::ordered_json history{{"recipe", recipe_.name},
                                         {"fingerprint", fingerprint_.text()},
                                         {"phase", result.phase},
                                         {"dev", to_json(result.dev)},
                                         {"loss", result.loss},
                                         {"steps", result.steps},
                                         {"precision", precision_name(state_.precision)}};
    const bool quantized = phase().kind == PhaseKind::kQat;
    Student shipped = copy_student(student, torch::kCPU);
    shipped.teacher_projection = Tensor();
    throw_unless_written(write_bundle({shipped, job_.tokenizer, job_.task, quantized, history}, result.checkpoint));
  }

  PhaseResult finished_phase(std::size_t index) const {
    const StudentBundle bundle = value_or_throw(read_bundle(files_.phase(index)));
    return {bundle.history.at("phase"), metrics_from_json(bundle.history.at("dev")),
            bundle.history.at("loss"),  0.0,
            bundle.history.at("steps"), files_.phase(index)};
  }

  // --- saving and resuming ------------------------------------------------------------------------------------------

  void save() {
    if (!distributed_.is_rank_zero()) return;
    files_.rotate();
    throw_unless_written(save_state(state_, fingerprint_.text(), files_.newest()));
  }

  bool resume() {
    if (!as_rank_0(distributed_.is_rank_zero() && files_.prepare())) {
      metrics_.forget();
      return false;
    }
    LoadedState loaded = load_state(files_.newest(), device_);
    if (loaded.fingerprint != fingerprint_.text()) {  // rank 0 has judged it: this process reads another
      throw Failure(ExitCode::kOutput, files_.newest() +
                                           ": belongs to another recipe or other data than this process has. Fix: give "
                                           "every process the same recipe, data and run directory");
    }
    state_ = std::move(loaded.state);
    prepare_phase();
    state_.optimizer->load_state(loaded.optimizer_state);
    metrics_.forget_after(state_.phase, state_.step);
    progress_.note(
        fmt::format("resumed at phase {} ({}), step {}", state_.phase + 1, phase_kind_name(phase().kind), state_.step));
    return true;
  }

  // Also keeps rank 0 from writing the next state before all processes have read this one.
  void expect_equal_states() {
    const Tensor mine = torch::tensor({static_cast<float>(state_.phase), static_cast<float>(state_.step)});
    std::vector<Tensor> sums{mine.clone()};
    distributed_.sum(sums);
    if (torch::equal(sums[0], mine * static_cast<double>(distributed_.world_size()))) return;
    throw Failure(ExitCode::kFailure,
                  job_.folder +
                      ": the processes of this training read different states. Fix: give all of them the "
                      "same run folder, on a file system that they share");
  }

  const TrainJob& job_;
  const Recipe& recipe_;
  Progress& progress_;
  Distributed distributed_;
  torch::Device device_;
  std::unique_ptr<const TaskReader> reader_;
  std::optional<TagAugmentation> augmentation_;  // if a phase swaps spans or words; outlives the prefetched batches
  std::optional<OnlineTeacher> online_teacher_;
  BatchPrefetcher batches_;
  data::ExampleTable dev_;
  ModelInputs dev_inputs_;
  std::uint64_t steps_per_epoch_;
  TrainingFingerprint fingerprint_;
  ResumeFiles files_;
  MetricsLog metrics_;
  TrainState state_;
  std::unique_ptr<Arithmetic> arithmetic_;
  Clock::time_point phase_start_ = Clock::now();
  bool stop_ = false;  // a signal reached this process or, in a group, any of them
};

}  // namespace

TrainOutcome train(const TrainJob& job, Progress& progress) {
  Trainer trainer(job, progress);
  try {
    return trainer.run();
  } catch (const MemberLost& lost) {
    throw trainer.failure_after(lost);
  }
}

}  // namespace noggin::train
