#include "export/verify/verify.h"

#include <ATen/Parallel.h>
#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <chrono>
#include <cmath>
#include <cstring>
#include <mutex>
#include <optional>

#include "data/classification_metrics.h"
#include "export/verify/cuda_target.h"
#include "export/verify/onnx_runtime.h"
#include "export/verify/oracle.h"
#include "export/verify/trace_recorder.h"
#include "kernels/cpu_features.h"
#include "kernels/float_environment.h"
#include "kernels/kernel_set.h"
#include "noggin/engine.h"
#include "tokenizer/wordpiece.h"
#include "train/compress/quantize_student.h"
#include "train/compress/quantized_forward.h"
#include "train/loop/checkpoint.h"

namespace noggin::exporter {
namespace {

using Clock = std::chrono::steady_clock;

constexpr const char* kAll = "all";
constexpr const char* kCuda = "cuda";
constexpr const char* kOnnxRuntime = "onnxruntime";
constexpr const char* kNoOnnxFile = "no .onnx file";
constexpr const char* kNotExecutable = "this machine does not execute it";
constexpr std::size_t kTracedRows = 16;   // differing rows that are traced to find the first step
constexpr std::size_t kOracleRows = 32;
constexpr std::int64_t kRowsPerTask = 16;

std::int32_t argmax(std::span<const float> logits) {
  return static_cast<std::int32_t>(std::max_element(logits.begin(), logits.end()) - logits.begin());
}

double median(std::vector<double>& values) {
  if (values.empty()) return 0.0;
  const auto middle = values.begin() + static_cast<std::ptrdiff_t>(values.size() / 2);
  std::nth_element(values.begin(), middle, values.end());
  return *middle;
}

// Logits of every row and how long one row took.
struct AllLogits {
  std::vector<float> values;         // [rows, C]
  std::vector<double> microseconds;  // [rows]
};

class Verification {
 public:
  Verification(const VerifyRequest& request, const Model& model)
      : request_(request), rows_(request.rows), model_(model), classes_(model.labels().size()) {}

