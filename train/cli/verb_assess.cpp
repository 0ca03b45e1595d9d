// Whether a job belongs on the device: five questions, answered from a log and a recipe before a student is trained.
#include <fmt/format.h>

#include <filesystem>

#include "bytes/atomic_file.h"
#include "bytes/foreign_text.h"
#include "train/cli/assess/questions.h"
#include "train/cli/recipe_arguments.h"
#include "train/cli/shell_words.h"
#include "train/cli/verbs.h"
#include "train/run/stop_signal.h"

namespace noggin::tool {
namespace {

void check_free(const AssessOptions& options, bool force) {
  std::error_code error;
  if (options.out.empty() || force || !std::filesystem::exists(options.out, error)) return;
  throw train::Failure(train::ExitCode::kOutput,
                       options.out + " exists. Fix: choose another file, or --force to overwrite it");
}

// What is assessed: the recipe by its name, or logs by those of their files.
std::string name_of(const Arguments& arguments, const AssessedJob& subject) {
  if (!arguments.has("from")) return subject.recipe.name;
  std::string names;
  for (const std::string& log : arguments.list("from"))
    names.append(names.empty() ? "" : ", ").append(std::filesystem::path(log).filename().string());
  return names;
}

std::string page_of(const std::string& name, const AssessedJob& subject, const std::vector<assess::Question>& questions,
                    const assess::Advice& advice) {
  return fmt::format("Does this belong on the device? {}, task {}\n\n{}\nRecommendation: {}. Because {}.\n", name,
                     spec::task_name(subject.recipe.task), assess::to_text(questions), assess::name_of(advice.verdict),
                     advice.reason);
}

Json json_of(const std::vector<assess::Question>& questions, const assess::Advice& advice) {
  Json json = assess::to_json(questions);
  json["recommendation"] = {
      {"verdict", assess::name_of(advice.verdict)}, {"reason", advice.reason}, {"rules", assess::rules()}};
  return json;
}

void write_page(const std::string& path, const std::string& page, const Json& json) {
  const std::string text = path.ends_with(".json") ? json.dump(2) + "\n" : page;
  train::throw_unless_written(write_file_atomically(path, text.data(), text.size()));
}

}  // namespace

Options assess_options() { return assess_option_list(); }

train::ExitCode assess_verb(const Arguments& arguments, Console& console) {
  const train::StopSignal signal;
  const AssessOptions options = assess_options_of(arguments);
  check_free(options, arguments.has("force"));
  const std::unique_ptr<const AssessedJob> subject = subject_of(arguments, console);
  const SmallStudents linear = linear_students(*subject, console), statics = static_students(*subject, console);
  const std::vector<ShapeFile> shapes = shape_files(*subject, console);
  const Assessment given{*subject, options, linear, statics, shapes};
  assess::Evidence evidence;
  std::vector<assess::Question> questions;
  for (const auto ask : {how_bounded, how_much_latency, how_sensitive, what_it_costs})
    questions.push_back(ask(given, evidence));
  questions.push_back(what_to_own(given));
  const assess::Advice advice = assess::advise(evidence);
  const std::string page = printable(page_of(name_of(arguments, *subject), *subject, questions, advice));
  const Json json = json_of(questions, advice);
  Summary summary;
  summary.inputs = subject->files;
  const bool from_logs = arguments.has("from");
  if (!from_logs) summary.inputs.insert(summary.inputs.begin(), subject->recipe.path);
  if (!options.out.empty()) {
    write_page(options.out, page, json);
    summary.outputs = {options.out};
  }
  summary.next =
      from_logs ? "noggin init --from LOG... FOLDER" : shell_command({"noggin", "run", subject->recipe.path});
  console.finish(summary, page, json);
  return train::ExitCode::kOk;
}

}  // namespace noggin::tool
