#include "train/cli/compress/trial_runner.h"

#include <fmt/format.h>

#include <algorithm>
#include <chrono>
#include <filesystem>
#include <span>

#include "data/files/input_file.h"
#include "data/shards/shard.h"
#include "export/plan/latency.h"
#include "export/report/text_table.h"
#include "train/cli/budget.h"
#include "train/cli/checkpoint_file.h"
#include "train/cli/static_student.h"
#include "train/search/trial_recipe.h"

namespace noggin::tool {
namespace {

namespace fs = std::filesystem;
using train::CandidateKind;
using train::Trial;
using train::value_or_throw;

constexpr std::uint64_t kMostModelBytes = 4ULL << 30U;
constexpr int kLinearTries = 4;
constexpr double kRoomToUse = 0.97;    // of the budget: n-grams are of different lengths
constexpr double kCloseEnough = 0.95;  // to that

std::string suffix_of(double length) { return length == 1.0 ? "" : length == 0.5 ? "-half" : "-quarter"; }

std::string size_suffix(double size_mb) { return size_mb > 0.0 ? fmt::format("-{}MB", size_mb) : std::string(); }

// Trials end with quality, bytes and time alone; a final run exports and judges all.
train::Recipe without_rivals(train::Recipe recipe) {
  recipe.static_student.trained = false;
  recipe.baseline.exported = false;
  recipe.budget = {};
  return recipe;
}

bool within(std::uint64_t bytes, double size_mb) {
  return size_mb <= 0.0 || bytes <= budget_bytes({.size_mb = size_mb});
}

// A file that has to be kept apart from the choice, although its bytes fit: its answers are not the trainer's.
bool failed_otherwise(const VerifiedModel& verified, std::uint64_t bytes, double size_mb) {
  return !verified.passed() && within(bytes, size_mb);
}

}  // namespace

TrialRunner::TrialRunner(RunContext& search, const IngestedData& data, const KnownTexts& known, train::TrialLog& log)
    : search_(search),
      data_(data),
      known_(known),
      log_(log),
      progress_(search.console.progress()),
      dev_(value_or_throw(data::read_shards(data.dev_shards))) {}

exporter::BootstrapOptions TrialRunner::bootstrap() const {
  exporter::BootstrapOptions options;
  options.seed = search_.recipe.seed;
  return options;
}

RunContext TrialRunner::open(const std::string& name, train::Recipe recipe) {
  RunContext part = open_part(search_, name, std::move(recipe), Rows::kOfTheRun, "compress");
  share_ingest(search_, data_, part);
  return part;
}

const FloatStudent& TrialRunner::float_student(std::uint32_t layers) {
  const auto found = floats_.find(layers);
  if (found != floats_.end()) return found->second;
  const bool whole = layers == search_.recipe.student.layers;
  FloatStudent made;
  made.run = whole ? std::string("float") : "float-" + train::layers_text(layers);
  progress_.note(fmt::format("float student, layers: {}, in {}", layers, search_.run.file(made.run)));
  RunContext part = open(made.run, without_rivals(train::float_recipe(search_.recipe, layers)));
  const TrainedStudent student = train_stage(part, ingested(part));
  if (student.stopped) throw SearchStopped();
  const Predictions predictions = checkpoint_predictions(&part, student.float_checkpoint, dev_);
  made.bytes = predictions.size_bytes;
  made.dev = exporter::bootstrap_ratio(reader_of(search_, data_)->scores(dev_, predictions.answers), bootstrap());
  return floats_[layers] = made;
}

std::optional<Trial> TrialRunner::student(const Candidate& candidate, const train::Rung& rung,
                                          const train::BudgetRecipe& budget) {
  Trial trial;
  trial.name = candidate.name + suffix_of(rung.length);
  if (const Trial* known = log_.find(trial.name)) return *known;
  const std::string floats = search_.run.file(float_student(candidate.shape.layers).run);
  const auto start = std::chrono::steady_clock::now();
  progress_.note(fmt::format("trial {}, {}", candidate.name, rung.of_steps));
  train::Recipe recipe = without_rivals(train::trial_recipe(search_.recipe, candidate.shape, rung.length));
  recipe.budget.size_mb = budget.size_mb;
  recipe.exports.onnx = recipe.exports.onnx && rung.length == 1.0;
  trial.run = "trials/" + trial.name;
  RunContext part = open(trial.run, std::move(recipe));
  part.reuse = floats + "/checkpoints";
  const IngestedData rows = ingested(part);
  const TrainedStudent trained = train_stage(part, rows);
  if (trained.stopped) throw SearchStopped();
  try {
    export_stage(part, rows, trained);
  } catch (const train::Failure& failure) {
    if (failure.code() != train::ExitCode::kGate) throw;
    progress_.warn(fmt::format("trial {}: {}; it is no candidate", trial.name, failure.what()));
    return std::nullopt;
  }
  const train::Cut cut = train::cut_at(candidate.shape.cut);
  trial.shape = candidate.name;
  trial.length = rung.length;
  trial.layers = candidate.shape.layers;
  trial.ffn_share = cut.neurons / train::kTwentieths;
  trial.heads_share = cut.heads / train::kTwentieths;
  trial.planned_bytes = candidate.most_bytes;
  trial.predicted_us = candidate.predicted_us;
  trial.model = trial.run + "/export/model.nog";
  trial.seconds = std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
  return measured(std::move(trial));
}

std::vector<data::RowScore> TrialRunner::scores(const Trial& trial) const {
  const std::string model = search_.run.file(trial.model);
  const data::ExampleTable own =
      value_or_throw(data::read_shards(data::list_shards(search_.run.file(trial.run) + "/data/shards/dev")));
  return reader_of(model)->scores(own, model_predictions(model, own).answers);
}

// Bytes, time and quality of the file as it lies there; the line in the log.
Trial TrialRunner::measured(Trial trial) {
  const std::string path = search_.run.file(trial.model);
  const std::string file = value_or_throw(data::read_input_file(path, kMostModelBytes));
  const exporter::TimedSession timed = value_or_throw(
      exporter::time_session(std::as_bytes(std::span(file)), texts_to_time(search_.recipe, known_), kShortLook));
  trial.bytes = file.size();
  trial.measured_us = timed.texts.front().median_us;
  trial.dev = exporter::bootstrap_ratio(scores(trial), bootstrap());
  std::string time = fmt::format("{:.0f} us", trial.measured_us);
  if (trial.predicted_us > 0.0)
    time += fmt::format(" ({:.0f} predicted, {:+.0f} %)", trial.predicted_us,
                        100.0 * (trial.predicted_us / trial.measured_us - 1.0));
  progress_.note(fmt::format("trial {}: dev {}, {} bytes, {}", trial.name, exporter::percent(trial.dev),
                             train::format_count(trial.bytes), time));
  return log_.add(std::move(trial));
}

std::optional<Trial> TrialRunner::static_student(const std::string& folder, const train::Recipe& recipe, Trial trial) {
  if (const Trial* known = log_.find(trial.name)) return *known;
  RunContext part = open(folder, recipe);
  const std::optional<StaticStudent> small = static_stage(part, ingested(part));
  if (!small) return std::nullopt;
  if (small->stopped) throw SearchStopped();
  if (failed_otherwise(small->verified, small->predictions.size_bytes, recipe.budget.size_mb)) {
    progress_.warn(fmt::format("{} failed its verification; it is no candidate", trial.name));
    return std::nullopt;
  }
  trial.run = folder + "/static";
  trial.model = trial.run + "/export/model.nog";
  return measured(std::move(trial));
}

// export/baseline.nog with as many n-grams as fit: two files show what one takes, and a further one comes close.
void TrialRunner::write_linear(const std::string& folder, const train::Recipe& recipe) {
  const double room = kRoomToUse * recipe.budget.size_mb * 1e6;
  const auto classes = static_cast<double>(data_.task.labels.size());
  train::Recipe sized = recipe;
  std::uint32_t& features = sized.baseline.max_features;
  double last_features = 0.0, last_bytes = 0.0;
  for (int tries = 1; tries <= kLinearTries; ++tries) {
    RunContext part = open(folder, sized);
    const std::uint64_t bytes = exported_baseline(part, ingested(part), dev_).predictions.size_bytes;
    const auto now = static_cast<double>(bytes), asked = static_cast<double>(features);
    const double each = tries == 1 ? now / std::max(asked, 1.0) : (now - last_bytes) / (asked - last_features);
    const bool has_all = features == 0 || each < classes;  // a weight per class is the least that an n-gram takes
    const bool close = within(bytes, recipe.budget.size_mb) && (has_all || now > kCloseEnough * room);
    if (recipe.budget.size_mb <= 0.0 || close) return;
    last_features = features == 0 ? recipe.baseline.buckets : asked;
    last_bytes = now;
    const double wanted = features == 0 ? last_features * room / now : asked + (room - now) / each;
    features = static_cast<std::uint32_t>(std::clamp(wanted, 1.0, double{spec::kMaxVocabulary}));
    if (static_cast<double>(features) == last_features) return;
  }
}

// Of a size that left it room it has all n-grams that there are: a larger one would be the same.
const Trial* TrialRunner::known_linear(const std::string& name, double size_mb) const {
  if (size_mb <= 0.0) return log_.find(name);
  for (const Trial& trial : log_.trials()) {
    if (trial.kind != CandidateKind::kLinear || !within(trial.bytes, size_mb)) continue;
    const auto room = kRoomToUse * static_cast<double>(trial.planned_bytes);
    if (trial.name == name || static_cast<double>(trial.bytes) < kCloseEnough * room) return &trial;
  }
  return nullptr;
}

std::vector<Trial> TrialRunner::rivals(double size_mb) {
  std::vector<Trial> found;
  if (spec::traits_of(search_.recipe.task).per_token()) return found;
  const std::string folder = "rivals" + size_suffix(size_mb);
  train::Recipe recipe = search_.recipe;
  recipe.budget = {.size_mb = size_mb};
  Trial small, linear;
  if (recipe.static_student.trained) {
    const train::Recipe its = static_recipe(recipe, data_.task.labels.size());
    small.name = small.shape = fmt::format("static-{}-pieces", its.tokenizer.training.size);  // the same for many sizes
    small.kind = CandidateKind::kStatic;
    if (auto trial = static_student(folder, recipe, std::move(small))) found.push_back(*std::move(trial));
  }
  linear.name = linear.shape = "linear" + size_suffix(size_mb);
  if (const Trial* known = known_linear(linear.name, size_mb)) {
    found.push_back(*known);
    return found;
  }
  linear.kind = CandidateKind::kLinear;
  linear.planned_bytes = budget_bytes(recipe.budget);
  linear.run = folder;
  linear.model = folder + "/export/baseline.nog";
  write_linear(folder, recipe);
  found.push_back(measured(std::move(linear)));
  return found;
}

std::optional<exporter::Interval> TrialRunner::linear_tagger() {
  if (!spec::traits_of(search_.recipe.task).per_token()) return std::nullopt;
  const Baseline linear = baseline_stage(search_, data_, dev_);
  const auto reader = reader_of(search_, data_);
  return exporter::bootstrap_ratio(reader->scores(dev_, linear.predictions.answers), bootstrap());
}

}  // namespace noggin::tool
