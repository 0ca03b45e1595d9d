#include "export/verify/verify.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <mutex>
#include <optional>

#include "data/metrics/classification_metrics.h"
#include "export/onnx_runtime/onnx_runtime.h"
#include "export/report/statistics.h"
#include "export/verify/cuda_target.h"
#include "export/verify/device_answer.h"
#include "export/verify/ngram_trainer.h"
#include "export/verify/oracle.h"
#include "export/verify/targets.h"
#include "export/verify/trace_recorder.h"
#include "kernels/cpu_features.h"
#include "kernels/float_environment.h"
#include "kernels/kernel_set.h"
#include "noggin/engine.h"
#include "tokenizer/wordpiece.h"
#include "train/checkpoint/checkpoint.h"
#include "train/compress/quantize_student.h"
#include "train/compress/quantized_forward.h"

namespace noggin::exporter {
namespace {

using Clock = std::chrono::steady_clock;

constexpr std::size_t kTracedSequences = 16;  // differing sequences to trace for the first step that differs
constexpr std::size_t kOracleSequences = 32;
constexpr std::int64_t kSequencesPerTask = 16;

// Logits of every sequence and the duration of each.
struct AllLogits {
  train::DatasetLogits logits;
  std::vector<double> microseconds;  // [sequences]
};

// The input on the device: the text tokenized by the .nog file's own tokenizer.
train::ModelInputs device_inputs(const train::TaskReader& reader, const data::ExampleTable& rows, const Model& model) {
  if (reader.per_token()) return reader.inputs(rows);
  train::ModelInputs inputs;
  std::vector<std::uint32_t> ids(model.max_tokens());
  for (std::size_t row = 0; row < rows.rows(); ++row) {
    const std::size_t count = model.encode(rows.text_of(row), ids);
    inputs.token_ids.insert(inputs.token_ids.end(), ids.begin(), ids.begin() + static_cast<std::ptrdiff_t>(count));
    inputs.starts.push_back(inputs.token_ids.size());
    inputs.row_sequences.push_back(inputs.sequences());
  }
  return inputs;
}

class Verification {
 public:
  Verification(const VerifyRequest& request, const Model& model, const train::TaskReader& reader)
      : request_(request),
        rows_(request.rows),
        model_(model),
        reader_(reader),
        classes_(static_cast<std::uint32_t>(model.labels().size())),
        inputs_(device_inputs(reader, request.rows, model)) {}

  Result<VerifyReport> run() {
    report_.primary_metric_name = reader_.primary_metric_name();
    report_.temperature = reader_.task().temperature;
    if (Status status = check_request(); !status) return status.error();
    if (is_ngram()) {
      run_ngram_trainer();
    } else if (!request_.checkpoint_path.empty()) {
      Result<train::StudentBundle> bundle = train::read_bundle(request_.checkpoint_path);
      if (!bundle) return bundle.error();
      if (Status status = run_trainer(*bundle); !status) return status.error();
    } else if (!reader_.per_token()) {
      compare_tokens(reader_.inputs(rows_));
    }
    for (std::size_t i = 0; i < runtime::kernel_sets().count; ++i) {
      const runtime::KernelSetEntry& entry = runtime::kernel_sets().entries[i];
      if (!wanted(entry.kernels->name)) continue;
      Result<TargetReport> target = run_kernel_set(entry);
      if (!target) return target.error();
      report_.targets.push_back(*std::move(target));
    }
    if (named(kCuda) || (all() && cuda_is_built_in())) {
      Result<TargetReport> target = run_cuda();
      if (!target) return target.error();
      report_.targets.push_back(*std::move(target));
    }
    if (wanted(kOnnxRuntime)) report_.targets.push_back(run_onnx_runtime());
    for (const TargetReport& target : report_.targets) {
      if (!target.ran && named(target.name)) return cannot_run(target.name, target.why_not);
    }
    return report_;
  }

 private:
  bool is_ngram() const { return model_.view().config.family == spec::Family::kNgram; }
  bool named(const std::string& name) const {
    return std::ranges::find(request_.targets, name) != request_.targets.end();
  }
  bool all() const { return request_.targets.empty() || named(kAllTargets); }
  bool wanted(const std::string& name) const { return all() || named(name); }

  std::string obstacle(const std::string& name) const {
    return target_obstacle(name, model_.view().config.family, request_.onnx_path);
  }

