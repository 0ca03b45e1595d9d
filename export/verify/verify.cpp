#include "export/verify/verify.h"

#include <fmt/format.h>

#include <algorithm>
#include <memory>

#include "data/shards/row_subset.h"
#include "export/verify/comparison.h"
#include "export/verify/ngram_trainer.h"
#include "export/verify/oracle.h"
#include "export/verify/targets.h"
#include "export/verify/trainer_target.h"
#include "format/reader.h"
#include "kernels/kernel_set.h"
#include "noggin/engine.h"
#include "tokenizer/wordpiece.h"
#include "train/checkpoint/checkpoint.h"
#include "train/compress/quantize_student.h"

namespace noggin::exporter {
namespace {

constexpr std::size_t kOracleSequences = 32;

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
        rows_(*request.rows),
        model_(model),
        reader_(reader),
        classes_(static_cast<std::uint32_t>(model.labels().size())),
        inputs_(device_inputs(reader, *request.rows, model)) {}

  Result<VerifyReport> run() {
    report_.primary_metric_name = reader_.primary_metric_name();
    if (Status status = check_request(); !status) return status.error();
    if (Status status = make_trainer(); !status) return status.error();
    auto targets = make_targets(asked_for(), {model_, request_.onnx_path, request_.onnxruntime_library});
    const auto reference = std::ranges::find(targets, runtime::reference_kernels().name, &name_of);
    const std::ptrdiff_t place = reference - targets.begin();
    std::vector<std::unique_ptr<Target>> sampled;  // the reference, or none
    if (asks_for_a_sample() && reference != targets.end()) {
      sampled.push_back(std::move(*reference));
      targets.erase(reference);
    }
    Result<Comparison> compared =
        compare_targets({reader_, rows_, inputs_, classes_}, trainer_.get(), targets, {.progress = request_.progress});
    if (!compared) return compared.error();
    report_.trainer_checked = trainer_ != nullptr;
    report_.answers = std::move(compared->answers);
    report_.training = std::move(compared->training);
    report_.stated = std::move(compared->stated);
    report_.targets = std::move(compared->targets);
    if (!sampled.empty()) {
      Result<std::vector<TargetReport>> reports = compare_on_a_sample(sampled);
      if (!reports) return reports.error();
      report_.targets.insert(report_.targets.begin() + place, reports->begin(), reports->end());
    }
    for (const TargetReport& target : report_.targets) {
      if (!target.ran && named(target.name)) return cannot_run(target.name, target.why_not);
    }
    return std::move(report_);
  }

 private:
  bool is_ngram() const { return model_.view().config.family == spec::Family::kNgram; }
  bool named(const std::string& name) const {
    return std::ranges::find(request_.targets, name) != request_.targets.end();
  }

  static const std::string& name_of(const std::unique_ptr<Target>& target) { return target->name(); }

  // Whether the reference is to answer fewer rows than the others. Not without a trainer: then it may be what they are
  // compared with.
  bool asks_for_a_sample() const {
    return request_.reference_rows > 0 && request_.reference_rows < rows_.rows() && trainer_ != nullptr;
  }

  // request_.reference_rows of the rows, evenly spread.
  Result<std::vector<TargetReport>> compare_on_a_sample(const std::vector<std::unique_ptr<Target>>& targets) {
    std::vector<std::uint32_t> rows(request_.reference_rows);
    for (std::size_t i = 0; i < rows.size(); ++i) rows[i] = static_cast<std::uint32_t>(i * rows_.rows() / rows.size());
    const data::ExampleTable sample = data::rows_at(rows_, rows);
    const train::ModelInputs inputs = device_inputs(reader_, sample, model_);
    Result<Comparison> compared = compare_targets({reader_, sample, inputs, classes_}, trainer_.get(), targets, {});
    if (!compared) return compared.error();
    for (TargetReport& report : compared->targets) {
      if (report.first_differing_row) report.first_differing_row = rows[*report.first_differing_row];
      for (PredictionChange& change : report.changed_predictions) change.row = rows[change.row];
    }
    return std::move(compared->targets);
  }

  // A required target runs also where "all" alone would leave it out (targets.h).
  std::vector<std::string> asked_for() const {
    std::vector<std::string> names = request_.targets;
    if (names.empty() || named(kAllTargets)) {
      names.emplace_back(kAllTargets);
      names.insert(names.end(), request_.required_targets.begin(), request_.required_targets.end());
    }
    return names;
  }

  Status check_request() const {
    if (Status status = check_targets(request_.targets); !status) return status;
    for (const std::string& name : request_.targets) {
      const std::string why = target_obstacle(name, model_.view().config, request_.onnx_path);
      if (!why.empty()) return cannot_run(name, why);
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

  // The trainer's side, if there is one; checked against the oracle.
  Status make_trainer() {
    if (is_ngram()) {
      auto trainer = std::make_unique<NgramTrainerTarget>(ngram_trainer(model_.view()));
      take(check_ngrams_against_oracle(model_.view(), trainer->trainer(), inputs_, kOracleSequences));
      trainer_ = std::move(trainer);
      return {};
    }
    if (request_.checkpoint_path.empty()) {
      if (!reader_.per_token()) compare_tokens(reader_.inputs(rows_));
      return {};
    }
    Result<train::StudentBundle> bundle = train::read_bundle(request_.checkpoint_path);
    if (!bundle) return bundle.error();
    return make_trainer(*bundle);
  }

  // Checkpoint -> its own modules -> quantized forward; never the .nog file.
  Status make_trainer(const train::StudentBundle& bundle) {
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
    auto trainer = std::make_unique<StudentTarget>(bundle.student.config, tensors, *kernels);
    take(check_against_oracle(bundle.student.config, tensors, trainer->student(), inputs_, kOracleSequences));
    trainer_ = std::move(trainer);
    return {};
  }

  void take(const OracleResult& oracle) {
    report_.oracle_rows = oracle.rows;
    report_.oracle_values = oracle.values;
    report_.oracle_violations = oracle.violations;
    report_.oracle_worst_step = oracle.worst_step;
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

  const VerifyRequest& request_;
  const data::ExampleTable& rows_;
  const Model& model_;
  const train::TaskReader& reader_;
  std::uint32_t classes_;
  train::ModelInputs inputs_;
  std::unique_ptr<Target> trainer_;
  VerifyReport report_;
};

}  // namespace

Result<VerifyReport> verify(const VerifyRequest& request) {
  Result<Model> model = Model::open(request.nog_path);
  if (!model) return model.error();
  if (request.rows == nullptr) return Error{ErrorCode::kInvalidArgument, "verify: no rows given"};
  const format::TaskContents task = train::task_contents(*model);
  const auto reader = model->view().config.family == spec::Family::kNgram
                          ? train::TaskReader::create(task)
                          : train::TaskReader::create(task, model->tokenizer(), model->max_tokens());
  if (!reader) return reader.error();
  if (request.rows->task != model->task()) {
    return Error{ErrorCode::kBadData,
                 fmt::format("verify: the rows are of a {} task, the model of a {} task. Fix: give the rows "
                             "that belong to this model",
                             spec::task_name(request.rows->task), spec::task_name(model->task()))};
  }
  return Verification(request, *model, **reader).run();
}

}  // namespace noggin::exporter
