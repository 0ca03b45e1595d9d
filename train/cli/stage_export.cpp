#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <iterator>

#include "bytes/atomic_file.h"
#include "bytes/hex.h"
#include "data/shards/shard.h"
#include "export/freeze.h"
#include "export/onnx/onnx_export.h"
#include "export/plan/golden_texts.h"
#include "export/verify/parity_file.h"
#include "export/verify/trainer_target.h"
#include "format/file_layout.h"
#include "format/writer.h"
#include "noggin/engine.h"
#include "spec/tensor_table.h"
#include "tokenizer/wordpiece.h"
#include "train/checkpoint/checkpoint.h"
#include "train/cli/calibration.h"
#include "train/cli/provenance.h"
#include "train/cli/reference_counts.h"
#include "train/cli/shipping.h"
#include "train/cli/stages.h"
#include "train/compress/quantize_student.h"
#include "train/loop/evaluate.h"
#include "train/recipe/stage_sections.h"
#include "train/run/failure.h"
#include "train/run/stale_results.h"
#include "train/run/stop_signal.h"

namespace noggin::tool {
namespace {

using train::value_or_throw;

// The number of floats of a student before quantization, as a file would hold them.
std::uint64_t float_bytes(const spec::ModelConfig& config) {
  std::uint64_t floats = 0;
  for (const spec::TensorSpec& tensor : spec::tensor_table(config)) {
    if (tensor.kind == spec::TensorKind::kActivationScale) continue;
    floats += std::uint64_t{tensor.rows} * tensor.columns;
    if (tensor.kind == spec::TensorKind::kLinear && !tensor.input_scale.empty()) floats += tensor.rows;  // bias
  }
  return floats * sizeof(float);
}

train::DatasetLogits logits_of(const train::StudentBundle& bundle, const train::ModelInputs& inputs) {
  return bundle.quantized ? train::quantized_logits(bundle.student, inputs)
                          : train::float_logits(bundle.student, inputs);
}

// The trainer's exact quantized forward on rows that it forgets again: their answers, and their lines of parity.jsonl.
std::vector<train::Prediction> answers_with_parity(const train::StudentBundle& bundle,
                                                   const exporter::HeldOutRows& rows, exporter::ParityFile& parity) {
  exporter::StudentTarget student(bundle.student.config, train::quantize_student(bundle.student),
                                  *runtime::select_kernels());
  std::vector<train::Prediction> answers;
  train::DatasetLogits logits;
  std::vector<double> unused_times;
  for (std::size_t begin = 0; begin < rows.rows.rows();) {
    const exporter::Chunk chunk = exporter::chunk_from(rows, begin);
    begin = chunk.end;
    train::StopSignal::throw_if_requested("export was", "Nothing was written; the same command goes on from here");
    chunk.make_room(logits);
    train::throw_unless_ok(student.logits(chunk, logits, unused_times));
    std::ranges::move(value_or_throw(student.answers(chunk, logits)), std::back_inserter(answers));
    train::throw_unless_written(parity.add(chunk, logits));
  }
  return answers;
}

// A student on rows of a task that answers per text, or per token, in windows.
std::vector<train::Prediction> answers_of(const train::StudentBundle& bundle, const train::TaskReader& reader,
                                          const data::ExampleTable& rows) {
  const train::ModelInputs inputs = reader.inputs(rows);
  if (reader.per_token()) return reader.answers(rows, inputs, logits_of(bundle, inputs));
  std::vector<train::Prediction> answers(rows.rows());  // a sequence is a row
  const auto take = [&](std::size_t row, std::span<const float> logits) {
    answers[row] = reader.answer_of_text(logits);
  };
  if (bundle.quantized)
    train::each_quantized_logits(bundle.student, inputs, take);
  else
    train::each_float_logits(bundle.student, inputs, take);
  return answers;
}

ExportedModel files_of(const RunContext& context) {
  const std::string folder = context.run.exports();
  return {folder + "/model.nog", context.recipe.exports.onnx ? folder + "/model.onnx" : std::string(),
          folder + "/parity.jsonl",
          spec::traits_of(context.recipe.task).abstains ? folder + "/cascade.json" : std::string()};
}

}  // namespace

std::vector<std::string> golden_texts(const train::ExportRecipe& recipe, const std::vector<std::string>& vocabulary,
                                      std::size_t max_tokens, const data::ExampleTable& dev) {
  std::vector<std::size_t> rows;  // whose text a file may hold
  for (std::size_t row = 0; row < dev.rows(); ++row) {
    if (recipe.golden_from_data && dev.text_of(row).size() <= format::kMaxGoldenTextBytes) rows.push_back(row);
  }
  std::vector<std::string> texts;
  const std::size_t count = std::min<std::size_t>(recipe.golden_rows, rows.size());
  for (std::size_t i = 0; i < count; ++i) texts.emplace_back(dev.text_of(rows[i * rows.size() / count]));
  return texts.empty() ? exporter::synthetic_golden_texts(vocabulary, max_tokens, recipe.golden_rows) : texts;
}

std::vector<std::string> ExportedModel::outputs() const {
  std::vector<std::string> paths = {nog, parity};
  if (!cascade.empty()) paths.push_back(cascade);
  if (!onnx.empty()) paths.insert(paths.begin() + 1, onnx);
  return paths;
}

Predictions checkpoint_predictions(const RunContext* context, const std::string& checkpoint,
                                   const data::ExampleTable& rows) {
  train::StudentBundle bundle = value_or_throw(train::read_bundle(checkpoint));
  if (context != nullptr && context->recipe.cascade.calibrate && rows.has_values()) {
    const data::ExampleTable dev = value_or_throw(data::read_shards(ingested(*context).dev_shards));
    const auto uncalibrated =
        value_or_throw(train::TaskReader::create(bundle.task, bundle.tokenizer, bundle.student.config.max_tokens));
    calibrate_values(dev, logits_of(bundle, uncalibrated->inputs(dev)), bundle.task);
  }
  const auto reader =
      value_or_throw(train::TaskReader::create(bundle.task, bundle.tokenizer, bundle.student.config.max_tokens));
  return {answers_of(bundle, *reader, rows), float_bytes(bundle.student.config), 0.0};
}

std::unique_ptr<const train::TaskReader> reader_of(const RunContext& context, const IngestedData& data) {
  return value_or_throw(train::TaskReader::create(data.task, data.tokenizer, context.recipe.tokenizer.max_tokens));
}

ExportedModel export_stage(RunContext& context, const IngestedData& data, const TrainedStudent& student) {
  train::Progress& progress = context.console.progress();
  std::vector<std::string> inputs = data.outputs;
  inputs.push_back(student.final_checkpoint);
  const std::uint64_t key =
      train::StageCache::key("export", {inputs, train::stage_settings(train::Stage::kExport, context.recipe) +
                                                    NOGGIN_VERSION + "\nmeasured on " + name_of(context.measured)});
  const ExportedModel files = files_of(context);
  restore_rejected(files.outputs());  // another gate may judge them otherwise
  if (context.cache.is_current("export", key)) {
    progress.note("export: unchanged, skipped");
    return files;
  }
  progress.note("export: freezing " + student.final_checkpoint);
  context.cache.forget("export");
  train::mark_stale(context.run, "another model has been exported since");
  const auto start = std::chrono::steady_clock::now();
  const train::StudentBundle bundle = value_or_throw(train::read_bundle(student.final_checkpoint));
  if (!bundle.quantized) {
    throw train::Failure(train::ExitCode::kUsage,
                         student.final_checkpoint +
                             " has no activation scales: no qat phase has run. Fix: "
                             "end the recipe's phases with - kind: qat (epochs: 0 only calibrates)");
  }
  const auto reader = reader_of(context, data);
  const data::ExampleTable rows = value_or_throw(data::read_shards(data.held_out(context.measured)));
  const DevRows dev_rows(context, data, rows);
  const data::ExampleTable& dev = *dev_rows;
  const train::ModelInputs dev_inputs = reader->inputs(dev);
  const Calibration calibration =
      calibrate(context.recipe, *reader, dev, dev_inputs, train::quantized_logits(bundle.student, dev_inputs));
  const train::ModelInputs inputs_of_rows = reader->inputs(rows);
  Result<exporter::ParityFile> parity = exporter::ParityFile::create(files.parity, calibration.task.labels);
  if (!parity) throw train::Failure::of_writing(parity.error());
  const std::vector<train::Prediction> answers =
      answers_with_parity(bundle, {*reader, rows, inputs_of_rows, bundle.student.config.classes}, *parity);

  format::FrozenModel model = exporter::freeze(bundle.student, bundle.tokenizer, calibration.task);
  train::throw_unless_ok(exporter::add_golden_vectors(
      model, golden_texts(context.recipe.exports, model.tokenizer.vocabulary, bundle.student.config.max_tokens, dev)));
  model.provenance = student_provenance(context.recipe, context.measured, *reader,
                                        {data_hashes(data), hex(train::hash_file(student.final_checkpoint)),
                                         bundle.history, reader->scores(rows, answers)});
  const std::vector<std::byte> section = value_or_throw(runtime::serialize_tokenizer(model.tokenizer));
  const Counts reference = reference_counts(model, section, dev);
  train::throw_unless_written(format::write_model(model, section, files.nog, &reference));
  if (!files.onnx.empty()) train::throw_unless_written(exporter::write_onnx(model, files.onnx));
  if (!files.cascade.empty()) {
    const std::string text = calibration.cascade_json.dump(2) + "\n";
    train::throw_unless_written(write_file_atomically(files.cascade, text.data(), text.size()));
    progress.note(calibration.cascade_text);
  }
  train::throw_unless_written(parity->finish(value_or_throw(Model::open(files.nog)).content_hash()));
  context.cache.record("export", key, files.outputs(),
                       std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count());
  return files;
}

}  // namespace noggin::tool