  Status check_request() const {
    if (Status status = check_targets(request_.targets); !status) return status;
    for (const std::string& name : request_.targets) {
      if (const std::string why = obstacle(name); !why.empty()) return cannot_run(name, why);
    }
    if (is_ngram() && !request_.checkpoint_path.empty()) {
      return Error{ErrorCode::kInvalidArgument, request_.nog_path +
                                                    ": is an n-gram model, which has no checkpoint: the trainer's "
                                                    "forward runs on the tensors of the file. Fix: leave it out"};
    }
    if (rows_.rows() == 0)
      return Error{ErrorCode::kBadData, "verify: the held-out set has no rows. Fix: check data.test"};
    if (rows_.classes != classes_) {
      return Error{ErrorCode::kBadData,
                   fmt::format("verify: the rows have {} classes, the model {}. Fix: give the rows "
                               "that belong to this model",
                               rows_.classes, classes_)};
    }
    return {};
  }

  // worker = logits_of_sequence() per thread; worker(sequence, buffer for its logits, its microseconds).
  template <typename LogitsOfSequence>
  AllLogits each_sequence(const std::string& stage, const LogitsOfSequence& logits_of_sequence) {
    AllLogits all{train::DatasetLogits::make(inputs_, classes_, reader_.per_token()),
                  std::vector<double>(inputs_.sequences())};
    std::mutex progress_mutex;
    std::uint64_t done = 0;
    at::parallel_for(0, static_cast<std::int64_t>(inputs_.sequences()), kSequencesPerTask,
                     [&](std::int64_t begin, std::int64_t end) {
                       auto worker = logits_of_sequence();
                       for (std::int64_t i = begin; i < end; ++i) {
                         const auto sequence = static_cast<std::size_t>(i);
                         worker(sequence, all.logits.sequence(sequence), all.microseconds[sequence]);
                         if (request_.progress && i % 64 == 63) {
                           const std::lock_guard lock(progress_mutex);
                           request_.progress(stage, done += 64, inputs_.sequences());
                         }
                       }
                     });
    return all;
  }

  // Rows for which the .nog file's tokenizer gives other ids than training did.
  void compare_tokens(const train::ModelInputs& expected) {
    for (std::size_t row = 0; row < rows_.rows(); ++row) {
      bool same = inputs_.row_sequences[row + 1] - inputs_.row_sequences[row] ==
                  expected.row_sequences[row + 1] - expected.row_sequences[row];
      for (std::size_t i = inputs_.row_sequences[row], k = expected.row_sequences[row];
           same && i < inputs_.row_sequences[row + 1]; ++i, ++k) {
        same = std::ranges::equal(inputs_.ids(i), expected.ids(k));
      }
      report_.tokenization_differences += !same;
    }
  }

  // --- the trainer's side: checkpoint -> its own modules -> quantized forward; never the .nog file ------------------

  Status run_trainer(const train::StudentBundle& bundle) {
    if (bundle.student.config.classes != classes_) {
      return Error{ErrorCode::kBadData, request_.checkpoint_path + ": has another number of classes than " +
                                            request_.nog_path + ". Fix: give the checkpoint it was exported from"};
    }
    const runtime::KernelSet* kernels = runtime::select_kernels();
    if (kernels == nullptr) {
      return Error{ErrorCode::kInvalidArgument,
                   "NOGGIN_FORCE_ISA names a kernel set that does not run here. Fix: unset it"};
    }
    const auto reader = train::TaskReader::create(bundle.task, bundle.tokenizer, bundle.student.config.max_tokens);
    if (!reader) return reader.error();
    compare_tokens((*reader)->inputs(rows_));
    const auto tensors = train::quantize_student(bundle.student);
    trainer_ = std::make_unique<train::QuantizedStudent>(bundle.student.config, tensors);
    AllLogits all = each_sequence("trainer", [&] {
      return [&](std::size_t sequence, std::span<float> out, double& microseconds) {
        const runtime::FloatEnvironment environment;
        const Clock::time_point start = Clock::now();
        const std::vector<float> logits = trainer_->logits(inputs_.ids(sequence), *kernels);
        microseconds = std::chrono::duration<double, std::micro>(Clock::now() - start).count();
        std::ranges::copy(logits, out.begin());
      };
    });
    take_training(std::move(all),
                  check_against_oracle(bundle.student.config, tensors, *trainer_, inputs_, kOracleSequences));
    return {};
  }

  void run_ngram_trainer() {
    const train::QuantizedNgram trainer = ngram_trainer(model_.view());
    AllLogits all = each_sequence("trainer", [&] {
      return [&](std::size_t sequence, std::span<float> out, double&) {
        const runtime::FloatEnvironment environment;
        std::ranges::copy(trainer.logits(inputs_.ids(sequence)), out.begin());
      };
    });
    take_training(std::move(all), check_ngrams_against_oracle(model_.view(), trainer, inputs_, kOracleSequences));
  }

