#include "train/cli/recipe_arguments.h"

#include <fmt/format.h>

#include <filesystem>

#include "bytes/utf8.h"
#include "train/cli/recipe_check.h"
#include "train/cli/shell_words.h"
#include "train/recipe/adopt_pretrained.h"
#include "train/run/failure.h"
#include "train/start/adopt_start.h"

namespace noggin::tool {

std::string NamedRecipe::where(const std::string& key) const {
  const auto origin = parsed.origins.find(key);
  return origin == parsed.origins.end() ? recipe().path : origin->second.where;
}

NamedRecipe named_recipe(const Arguments& arguments, Console& console) {
  return recipe_at(arguments.only_file("recipe"), arguments.overrides(), console);
}

NamedRecipe recipe_at(const std::string& path, const std::vector<std::string>& overrides, Console& console) {
  NamedRecipe named{train::parse_recipe(path, overrides, train::removed_keys()), {}, {}};
  train::RecipeParse& parse = named.parsed.parse;
  for (const train::RecipeProblem& warning : parse.warnings)
    console.progress().warn(warning.where + ": " + warning.message);
  for (const train::RecipeProblem& problem : parse.problems)
    named.faults.emplace_back(train::ExitCode::kUsage, problem.message, problem.where);
  // A path that could not be resolved has been reported.
  if (!named.parsed.paths.contains("init.folder")) parse.recipe.init.folder.clear();
  if (!named.parsed.paths.contains("init.from")) parse.recipe.init.from.clear();
  if (!named.parsed.paths.contains("live_teacher.folder")) parse.recipe.online_teacher.folder.clear();
  train::Adoption adoption = adopt(parse.recipe);
  for (const std::string& note : adoption.notes) console.progress().warn(note);
  for (const std::string& line : adoption.start) console.progress().note("start: " + line);
  for (const train::AdoptionProblem& problem : adoption.problems) {
    named.faults.emplace_back(exit_code_of(problem.error.code), problem.error.message, named.where(problem.key));
  }
  named.start = std::move(adoption.start);
  return named;
}

train::Adoption adopt(train::Recipe& recipe) {
  train::Adoption adoption = train::adopt_pretrained(recipe);
  const Result<data::LabelSet> labels = labels_of(recipe);  // what is wrong with them, check_labels says
  train::Adoption start = train::adopt_start(recipe, labels ? labels->names() : std::vector<std::string>());
  adoption.notes.insert(adoption.notes.end(), start.notes.begin(), start.notes.end());
  adoption.problems.insert(adoption.problems.end(), start.problems.begin(), start.problems.end());
  adoption.start = std::move(start.start);
  return adoption;
}

train::Recipe recipe_of(const Arguments& arguments, Console& console) {
  NamedRecipe named = named_recipe(arguments, console);
  throw_if_any(named.recipe().path, std::move(named.faults));
  return std::move(named.parsed.parse.recipe);
}

void check_utf8_path(const std::string& path) {
  const std::string whole = std::filesystem::absolute(path).string();
  if (is_valid_utf8(whole)) return;
  std::string readable;
  for (const char c : whole) {
    const auto byte = static_cast<unsigned char>(c);
    readable += byte < 0x80 ? std::string(1, c) : fmt::format("\\x{:02x}", byte);
  }
  throw train::Failure(
      train::ExitCode::kUsage,
      readable + " is not UTF-8, which the files of a run must be able to name. Fix: choose another path");
}

std::string run_folder_of(const Arguments& arguments, const train::Recipe& recipe) {
  std::string folder = arguments.text_or("out", "runs/" + recipe.name);
  if (folder.empty()) throw train::Failure(train::ExitCode::kUsage, "--out is empty. Fix: name a folder");
  check_utf8_path(recipe.path);
  check_utf8_path(folder);
  return folder;
}

std::string recipe_command(const std::string& verb, const Arguments& arguments, const std::string& run_folder,
                           const std::vector<std::string>& more) {
  std::string command = shell_command({"noggin", verb, arguments.only_file("recipe")});
  const auto add = [&command](const std::string& word) { command.append(" ").append(shell_word(word)); };
  for (const std::string& key : arguments.overrides()) add(key);
  for (const std::string& key : more) add(key);
  add("--out");
  add(run_folder);
  return command;
}

boost::program_options::options_description run_folder_options() {
  namespace po = boost::program_options;
  po::options_description options("Options");
  options.add_options()("out", po::value<std::string>()->value_name("DIR"), "run directory (default: runs/NAME)")(
      "force",
      "write into a directory that something else made; a training that is not finished starts over, and what it has "
      "saved is deleted. Finished phases before the first one that the recipe changes stay");
  return options;
}

boost::program_options::options_description training_options() {
  namespace po = boost::program_options;
  po::options_description options = run_folder_options();
  options.add_options()("reuse", po::value<std::string>()->value_name("RUN"),
                        "take the finished phases that this recipe has in common with that run, and go on after them");
  return options;
}

}  // namespace noggin::tool
