#include <fmt/format.h>

#include <chrono>

#include "bytes/atomic_file.h"
#include "data/files/input_file.h"
#include "data/files/json_document.h"
#include "data/shards/shard.h"
#include "export/verify/parity_file.h"
#include "format/writer.h"
#include "kernels/float_environment.h"
#include "noggin/engine.h"
#include "tokenizer/ngram_tokenizer.h"
#include "train/baseline/linear_ngram.h"
#include "train/baseline/quantized_ngram.h"
#include "train/cli/calibration.h"
#include "train/cli/certificate.h"
#include "train/cli/linear_answers.h"
#include "train/cli/provenance.h"
#include "train/cli/reference_counts.h"
#include "train/cli/stages.h"
#include "train/recipe/stage_sections.h"
#include "train/run/failure.h"
#include "train/task/stored_answer.h"

namespace noggin::tool {
namespace {

constexpr std::uint64_t kMaxPredictionsBytes = 16ULL << 30U;

using Clock = std::chrono::steady_clock;
using train::value_or_throw;

LinearSetting setting_of(RunContext& context, const IngestedData& data) {
  return {context.recipe, data.task, data.tokenizer, context.console.progress()};
}

std::string provenance(const RunContext& context, const IngestedData& data, const train::TaskReader& reader,
                       const std::vector<data::RowScore>& scores) {
  Json json = provenance_of(context.recipe);
  json["model"] = "linear n-grams";
  add_score_threshold(json, context.recipe);
  add_data(json, data);
  add_measured(json, context.measured, reader, scores);
  return json.dump();
}

// The words of the student's vocabulary, in a text longer than any n-gram model reads.
std::vector<std::string> golden_texts_for(const RunContext& context, const IngestedData& data,
                                          const data::ExampleTable& dev) {
  return golden_texts(context.recipe.exports, data.tokenizer.vocabulary, train::kNgramsPerText / 4, dev);
}

void write_files(RunContext& context, const IngestedData& data, const train::LinearNgram& model,
                 const data::ExampleTable& rows, const Baseline& files) {
  const runtime::FloatEnvironment environment;
  format::FrozenModel frozen = train::freeze(model, data.task);
  const std::vector<std::byte> section = value_or_throw(runtime::serialize_ngrams(frozen.ngrams));
  const runtime::NgramTokenizer tokenizer = value_or_throw(runtime::NgramTokenizer::bind(section));
  const train::QuantizedNgram forward(frozen.config, frozen.tensors);
  std::vector<std::uint32_t> ids(frozen.config.max_tokens);
  const auto logits_of = [&](std::string_view text) {
    return forward.logits(std::span<const std::uint32_t>(ids).first(tokenizer.encode(text, ids)));
  };
  const DevRows dev_rows(context, data, rows);
  const data::ExampleTable& dev = *dev_rows;
  frozen.task = calibrated(setting_of(context, data), dev, logits_of_texts(dev, logits_of));
  const TextLogits found = logits_of_texts(rows, logits_of);
  train::throw_unless_ok(train::add_golden_vectors(frozen, golden_texts_for(context, data, dev)));
  const auto reader = value_or_throw(train::TaskReader::create(frozen.task));
  frozen.provenance =
      provenance(context, data, *reader, reader->scores(rows, reader->answers(rows, found.inputs, found.logits)));
  const Counts reference = reference_counts(frozen, section, dev);
  train::throw_unless_written(format::write_model(frozen, section, files.nog, &reference));
  const exporter::HeldOutRows measured{*reader, rows, found.inputs, frozen.config.classes};
  Result<exporter::ParityFile> parity = exporter::ParityFile::create(files.parity, frozen.task.labels);
  if (!parity) throw train::Failure::of_writing(parity.error());
  train::throw_unless_written(parity->add({measured, 0, rows.rows()}, found.logits));
  train::throw_unless_written(parity->finish(value_or_throw(Model::open(files.nog)).content_hash()));
}

data::ExampleTable training_rows(const IngestedData& data) {
  return value_or_throw(data::read_shards(data.train_shards));
}

Baseline files_of_baseline(const RunContext& context) {
  return {.nog = context.run.exports() + "/baseline.nog", .parity = context.run.exports() + "/baseline.parity.jsonl"};
}

std::uint64_t baseline_key(const RunContext& context, const IngestedData& data) {
  return train::StageCache::key(
      "baseline", {data.outputs, train::stage_settings(train::Stage::kBaseline, context.recipe) + NOGGIN_VERSION +
                                     fmt::format("\ngold {}\nmeasured on {} and dev", gold_share_of(context.recipe),
                                                 name_of(context.measured))});
}

// The file's answers as on a device, and whether they are exact to the last bit.
void verify_baseline(const data::ExampleTable& rows, Baseline& baseline) {
  exporter::VerifyRequest request;
  request.nog_path = baseline.nog;
  request.rows = &rows;
  baseline.gates = exporter::judge(value_or_throw(exporter::verify(request)), {});
  std::erase_if(baseline.gates, [](const exporter::GateResult& gate) { return gate.detail.starts_with("not judged"); });
  for (exporter::GateResult& gate : baseline.gates) gate.name = kBaselineGate + gate.name;
  baseline.predictions = model_predictions(baseline.nog, rows);
}

Baseline learn_baseline(RunContext& context, const IngestedData& data, const data::ExampleTable& rows) {
  const LinearSetting setting = setting_of(context, data);
  const DevRows dev(context, data, rows);
  std::vector<const data::ExampleTable*> tables = {&*dev};
  if (!dev.are_measured()) tables.push_back(&rows);
  std::vector<Predictions> answers = linear_predictions(setting, training_rows(data), *dev, tables);
  const double dev_quality = data::ratio(reader_of(context, data)->scores(*dev, answers.front().answers));
  return {.predictions = std::move(answers.back()), .dev_quality = dev_quality};
}

// The primary metric of the exported file on dev, which may be what was measured on.
double file_on_dev(const RunContext& context, const IngestedData& data, const data::ExampleTable& rows,
                   const Baseline& baseline) {
  const DevRows dev(context, data, rows);
  const Predictions answers = dev.are_measured() ? baseline.predictions : model_predictions(baseline.nog, *dev);
  return data::ratio(reader_of(context, data)->scores(*dev, answers.answers));
}

Baseline read(const std::string& path, const spec::TaskTraits& task) {
  const train::Failure damaged(train::ExitCode::kBadData, path +
                                                              ": is not what the baseline stage wrote. Fix: remove it, "
                                                              "and run the stage again");
  const auto json = data::parse_json<Json>(value_or_throw(data::read_input_file(path, kMaxPredictionsBytes)));
  if (!json) throw damaged;
  try {
    Baseline baseline{.predictions = {{}, json->at("size_bytes"), json->at("latency_us")},
                      .dev_quality = json->at("dev_quality")};
    for (const train::StoredAnswer& numbers : json->at("answers").get<std::vector<train::StoredAnswer>>())
      baseline.predictions.answers.push_back(train::from_stored(numbers, task));
    return baseline;
  } catch (const Json::exception&) {
    throw damaged;
  }
}

void write(const std::string& path, const Baseline& baseline) {
  std::vector<train::StoredAnswer> answers;
  for (const train::Prediction& answer : baseline.predictions.answers) answers.push_back(train::stored(answer));
  const Json json = {{"size_bytes", baseline.predictions.size_bytes},
                     {"latency_us", baseline.predictions.latency_us},
                     {"dev_quality", baseline.dev_quality},
                     {"answers", answers}};
  const std::string text = json.dump() + "\n";
  train::throw_unless_written(write_file_atomically(path, text.data(), text.size()));
}

}  // namespace

Baseline exported_baseline(RunContext& context, const IngestedData& data, const data::ExampleTable& rows) {
  train::Progress& progress = context.console.progress();
  Baseline baseline = files_of_baseline(context);
  const std::uint64_t key = baseline_key(context, data);
  if (context.cache.is_current("baseline file", key)) {
    progress.note("baseline: its file is unchanged");
  } else {
    progress.note("baseline: training the linear model for its file");
    const Clock::time_point start = Clock::now();
    const train::LinearNgram model =
        learn_ngrams(context.recipe, training_rows(data), context.recipe.baseline.max_features);
    write_files(context, data, model, rows, baseline);
    context.cache.record("baseline file", key, {baseline.nog, baseline.parity},
                         std::chrono::duration<double>(Clock::now() - start).count());
  }
  verify_baseline(rows, baseline);
  baseline.dev_quality = file_on_dev(context, data, rows, baseline);
  progress.note("baseline: wrote and verified " + baseline.nog +
                "; ONNX cannot hash strings, so there is no .onnx of it");
  return baseline;
}

Baseline baseline_stage(RunContext& context, const IngestedData& data, const data::ExampleTable& rows) {
  if (context.recipe.baseline.exported) return exported_baseline(context, data, rows);
  train::Progress& progress = context.console.progress();
  const std::string path = context.run.file("baseline.json");
  const std::uint64_t key = baseline_key(context, data);
  if (context.cache.is_current("baseline", key)) {
    progress.note("baseline: unchanged, skipped");
    return read(path, spec::traits_of(context.recipe.task));
  }
  progress.note("baseline: training the linear model");
  const Clock::time_point start = Clock::now();
  const Baseline baseline = learn_baseline(context, data, rows);
  write(path, baseline);
  context.cache.record("baseline", key, {path}, std::chrono::duration<double>(Clock::now() - start).count());
  return baseline;
}

}  // namespace noggin::tool