  void take_training(AllLogits all, const OracleResult& oracle) {
    report_.trainer_checked = true;
    report_.oracle_rows = oracle.rows;
    report_.oracle_values = oracle.values;
    report_.oracle_violations = oracle.violations;
    report_.oracle_worst_step = oracle.worst_step;

    report_.training = compare("trainer", all.logits, reader_.answers(rows_, inputs_, all.logits));
    report_.training_answers = expected_answers_;
    report_.training_scores = report_.training.scores;
    report_.training_logits = std::move(all.logits);
  }

  // --- the device's side --------------------------------------------------------------------------------------------

  Result<TargetReport> run_kernel_set(const runtime::KernelSetEntry& entry) {
    if (!entry.executable) return not_run(entry.kernels->name, kNotExecutable);
    std::mutex mutex;
    std::optional<Error> failure;
    const auto fail = [&](const Error& error) {
      const std::lock_guard lock(mutex);
      failure = error;
    };
    AllLogits all = each_sequence(entry.kernels->name, [&] {
      auto session = std::make_shared<Result<Session>>(Session::create(model_, entry.kernels->name));
      return [&, session](std::size_t sequence, std::span<float> out, double& microseconds) {
        if (!*session) return fail(session->error());
        const Clock::time_point start = Clock::now();
        const Result<std::span<const float>> logits = (*session)->logits(inputs_.ids(sequence));
        microseconds = std::chrono::duration<double, std::micro>(Clock::now() - start).count();
        if (!logits) return fail(logits.error());
        std::ranges::copy(*logits, out.begin());
      };
    });
    if (failure) return *failure;
    Result<std::vector<train::RowAnswer>> answers = device_answers(entry);
    if (!answers) return answers.error();
    TargetReport target = compare(entry.kernels->name, all.logits, *answers);
    target.median_microseconds = median(all.microseconds);
    if (target.differing_bits_rows > 0) target.first_differing_layer = localise(entry, all.logits);
    return target;
  }

  // Text in, answer out, as the device decides.
  Result<std::vector<train::RowAnswer>> device_answers(const runtime::KernelSetEntry& entry) {
    Result<Session> session = Session::create(model_, entry.kernels->name);
    if (!session) return session.error();
    std::vector<train::RowAnswer> answers;
    std::vector<TaggedSpan> scratch;
    for (std::size_t row = 0; row < rows_.rows(); ++row) {
      Result<train::RowAnswer> answer = device_answer(model_, *session, rows_.text_of(row), scratch);
      if (!answer) return answer.error();
      answers.push_back(*std::move(answer));
    }
    return answers;
  }

  // The earliest step that differs over the first differing sequences.
  std::string localise(const runtime::KernelSetEntry& entry, const train::DatasetLogits& got) {
    if (!trainer_) return "unknown: no checkpoint to compare with";
    Result<Session> session = Session::create(model_, entry.kernels->name);
    if (!session) return {};
    std::size_t traced = 0, earliest = static_cast<std::size_t>(-1);
    std::string name;
    for (std::size_t sequence = 0; sequence < inputs_.sequences() && traced < kTracedSequences; ++sequence) {
      if (same_bits(sequence, got)) continue;
      ++traced;
      TraceRecorder expected_trace, got_trace;
      {
        const runtime::FloatEnvironment environment;
        trainer_->logits(inputs_.ids(sequence), *runtime::select_kernels(), &expected_trace);
      }
      session->set_trace(&got_trace);
      if (!session->logits(inputs_.ids(sequence))) continue;
      const std::size_t step = TraceRecorder::first_difference(expected_trace, got_trace);
      if (step < earliest && step < expected_trace.steps().size()) {
        earliest = step;
        name = expected_trace.steps()[step].name;
      }
    }
    return name;
  }

  // Whole batches.
  Result<TargetReport> run_cuda() {
    if (const std::string why = obstacle(kCuda); !why.empty()) return not_run(kCuda, why);
    const std::vector<std::uint32_t> offsets(inputs_.starts.begin(), inputs_.starts.end());
    double microseconds = 0.0;
    Result<std::vector<float>> values = cuda_logits(model_, inputs_.token_ids, offsets, microseconds);
    if (!values) return values.error();
    train::DatasetLogits logits = train::DatasetLogits::make(inputs_, classes_, reader_.per_token());
    logits.values = *std::move(values);
    TargetReport target = compare(kCuda, logits, reader_.answers(rows_, inputs_, logits));
    target.median_microseconds = microseconds;
    if (target.differing_bits_rows > 0) target.first_differing_layer = "unknown: the CUDA backend is not traced";
    return target;
  }

