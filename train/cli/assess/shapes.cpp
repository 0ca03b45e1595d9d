#include "train/cli/assess/shapes.h"

#include <fmt/format.h>

#include <utility>

#include "export/plan/golden_texts.h"
#include "format/writer.h"
#include "kernels/float_environment.h"
#include "tokenizer/ngram_tokenizer.h"
#include "train/baseline/quantized_ngram.h"
#include "train/cli/linear_answers.h"
#include "train/cli/model_plan.h"
#include "train/cli/static_student.h"
#include "train/run/failure.h"

namespace noggin::tool {
namespace {

using train::value_or_throw;

ShapeFile planned(const std::string& key, const std::string& name, const train::Recipe& recipe,
                  const AssessedJob& subject, const KnownTexts& known) {
  ModelPlan plan = plan_model(recipe, subject.labels, known);
  time_plan(recipe, known, plan);
  const auto& config = plan.shape.largest;
  return {key,
          name,
          fmt::format("{} layers of width {}, {} pieces", config.encoder.layers.size(), config.encoder.width,
                      train::format_count(config.vocabulary_size)),
          plan.smallest.parts.total,
          plan.largest.parts.total,
          plan.exact(),
          std::move(*plan.timed)};
}

ShapeFile static_file(const AssessedJob& subject, const KnownTexts& known) {
  const train::Recipe recipe = static_recipe(subject.recipe, subject.task.labels.size());
  return planned("static", "static student", recipe, subject,
                 static_has_own_rows(subject.recipe) ? look_at_texts(recipe, subject.labels) : known);
}

ShapeFile linear_file(const AssessedJob& subject, const KnownTexts& known) {
  const runtime::FloatEnvironment environment;
  const train::LinearNgram model = learn_ngrams(subject.recipe, subject.training, subject.recipe.baseline.max_features);
  format::FrozenModel frozen = train::freeze(model, subject.task);
  frozen.provenance = "{}";  // of a file that nobody ships
  const std::vector<std::byte> section = value_or_throw(runtime::serialize_ngrams(frozen.ngrams));
  const std::vector<std::string> golden =
      golden_texts(subject.recipe.exports, known.tokenizer.vocabulary, train::kNgramsPerText / 4, subject.dev);
  train::throw_unless_ok(train::add_golden_vectors(frozen, golden));
  const std::vector<std::byte> file = value_or_throw(format::serialize(frozen, section));
  exporter::TimedSession timed = value_or_throw(
      exporter::time_session(file, texts_to_time(subject.recipe, known), std::chrono::milliseconds(150)));
  return {"linear",
          "linear model",
          fmt::format("{} n-grams, {} classes", train::format_count(frozen.config.vocabulary_size),
                      subject.task.labels.size()),
          file.size(),
          file.size(),
          false,
          std::move(timed)};
}

}  // namespace

std::vector<ShapeFile> shape_files(const AssessedJob& subject, Console& console) {
  console.progress().note("shapes: planning and timing the files");
  const KnownTexts known = known_texts(subject);
  std::vector<ShapeFile> files = {planned("student", "the recipe's student", subject.recipe, subject, known)};
  if (spec::traits_of(subject.recipe.task).per_token()) return files;
  if (subject.recipe.student.layers > 0) files.push_back(static_file(subject, known));
  files.push_back(linear_file(subject, known));
  return files;
}

}  // namespace noggin::tool
