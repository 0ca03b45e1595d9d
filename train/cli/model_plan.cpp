#include "train/cli/model_plan.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "bytes/hex.h"
#include "export/plan/golden_texts.h"
#include "tokenizer/wordpiece.h"
#include "train/checkpoint/resume_files.h"
#include "train/cli/provenance.h"
#include "train/loop/job_settings.h"
#include "train/loop/phase_history.h"
#include "train/loop/precision.h"
#include "train/recipe/declared_checks.h"
#include "train/recipe/recipe_fields.h"
#include "train/run/failure.h"

namespace noggin::tool {
namespace {

using train::value_or_throw;

// Any values that make the file store what the finished one will: calibration fits them where dev has gold, which
// ingest asks for.
format::TaskContents planned_task(const train::Recipe& recipe, const data::LabelSet& labels) {
  constexpr float kFitted = 0.5F;
  format::TaskContents task = value_or_throw(train::task_of(recipe, labels));
  const spec::TaskTraits& traits = spec::traits_of(recipe.task);
  if (recipe.cascade.calibrate) task.temperature = kFitted;
  if (recipe.cascade.accuracy + recipe.cascade.escalation > 0.0) task.abstain_below = kFitted;
  if (traits.is_number()) task.thresholds = {kFitted};
  const bool one_each = traits.activation == spec::Activation::kSigmoid && !traits.is_number();
  if (recipe.cascade.calibrate && one_each) task.thresholds.assign(task.labels.size(), kFitted);
  return task;
}

// Of the size that the finished model's will have: figures count as the widest.
std::string planned_provenance(const train::Recipe& recipe, const format::TaskContents& task, const KnownTexts& known) {
  const auto reader = value_or_throw(train::TaskReader::create(task, known.tokenizer, recipe.tokenizer.max_tokens));
  StudentFacts facts{Json::object(), hex(0), {}, {{1.0, 1.0}}};
  for (const std::string& name : known.ingest_files) facts.data_hashes[name] = hex(0);
  train::PhaseResult last;
  last.phase = train::phase_kind_name(train::PhaseKind::kQat);
  facts.history = train::phase_history(recipe.name, train::TrainingFingerprint{}.text(), last,
                                       train::precision_name(train::Precision::kFp32));
  return student_provenance(recipe, HeldOut::kDev, *reader, facts);
}

std::vector<exporter::Removal> removals_of(const train::Recipe& recipe) {
  std::vector<exporter::Removal> removals;
  for (const train::Phase& phase : recipe.phases)
    if (phase.kind == train::PhaseKind::kPrune)
      removals.push_back({phase.heads_fraction, phase.ffn_fraction, phase.word_width});
  return removals;
}

exporter::PlannedFile file_of(const train::Recipe& recipe, const spec::ModelConfig& config,
                              const runtime::TokenizerContents& tokenizer, exporter::FileContents contents,
                              const std::vector<std::string>& golden) {
  contents.config = config;
  contents.config.vocabulary_size = static_cast<std::uint32_t>(tokenizer.vocabulary.size());
  contents.tokenizer = tokenizer;
  contents.golden_texts = !golden.empty() ? golden
                                          : exporter::synthetic_golden_texts(tokenizer.vocabulary, config.max_tokens,
                                                                             recipe.exports.golden_rows);
  return value_or_throw(exporter::planned_file(contents));
}

Json json_of_times(const exporter::TimedSession& timed) {
  Json texts = Json::array();
  for (const exporter::TimedText& text : timed.texts) {
    texts.push_back({{"tokens", text.tokens},
                     {"lower_quartile_us", text.lower_quartile_us},
                     {"median_us", text.median_us},
                     {"upper_quartile_us", text.upper_quartile_us},
                     {"answers", text.answers}});
  }
  return {{"kernel_set", timed.kernel_set}, {"threads", 1}, {"session_bytes", timed.session_bytes}, {"texts", texts}};
}

}  // namespace

std::string parts_text(const exporter::FileParts& parts) {
  return fmt::format("word table {}, layers {}, classifier {}, vocabulary {}, the rest {}",
                     train::format_count(parts.words), train::format_count(parts.layers),
                     train::format_count(parts.classifier), train::format_count(parts.vocabulary),
                     train::format_count(parts.rest));
}

std::string ModelPlan::size_text() const {
  const std::uint64_t least = smallest.parts.total, most = largest.parts.total;
  return least == most ? train::format_count(most) + " bytes"
                       : fmt::format("{} to {} bytes", train::format_count(least), train::format_count(most));
}

ModelPlan plan_model(const train::Recipe& recipe, const data::LabelSet& labels, const KnownTexts& known) {
  exporter::FileContents contents;
  contents.task = planned_task(recipe, labels);
  contents.provenance = planned_provenance(recipe, contents.task, known);
  ModelPlan plan;
  plan.shape =
      exporter::pruned_shapes(train::model_config(recipe, known.tokenizer, contents.task), removals_of(recipe));
  plan.smallest = file_of(recipe, plan.shape.smallest, known.tokenizer, contents, known.golden_texts);
  const bool one_file = plan.shape.exact() && !known.largest_tokenizer;
  plan.largest = one_file ? plan.smallest
                          : file_of(recipe, plan.shape.largest, known.largest_tokenizer.value_or(known.tokenizer),
                                    contents, known.golden_texts);
  plan.unknown = known.unknown;
  if (recipe.quantize.weight_bits == 4 && recipe.quantize.widen_bytes > 0) {
    plan.largest.parts.layers += recipe.quantize.widen_bytes;
    plan.largest.parts.total += recipe.quantize.widen_bytes;
    plan.unknown.push_back("which matrices get eight bits within quantize.widen_bytes, which the qat phase measures");
  }
  if (!plan.shape.exact())
    plan.unknown.push_back("how pruning spreads over the layers, each of which is padded to whole blocks of weights");
  return plan;
}

std::vector<std::string> texts_to_time(const train::Recipe& recipe, const KnownTexts& known) {
  const std::uint32_t max_tokens = recipe.tokenizer.max_tokens;
  if (known.samples.empty()) {
    const std::vector<std::string> longest =
        exporter::synthetic_golden_texts(known.tokenizer.vocabulary, max_tokens, 3);
    const std::vector<std::string> half =
        exporter::synthetic_golden_texts(known.tokenizer.vocabulary, max_tokens / 4, 3);
    return {half[2], longest[2]};
  }
  const std::vector<std::byte> section = value_or_throw(runtime::serialize_tokenizer(known.tokenizer));
  const runtime::WordPieceTokenizer tokenizer = value_or_throw(runtime::WordPieceTokenizer::bind(section));
  std::vector<std::uint32_t> ids(max_tokens);
  std::vector<std::pair<std::size_t, std::size_t>> by_length;  // tokens, sample
  for (std::size_t i = 0; i < known.samples.size(); ++i)
    by_length.emplace_back(tokenizer.encode(known.samples[i], ids), i);
  std::ranges::sort(by_length);
  const auto at = [&](std::size_t percent) {
    return known.samples[by_length[(by_length.size() - 1) * percent / 100].second];
  };
  return {at(50), at(95)};
}

void time_plan(const train::Recipe& recipe, const KnownTexts& known, ModelPlan& plan, std::chrono::milliseconds each) {
  plan.timed = value_or_throw(exporter::time_session(plan.largest.bytes, texts_to_time(recipe, known), each));
}

std::vector<std::pair<std::string, std::string>> figures_of(const ModelPlan& plan) {
  const spec::ModelConfig& config = plan.shape.largest;
  std::vector<std::pair<std::string, std::string>> figures;
  figures.emplace_back(
      "shape", fmt::format("{} layers of width {}; {} heads and {} neurons after pruning; {} pieces",
                           config.encoder.layers.size(), config.encoder.width, plan.shape.heads,
                           train::format_count(plan.shape.neurons), train::format_count(config.vocabulary_size)));
  figures.emplace_back("model.nog", plan.size_text() + (plan.exact() ? ", exactly" : ""));
  for (const std::string& unknown : plan.unknown) figures.emplace_back("not known yet", unknown);
  figures.emplace_back("of these", parts_text(plan.largest.parts));
  if (!plan.timed) return figures;
  figures.emplace_back("memory", fmt::format("{} bytes for a session of one text; the file's once more unless mapped",
                                             train::format_count(plan.timed->session_bytes)));
  std::string times;
  for (const exporter::TimedText& text : plan.timed->texts)
    times += fmt::format("{}{:.0f} us [{:.0f}, {:.0f}] for {} tokens", times.empty() ? "" : "; ", text.median_us,
                         text.lower_quartile_us, text.upper_quartile_us, text.tokens);
  figures.emplace_back("latency", times);
  figures.emplace_back(
      "", fmt::format("median and quartiles, measured now on this machine: {}, one thread", plan.timed->kernel_set));
  return figures;
}

Json to_json(const ModelPlan& plan) {
  const spec::ModelConfig& config = plan.shape.largest;
  const exporter::FileParts& parts = plan.largest.parts;
  Json json{{"layers", config.encoder.layers.size()},
            {"width", config.encoder.width},
            {"heads", plan.shape.heads},
            {"neurons", plan.shape.neurons},
            {"pieces", config.vocabulary_size},
            {"max_tokens", config.max_tokens},
            {"file_bytes",
             {{"least", plan.smallest.parts.total},
              {"most", parts.total},
              {"exact", plan.exact()},
              {"unknown", plan.unknown}}},
            {"parts",
             {{"word_table", parts.words},
              {"layers", parts.layers},
              {"classifier", parts.classifier},
              {"vocabulary", parts.vocabulary},
              {"rest", parts.rest}}}};
  if (plan.timed) json["latency"] = json_of_times(*plan.timed);
  return json;
}

}  // namespace noggin::tool
