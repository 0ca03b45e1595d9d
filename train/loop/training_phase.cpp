// What begins and ends a phase, and which of its students is the best.
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "train/compress/calibrate.h"
#include "train/compress/learned_steps.h"
#include "train/compress/mixed_bits.h"
#include "train/compress/quantized_arithmetic.h"
#include "train/loop/phase_history.h"
#include "train/loop/training.h"
#include "train/pretrained/bert_folder.h"
#include "train/pretrained/narrow_table.h"
#include "train/pretrained/static_start.h"
#include "train/recipe/recipe_fields.h"
#include "train/recipe/stage_sections.h"
#include "train/run/failure.h"
#include "train/start/start_student.h"

namespace noggin::train {
namespace {

constexpr std::uint64_t kEpochsPerPhase = 1'000'000;  // keeps the epochs of phases apart in the sampler
constexpr std::uint64_t kCountedBatches = 256;
constexpr std::uint64_t kWidenedBatches = 16;  // 1,024 texts, on which every matrix is tried

}  // namespace

PhaseLength Trainer::length_of(const Phase& phase) const {
  return phase_length(phase, steps_per_epoch_, recipe_.train.evaluations_per_epoch);
}

std::uint64_t Trainer::later_steps() const {
  std::uint64_t steps = 0;
  for (std::size_t i = state_.phase + 1; i < recipe_.phases.size(); ++i) {
    steps += length_of(recipe_.phases[i]).steps;
  }
  return steps;
}

BatchOptions Trainer::batch_options() const {
  BatchOptions options;
  options.sampler.seed = recipe_.seed;
  options.sampler.batch_rows = recipe_.train.batch_rows;
  options.sampler.rank = distributed_.rank();
  options.sampler.world_size = distributed_.world_size();
  options.token_dropout = phase().token_dropout;
  options.unknown_id = job_.tokenizer.unknown_id;
  options.augmentation = augmentation_options(phase());
  options.augment = augmentation_ ? &*augmentation_ : nullptr;
  options.shipped = phase().keep_weight > 0.0 ? shipped_.get() : nullptr;
  options.device = device_;
  return options;
}

BatchOptions Trainer::observed_batch_options() const {
  BatchOptions options = batch_options();
  options.token_dropout = 0.0;
  options.augmentation = {};
  options.shipped = nullptr;
  options.sampler.rank = 0;  // every process observes whole batches, so that a group sees what one process does
  options.sampler.world_size = 1;
  return options;
}

void Trainer::observe(Observed what, std::uint64_t batches, const std::function<void(const TrainingBatch&)>& look) {
  const BatchOptions options = observed_batch_options();
  const std::uint64_t epoch = (state_.phase + 1) * kEpochsPerPhase - 1 - static_cast<std::uint64_t>(what);
  for (std::uint64_t i = 0; i < std::min(batches, steps_per_epoch_); ++i) look(batches_.take({epoch, i, options}));
}

BatchRequest Trainer::batch_request(std::uint64_t step) const {
  return {state_.phase * kEpochsPerPhase + step / steps_per_epoch_, step % steps_per_epoch_, batch_options()};
}

void Trainer::choose_precision() {
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

void Trainer::start_phase() {
  state_.step = 0;
  state_.loss_sum = 0.0;
  state_.loss_count = 0;
  state_.best_primary_metric = -1.0;
  state_.first_primary_metric = -1.0;
  state_.evaluations_since_best = 0;
  // Float phases may be those of another recipe, which stores its weights otherwise.
  set_weight_types(first_phases(recipe_, state_.phase + 1).quantize, state_.student.config.encoder);
  set_groups(state_.student);
  if (phase().word_width > 0) state_.student = with_narrow_words(state_.student, phase().word_width, piece_counts());
  if (phase().kind == PhaseKind::kQat) {
    calibrate();
    if (recipe_.quantize.widen_bytes > 0) widen_matrices();
    if (phase().step_learning_rate > 0.0) begin_learned_steps(state_.student);
  }
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
  // Measures the cost of the phase change alone, and a start that training only makes worse stays the best.
  if (state_.phase > 0 || !recipe_.init.from.empty()) evaluate();
}

std::size_t Trainer::most_phases_to_reuse() const {
  const auto projects = [](const Phase& phase) { return phase.hidden_weight > 0.0; };
  const auto first = std::ranges::find_if(recipe_.phases, projects);
  const bool once = std::ranges::count_if(recipe_.phases, projects) <= 1;
  return once ? recipe_.phases.size() : static_cast<std::size_t>(first - recipe_.phases.begin());
}

// How often each piece occurs in a sample of the training rows, [V].
Tensor Trainer::piece_counts() {
  const auto pieces = static_cast<std::int64_t>(job_.tokenizer.vocabulary.size());
  Tensor counts = torch::zeros({pieces}, torch::kInt64);
  observe(Observed::kPieces, kCountedBatches, [&](const TrainingBatch& batch) {
    counts += torch::bincount(batch.packed.token_ids.to(torch::kCPU), {}, pieces);
  });
  return counts;
}

void Trainer::fill_initial(Student& student) {
  if (!recipe_.init.from.empty()) {
    const Start start = value_or_throw(read_start(recipe_.init.from));
    const bool narrows = narrows_words(start.description, student.config);
    return throw_unless_ok(take_start(start, job_.tokenizer, job_.task, student, narrows ? piece_counts() : Tensor()));
  }
  std::optional<data::PretrainedFolder> folder;
  if (!recipe_.init.folder.empty()) folder = value_or_throw(data::read_pretrained_folder(recipe_.init.folder));
  if (spec::is_static(student.config)) {
    const Tensor words = folder ? value_or_throw(pretrained_words(*folder, job_.tokenizer)) : Tensor();
    start_static(words, piece_counts(), job_.tokenizer, student);
  } else if (folder) {
    const bool is_narrow = student.config.encoder.embedding_width > 0;
    throw_unless_ok(load_pretrained(*folder, recipe_.init.keep_layers, job_.tokenizer, student,
                                    is_narrow ? piece_counts() : Tensor()));
  }
}

Student Trainer::initial_student() {
  const spec::ModelConfig config = model_config(recipe_, job_.tokenizer, job_.task);
  Student student = make_student(config, recipe_.student.initial_range, recipe_.seed);
  fill_initial(student);
  return student;
}

void Trainer::keep_start() {
  if (recipe_.init.from.empty() || !distributed_.is_rank_zero()) return;
  const std::string fingerprint = fingerprints_.front().text();
  const Result<StudentBundle> kept = read_bundle(files_.start());
  if (kept && kept->history.value("fingerprint", "") == fingerprint) return;
  const nlohmann::ordered_json history{{"recipe", recipe_.name}, {"fingerprint", fingerprint}, {"phase", "start"}};
  throw_unless_written(write_bundle({initial_student(), job_.tokenizer, job_.task, false, history}, files_.start()));
}

void Trainer::begin_after(std::size_t phases) {
  if (phases > 0) {
    const StudentBundle last = value_or_throw(read_bundle(files_.phase(phases - 1)));
    state_.student = copy_student(last.student, device_);
    state_.precision = precision_from_name(last.history.at("precision"));
    state_.phase = phases;
    if (phases == recipe_.phases.size()) return;
    progress_.note(fmt::format("going on after {}, which has not changed", files_.phase(phases - 1)));
  } else {
    state_.student = copy_student(initial_student(), device_);
    choose_precision();
  }
  start_phase();
  save();  // before the first step, so that a run killed early does not choose its precision again
}

void Trainer::prepare_phase() {
  OptimizerOptions options;
  options.weight_decay = recipe_.train.weight_decay;
  options.clip_norm = recipe_.train.clip_norm;
  options.average_decay = recipe_.train.ema;
  options.scale_learning_rate = phase().kind == PhaseKind::kQat ? phase().scale_learning_rate : 0.0;
  options.step_learning_rate = phase().step_learning_rate;
  state_.optimizer = std::make_unique<Optimizer>(state_.student, options);
  if (phase().kind == PhaseKind::kQat) {
    arithmetic_ = std::make_unique<QuantizedArithmetic>(state_.precision == Precision::kBf16);
  } else {
    arithmetic_ = float_arithmetic(state_.precision);
  }
  if (state_.step < removal_steps()) set_mask_gradients(state_.student, true);
  read_float_student();
}

void Trainer::read_float_student() {
  float_student_.reset();
  if (phase().float_weight <= 0.0) return;
  const StudentBundle best = value_or_throw(read_bundle(outcome_after(state_.phase).best_float_checkpoint()));
  float_student_.emplace(copy_student(best.student, device_), state_.precision);
}

void Trainer::calibrate() {
  torch::NoGradGuard no_grad;
  CalibratingArithmetic observer;
  observe(Observed::kCalibration, phase().calibration_batches,
          [&](const TrainingBatch& batch) { forward(state_.student, batch.packed, observer); });
  observer.set_scales(state_.student);
}

// After calibration: the arithmetic of a device is what is compared.
void Trainer::widen_matrices() {
  torch::NoGradGuard no_grad;
  std::vector<TrainingBatch> batches;
  observe(Observed::kBits, kWidenedBatches, [&](const TrainingBatch& batch) { batches.push_back(batch); });
  QuantizedArithmetic arithmetic;
  const auto loss = [&](const Student& student) {
    double sum = 0.0;
    for (const TrainingBatch& batch : batches)
      sum += phase_loss(phase(), 0.0, forward(student, batch.packed, arithmetic), batch).item<double>();
    return sum / static_cast<double>(batches.size());
  };
  const std::uint64_t bytes = recipe_.quantize.widen_bytes;
  const std::vector<Widening> measured = measured_widenings(state_.student, loss);
  const std::vector<Widening> best = best_widenings(measured, bytes);
  std::vector<std::string> names;
  std::uint64_t added = 0;
  for (const Widening& one : measured) {
    // The numbers of another machine may differ in their last bits.
    if (!as_rank_0(std::ranges::find(best, one.name, &Widening::name) != best.end())) continue;
    widen(state_.student, one);
    names.push_back(one.name);
    added += one.bytes;
  }
  metrics_.append({{"phase", phase_kind_name(phase().kind)}, {"eight_bits", names}, {"bytes", added}});
  progress_.note(names.empty() ? fmt::format("all layers stay in four bits: no matrix of eight lowers the loss within "
                                             "quantize.widen_bytes {}",
                                             bytes)
                               : fmt::format("eight bits for {}: {} bytes", fmt::join(names, ", "), added));
}

SetMetrics Trainer::dev_metrics(const Student& student) const {
  const bool quantized = phase().kind == PhaseKind::kQat;
  return measure(*reader_, dev_, dev_inputs_,
                 quantized ? quantized_logits(student, dev_inputs_) : float_logits(student, dev_inputs_));
}

void Trainer::evaluate() {
  if (!distributed_.is_rank_zero()) return;
  const Student candidate = state_.optimizer->averaged();
  const SetMetrics metrics = dev_metrics(candidate);
  metrics_.append({{"phase", phase_kind_name(phase().kind)},
                   {"phase_index", state_.phase},
                   {"step", state_.step},
                   {"dev", to_json(metrics)}});
  show_in_tensorboard();
  const double loss = state_.loss_count == 0 ? 0.0 : state_.loss_sum / static_cast<double>(state_.loss_count);
  progress_.note(fmt::format("{} step {}/{}: loss {:.4f}, dev {} {:.2f} %, dev cross-entropy {:.4f}",
                             phase_kind_name(phase().kind), state_.step, phase_steps(), loss,
                             reader_->primary_metric_name(), 100.0 * metrics.primary_metric, metrics.cross_entropy));
  const bool better =
      metrics.primary_metric > state_.best_primary_metric ||
      (metrics.primary_metric == state_.best_primary_metric && metrics.cross_entropy < state_.best_cross_entropy);
  if (state_.step == 0) state_.first_primary_metric = metrics.primary_metric;
  ++state_.evaluations_since_best;
  if (state_.step < removal_steps()) state_.evaluations_since_best = 0;
  if (better && state_.step >= removal_steps()) {
    state_.evaluations_since_best = 0;
    state_.best_primary_metric = metrics.primary_metric;
    state_.best_step = state_.step;
    state_.best_cross_entropy = metrics.cross_entropy;
    state_.best = candidate;
  }
  state_.last_loss = loss;
  state_.loss_sum = 0.0;
  state_.loss_count = 0;
}

bool Trainer::out_of_patience() {
  if (phase().patience == 0) return false;
  return as_rank_0(state_.evaluations_since_best >= phase().patience);
}

PhaseResult Trainer::finish_phase() {
  synchronise(state_.best);
  const Student best = phase().kind == PhaseKind::kPrune ? remove_masked(state_.best) : state_.best;
  PhaseResult result;
  result.phase = phase_kind_name(phase().kind);
  result.loss = state_.last_loss;
  result.seconds = seconds_since(phase_start_);
  result.steps = state_.step;
  result.best_step = state_.best_step;
  result.first_primary_metric = state_.first_primary_metric;
  result.checkpoint = files_.phase(state_.phase);
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

void Trainer::write_phase_checkpoint(const Student& student, const PhaseResult& result) const {
  const nlohmann::ordered_json history =
      phase_history(recipe_.name, fingerprints_[state_.phase].text(), result, precision_name(state_.precision));
  const bool quantized = phase().kind == PhaseKind::kQat;
  Student shipped = copy_student(student, torch::kCPU);
  shipped.teacher_projection = Tensor();
  throw_unless_written(write_bundle({shipped, job_.tokenizer, job_.task, quantized, history}, result.checkpoint));
}

TrainOutcome Trainer::outcome_after(std::size_t phases) const {
  TrainOutcome outcome;
  outcome.fingerprint = fingerprint().text();
  if (!recipe_.init.from.empty()) outcome.start = files_.start();
  for (std::size_t done = 0; done < phases; ++done)
    outcome.phases.push_back(phase_result(value_or_throw(read_bundle(files_.phase(done))).history, files_.phase(done)));
  return outcome;
}

}  // namespace noggin::train