  Result<VerifyReport> run() {
    if (Status status = check_request(); !status) return status.error();
    if (!request_.checkpoint_path.empty()) {
      Result<train::StudentBundle> bundle = train::read_bundle(request_.checkpoint_path);
      if (!bundle) return bundle.error();
      if (Status status = run_trainer(*bundle); !status) return status.error();
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
  bool named(const std::string& name) const { return std::ranges::find(request_.targets, name) != request_.targets.end(); }
  bool all() const { return request_.targets.empty() || named(kAll); }
  bool wanted(const std::string& name) const { return all() || named(name); }

  // What keeps a target from running, as far as that shows before the rows go through; empty when nothing does.
  std::string obstacle(const std::string& name) const {
    if (name == kCuda) return cuda_obstacle();
    if (name == kOnnxRuntime) return request_.onnx_path.empty() ? kNoOnnxFile : "";
    return name == kAll || runtime::find_kernels(name.c_str()) != nullptr ? "" : kNotExecutable;
  }

  static Error cannot_run(const std::string& name, const std::string& why) {
    return {ErrorCode::kUnsupported, fmt::format("verify: the target '{}' was asked for by name and cannot run: {}. Fix: leave "
                                                 "it out, or ask for all, which reports it as not run", name, why)};
  }

  Status check_request() const {
    if (Status status = check_targets(request_.targets); !status) return status;
    for (const std::string& name : request_.targets) {
      if (const std::string why = obstacle(name); !why.empty()) return cannot_run(name, why);
    }
    if (rows_.rows() == 0) return Error{ErrorCode::kBadData, "verify: the held-out set has no rows. Fix: check data.test"};
    if (rows_.classes != classes_) {
      return Error{ErrorCode::kBadData, fmt::format("verify: the rows have {} classes, the model {}. Fix: give the rows "
                                                    "that belong to this model", rows_.classes, classes_)};
    }
    return {};
  }

  template <typename LogitsOfRow>
  void each_row(const std::string& stage, AllLogits& all, const LogitsOfRow& logits_of_row) {
    all.values.resize(rows_.rows() * classes_);
    all.microseconds.resize(rows_.rows());
    std::mutex progress_mutex;
    std::uint64_t done = 0;
    at::parallel_for(0, static_cast<std::int64_t>(rows_.rows()), kRowsPerTask, [&](std::int64_t begin, std::int64_t end) {
      auto worker = logits_of_row();
      for (std::int64_t i = begin; i < end; ++i) {
        const auto row = static_cast<std::size_t>(i);
        worker(row, all.values.data() + row * classes_, all.microseconds[row]);
        if (request_.progress && i % 64 == 63) {
          const std::lock_guard lock(progress_mutex);
          request_.progress(stage, done += 64, rows_.rows());
        }
      }
    });
  }

  // --- the trainer's side: checkpoint -> its own modules -> quantized forward; never the .nog file -----------------------

  Status run_trainer(const train::StudentBundle& bundle) {
    if (bundle.student.config.classes != classes_) {
      return Error{ErrorCode::kBadData, request_.checkpoint_path + ": has another number of classes than " +
                                            request_.nog_path + ". Fix: give the checkpoint it was exported from"};
    }
    const auto tensors = train::quantize_student(bundle.student);
    trainer_ = std::make_unique<train::QuantizedStudent>(bundle.student.config, tensors);
    const runtime::KernelSet* kernels = runtime::select_kernels();
    if (kernels == nullptr) {
      return Error{ErrorCode::kInvalidArgument, "NOGGIN_FORCE_ISA names a kernel set that does not run here. Fix: unset it"};
    }
    AllLogits all;
    each_row("trainer", all, [&] {
      return [&](std::size_t row, float* out, double& microseconds) {
        const runtime::FloatEnvironment environment;
        const Clock::time_point start = Clock::now();
        const std::vector<float> logits = trainer_->logits(rows_.tokens_of(row), *kernels);
        microseconds = std::chrono::duration<double, std::micro>(Clock::now() - start).count();
        std::ranges::copy(logits, out);
      };
    });
    report_.trainer_checked = true;
    expected_ = std::move(all.values);
    const OracleResult oracle = check_against_oracle(bundle.student.config, tensors, *trainer_, rows_, kOracleRows);
    report_.oracle_rows = oracle.rows;
    report_.oracle_values = oracle.values;
    report_.oracle_violations = oracle.violations;
    report_.oracle_worst_step = oracle.worst_step;

    const TargetReport figures = compare("trainer", expected_);
    report_.training_rows = figures.rows;
    report_.training_accuracy = figures.accuracy;
    report_.training_in_scope_accuracy = figures.in_scope_accuracy;
    report_.training_none_recall = figures.none_recall;
    report_.training_logits = expected_;
    for (std::size_t i = 0; i < rows_.rows(); ++i) {
      report_.training_predictions.push_back(argmax({expected_.data() + i * classes_, classes_}));
    }
    return {};
  }

  // --- the device's side ------------------------------------------------------------------------------------------------

  Result<TargetReport> run_kernel_set(const runtime::KernelSetEntry& entry) {
    if (!entry.executable) return not_run(entry.kernels->name, kNotExecutable);
    AllLogits all;
    std::mutex mutex;
    std::optional<Error> failure;
    std::uint64_t cut_differently = 0;
    each_row(entry.kernels->name, all, [&] {
      auto session = std::make_shared<Result<Session>>(Session::create(model_, entry.kernels->name));
      return [&, session](std::size_t row, float* out, double& microseconds) {
        if (!*session) {
          const std::lock_guard lock(mutex);
          failure = session->error();
          return;
        }
        const auto ids = (*session)->tokenize(rows_.text_of(row));
        const bool same_ids = std::ranges::equal(ids, rows_.tokens_of(row));
        const Clock::time_point start = Clock::now();
        const Result<std::span<const float>> logits = (*session)->logits(ids);
        microseconds = std::chrono::duration<double, std::micro>(Clock::now() - start).count();
        const std::lock_guard lock(mutex);
        cut_differently += !same_ids;
        if (!logits) failure = logits.error();
        else std::ranges::copy(*logits, out);
      };
    });
    if (failure) return *failure;
    report_.tokenization_differences = std::max(report_.tokenization_differences, cut_differently);
    TargetReport target = compare(entry.kernels->name, all.values);
    target.median_microseconds = median(all.microseconds);
    if (target.differing_bits_rows > 0) target.first_differing_layer = localise(entry, all.values);
    return target;
  }

  // The earliest step that differs over the first differing rows.
  std::string localise(const runtime::KernelSetEntry& entry, const std::vector<float>& got) {
    if (!trainer_) return "unknown: no checkpoint to compare with";
    Result<Session> session = Session::create(model_, entry.kernels->name);
    if (!session) return {};
    std::size_t traced = 0, earliest = static_cast<std::size_t>(-1);
    std::string name;
    for (std::size_t row = 0; row < rows_.rows() && traced < kTracedRows; ++row) {
      if (same_bits(row, got)) continue;
      ++traced;
      TraceRecorder expected_trace, got_trace;
      {
        const runtime::FloatEnvironment environment;
        trainer_->logits(rows_.tokens_of(row), *runtime::select_kernels(), &expected_trace);
      }
      session->set_trace(&got_trace);
      if (!session->logits(session->tokenize(rows_.text_of(row)))) continue;
      const std::size_t step = TraceRecorder::first_difference(expected_trace, got_trace);
      if (step < earliest && step < expected_trace.steps().size()) {
        earliest = step;
        name = expected_trace.steps()[step].name;
      }
    }
    return name;
  }

  // Whole batches, cut by the .nog file's own tokenizer as on the device.
  Result<TargetReport> run_cuda() {
    if (const std::string why = obstacle(kCuda); !why.empty()) return not_run(kCuda, why);
    std::vector<std::uint32_t> all_ids, offsets{0}, ids(model_.max_tokens());
    std::uint64_t cut_differently = 0;
    for (std::size_t row = 0; row < rows_.rows(); ++row) {
      const std::span<const std::uint32_t> cut(ids.data(), model_.tokenizer().encode(rows_.text_of(row), ids));
      cut_differently += !std::ranges::equal(cut, rows_.tokens_of(row));
      all_ids.insert(all_ids.end(), cut.begin(), cut.end());
      offsets.push_back(static_cast<std::uint32_t>(all_ids.size()));
    }
    double microseconds = 0.0;
    Result<std::vector<float>> logits = cuda_logits(model_, all_ids, offsets, microseconds);
    if (!logits) return logits.error();
    report_.tokenization_differences = std::max(report_.tokenization_differences, cut_differently);
    TargetReport target = compare(kCuda, *logits);
    target.median_microseconds = microseconds;
    if (target.differing_bits_rows > 0) target.first_differing_layer = "unknown: the CUDA backend is not traced";
    return target;
  }

  TargetReport run_onnx_runtime() {
    if (request_.onnx_path.empty()) return not_run(kOnnxRuntime, kNoOnnxFile);
    // Its fast byte products are exact only with these instructions; slowing it down elsewhere is the price of right
    // answers, here it would only falsify its latency.
    const runtime::CpuFeatures cpu = runtime::cpu_features();
    OnnxRuntimeOptions options;
    options.exact_products = !cpu.avx512_vnni && !cpu.avx_vnni;
    Result<OnnxRuntimeSession> session =
        OnnxRuntimeSession::open(request_.onnxruntime_library, request_.onnx_path, options);
    if (!session) return not_run(kOnnxRuntime, session.error().message);
    AllLogits all;
    all.values.resize(rows_.rows() * classes_);
    for (std::size_t row = 0; row < rows_.rows(); ++row) {
      const Clock::time_point start = Clock::now();
      const Result<std::vector<float>> logits = session->logits(rows_.tokens_of(row));
      all.microseconds.push_back(std::chrono::duration<double, std::micro>(Clock::now() - start).count());
      if (!logits) return not_run(kOnnxRuntime, logits.error().message);
      std::ranges::copy(*logits, all.values.begin() + static_cast<std::ptrdiff_t>(row * classes_));
      if (request_.progress && row % 64 == 63) request_.progress(kOnnxRuntime, row + 1, rows_.rows());
    }
    TargetReport target = compare(kOnnxRuntime, all.values);
    target.median_microseconds = median(all.microseconds);
    return target;
  }

  static TargetReport not_run(const std::string& name, const std::string& why) {
    TargetReport target;
    target.name = name;
    target.why_not = why;
    return target;
  }

  bool same_bits(std::size_t row, const std::vector<float>& got) const {
    return std::memcmp(expected_.data() + row * classes_, got.data() + row * classes_, classes_ * sizeof(float)) == 0;
  }

  // Figures of one target; the first set of logits becomes what the others are held against when there is no trainer.
  TargetReport compare(const std::string& name, const std::vector<float>& got) {
    if (expected_.empty()) expected_ = got;
    TargetReport target;
    target.name = name;
    target.ran = true;
    target.rows = rows_.rows();
    std::vector<std::int32_t> answers;
    for (std::size_t row = 0; row < rows_.rows(); ++row) {
      const std::span<const float> mine(got.data() + row * classes_, classes_);
      const std::span<const float> reference(expected_.data() + row * classes_, classes_);
      const std::int32_t answer = argmax(mine), wanted_answer = argmax(reference);
      target.differing_bits_rows += !same_bits(row, got);
      for (std::size_t c = 0; c < classes_; ++c) {
        target.max_abs_logit_diff = std::max(target.max_abs_logit_diff, std::abs(double{mine[c]} - double{reference[c]}));
      }
      if (answer != wanted_answer) {
        ++target.flips;
        target.flipped.push_back({std::string(rows_.id_of(row)), std::string(rows_.text_of(row)), label(wanted_answer),
                                  label(answer)});
      }
      answers.push_back(answer);
    }
    const data::ClassificationMetrics metrics = data::classification_metrics(answers, rows_.label, model_.none_class());
    target.accuracy = metrics.accuracy;
    target.in_scope_accuracy = metrics.in_scope_accuracy;
    target.none_recall = metrics.none_recall;
    return target;
  }

  std::string label(std::int32_t index) const { return std::string(model_.labels()[static_cast<std::size_t>(index)]); }

  const VerifyRequest& request_;
  const data::RowBlock& rows_;
  const Model& model_;
  std::size_t classes_;
  std::unique_ptr<train::QuantizedStudent> trainer_;
  std::vector<float> expected_;  // [rows, C]
  VerifyReport report_;
};

}  // namespace

std::vector<std::string> known_targets() {
  std::vector<std::string> names;
  const runtime::KernelSetList sets = runtime::kernel_sets();
  for (std::size_t i = 0; i < sets.count; ++i) names.emplace_back(sets.entries[i].kernels->name);
  names.insert(names.end(), {kCuda, kOnnxRuntime});
  return names;
}

Status check_targets(const std::vector<std::string>& targets) {
  const std::vector<std::string> known = known_targets();
  for (const std::string& name : targets) {
    if (name == kAll || std::ranges::find(known, name) != known.end()) continue;
    return Error{ErrorCode::kInvalidArgument,
                 fmt::format("verify: there is no target '{}'. Targets: all, {}", name, fmt::join(known, ", "))};
  }
  return {};
}

Result<VerifyReport> verify(const VerifyRequest& request) {
  Result<Model> model = Model::open(request.nog_path);
  if (!model) return model.error();
  return Verification(request, *model).run();
}

}  // namespace noggin::exporter