  TargetReport run_onnx_runtime() {
    if (const std::string why = obstacle(kOnnxRuntime); !why.empty()) return not_run(kOnnxRuntime, why);
    // Its fast byte products are exact only with these instructions. Elsewhere correct answers require the slow ones;
    // here they would only distort its latency.
    const runtime::CpuFeatures cpu = runtime::cpu_features();
    OnnxRuntimeOptions options;
    options.exact_products = !cpu.avx512_vnni && !cpu.avx_vnni;
    Result<OnnxRuntimeSession> session =
        OnnxRuntimeSession::open(request_.onnxruntime_library, request_.onnx_path, options);
    if (!session) return not_run(kOnnxRuntime, session.error().message);
    AllLogits all{train::DatasetLogits::make(inputs_, classes_, reader_.per_token()), {}};
    for (std::size_t sequence = 0; sequence < inputs_.sequences(); ++sequence) {
      const Clock::time_point start = Clock::now();
      const Result<std::vector<float>> logits = session->logits(inputs_.ids(sequence));
      all.microseconds.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
      if (!logits) return not_run(kOnnxRuntime, logits.error().message);
      if (logits->size() != all.logits.sequence(sequence).size())
        return not_run(kOnnxRuntime, "its output has another shape");
      std::ranges::copy(*logits, all.logits.sequence(sequence).begin());
      if (request_.progress && sequence % 64 == 63) request_.progress(kOnnxRuntime, sequence + 1, inputs_.sequences());
    }
    TargetReport target = compare(kOnnxRuntime, all.logits, reader_.answers(rows_, inputs_, all.logits));
    target.median_microseconds = median(all.microseconds);
    return target;
  }

  static TargetReport not_run(const std::string& name, const std::string& why) {
    TargetReport target;
    target.name = name;
    target.why_not = why;
    return target;
  }

  bool same_bits(std::size_t sequence, const train::DatasetLogits& got) const {
    const auto expected = expected_.sequence(sequence), mine = got.sequence(sequence);
    return std::memcmp(expected.data(), mine.data(), expected.size_bytes()) == 0;
  }

  bool row_has_same_bits(std::size_t row, const train::DatasetLogits& got) const {
    for (std::size_t sequence = inputs_.row_sequences[row]; sequence < inputs_.row_sequences[row + 1]; ++sequence) {
      if (!same_bits(sequence, got)) return false;
    }
    return true;
  }

  // Fills in the metrics of one target. The others are compared with the first.
  TargetReport compare(const std::string& name, const train::DatasetLogits& got,
                       const std::vector<train::RowAnswer>& answers) {
    if (expected_.starts.empty()) {
      expected_ = got;
      expected_answers_ = answers;
    }
    TargetReport target;
    target.name = name;
    target.ran = true;
    target.rows = rows_.rows();
    for (std::size_t i = 0; i < got.values.size(); ++i) {
      target.max_abs_logit_diff =
          std::max(target.max_abs_logit_diff, std::abs(double{got.values[i]} - double{expected_.values[i]}));
    }
    for (std::size_t row = 0; row < rows_.rows(); ++row) {
      target.differing_bits_rows += !row_has_same_bits(row, got);
      if (answers[row] == expected_answers_[row]) continue;
      ++target.prediction_changes;
      target.changed_predictions.push_back({std::string(rows_.id_of(row)), std::string(rows_.text_of(row)),
                                            reader_.describe(rows_, row, expected_answers_[row]),
                                            reader_.describe(rows_, row, answers[row])});
    }
    target.answers = answers;
    target.scores = reader_.scores(rows_, answers);
    target.primary_metric = data::ratio(target.scores);
    if (model_.task() == spec::TaskKind::kSingleLabel) {
      target.classification =
          data::classification_metrics(train::TaskReader::classes_of(answers), rows_.label, model_.none_class());
    }
    return target;
  }

  const VerifyRequest& request_;
  const data::ExampleTable& rows_;
  const Model& model_;
  const train::TaskReader& reader_;
  std::uint32_t classes_;
  train::ModelInputs inputs_;
  std::unique_ptr<train::QuantizedStudent> trainer_;
  train::DatasetLogits expected_;
  std::vector<train::RowAnswer> expected_answers_;
  VerifyReport report_;
};

}  // namespace

Result<VerifyReport> verify(const VerifyRequest& request) {
  Result<Model> model = Model::open(request.nog_path);
  if (!model) return model.error();
  const format::TaskContents task = train::task_contents(*model);
  const auto reader = model->view().config.family == spec::Family::kNgram
                          ? train::TaskReader::create(task)
                          : train::TaskReader::create(task, model->tokenizer(), model->max_tokens());
  if (!reader) return reader.error();
  if (request.rows.task != model->task()) {
    return Error{ErrorCode::kBadData,
                 fmt::format("verify: the rows are of a {} task, the model of a {} task. Fix: give the rows "
                             "that belong to this model",
                             spec::task_name(request.rows.task), spec::task_name(model->task()))};
  }
  return Verification(request, *model, **reader).run();
}

}  // namespace noggin::exporter
