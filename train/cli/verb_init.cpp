#include <fmt/format.h>

#include <boost/program_options.hpp>
#include <filesystem>
#include <optional>

#include "bytes/atomic_file.h"
#include "bytes/foreign_text.h"
#include "data/demo/demo.h"
#include "train/cli/recipe_proposal.h"
#include "train/cli/row_listing.h"
#include "train/cli/shape_budget.h"
#include "train/cli/shell_words.h"
#include "train/cli/verbs.h"
#include "train/recipe/recipe.h"

namespace noggin::tool {
namespace {

namespace fs = std::filesystem;
namespace po = boost::program_options;

// The demo's recipe: all three phases, small enough for two cores and a few minutes.
train::Recipe demo_recipe() {
  train::Recipe recipe;
  recipe.name = "demo";
  recipe.data.labels_file = "labels.json";
  recipe.data.none_label = "other";
  recipe.data.train = {{data::Adapter::kOpenAiBatch, "output.jsonl", "requests.jsonl"}};
  recipe.data.dev = {{data::Adapter::kJsonl, "dev.jsonl", {}}};
  recipe.data.test = {{data::Adapter::kJsonl, "test.jsonl", {}}};
  recipe.tokenizer.training.size = 2000;
  recipe.tokenizer.max_tokens = 48;
  recipe.train.batch_rows = 64;
  train::Phase distil, prune, qat;
  distil.epochs = 12;
  distil.learning_rate = 1e-3;
  prune.kind = train::PhaseKind::kPrune;
  prune.epochs = 4;
  prune.learning_rate = 5e-4;
  prune.heads_fraction = 0.25;
  prune.ffn_fraction = 0.5;
  prune.removal_epochs = 1;
  qat.kind = train::PhaseKind::kQat;
  qat.epochs = 3;
  qat.learning_rate = 2e-4;
  qat.scale_learning_rate = 0.1;
  recipe.phases = {distil, prune, qat};
  recipe.gates.max_drop_from_float = 0.02;  // so few rows tell a drop to about one point
  return recipe;
}

void write_recipe(const std::string& path, const std::string& text, bool force) {
  std::error_code error;
  if (!force && fs::exists(path, error)) {
    throw train::Failure(train::ExitCode::kOutput,
                         path + " exists. Fix: choose another folder, or --force to overwrite it");
  }
  fs::create_directories(fs::path(path).parent_path(), error);
  train::throw_unless_written(write_file_atomically(path, text.data(), text.size()));
}

ShapeWishes shape_wishes(const Arguments& arguments) {
  ShapeWishes wishes{arguments.text_or("start", ""),
                     {arguments.positive("budget-mb").value_or(0.0), arguments.positive("budget-us").value_or(0.0)}};
  if (!wishes.start.empty() && !arguments.has("budget-mb")) wishes.budget.size_mb = kUsualSizeMb;
  return wishes;
}

// A recipe for the user's own logs.
train::ExitCode init_from(const Arguments& arguments, Console& console) {
  std::vector<std::string> logs = arguments.list("from");
  std::string folder;
  if (!arguments.files().empty()) {
    folder = arguments.only_file("folder");
  } else if (logs.size() > 1) {
    folder = logs.back();
    logs.pop_back();
  } else {
    throw train::Failure(train::ExitCode::kUsage, "no folder given. Fix: noggin init --from LOG... FOLDER");
  }
  if (arguments.has("demo"))
    throw train::Failure(train::ExitCode::kUsage, "--demo has logs of its own. Fix: leave out --demo, or --from");
  for (const std::string& log : logs) {
    std::error_code error;
    if (!fs::exists(log, error))
      throw train::Failure(train::ExitCode::kBadData, log + " does not exist. Fix: correct the path of this log");
  }
  const ShapeWishes wishes = shape_wishes(arguments);
  const bool fitted = !wishes.start.empty() || wishes.budget.size_mb + wishes.budget.latency_us > 0.0;
  RecipeProposal proposal = propose_recipe(
      {logs, arguments.text_or("task", ""), arguments.text_or("question", ""), !wishes.start.empty(), fitted}, folder);
  if (fitted) fit_shape(wishes, folder, proposal);
  std::string comments, shown;
  for (const std::string& comment : proposal.comments) {
    comments.append("# ").append(comment).append("\n");
    shown.append(comment).append("\n");
  }
  const std::string recipe = (fs::path(folder) / "recipe.yaml").string();
  write_recipe(recipe, comments + "\n" + train::commented_yaml(proposal.recipe), arguments.has("force"));
  Summary summary;
  summary.inputs = logs;
  summary.outputs = {recipe};
  summary.next = shell_command({"noggin", "check", recipe});
  console.finish(summary, printable(shown + listing_of(proposal.rows)),
                 {{"recipe", recipe}, {"notes", proposal.comments}, {"rows", json_of(proposal.rows)}});
  return train::ExitCode::kOk;
}

}  // namespace

Options init_options() {
  Options options("Options");
  options.add_options()("demo", "also write a small data set and teacher log, made by this program")(
      "from", po::value<std::vector<std::string>>()->multitoken()->value_name("LOG..."),
      "look at these logs and write a recipe for them; the folder comes last")(
      "task", po::value<std::string>(), "with --from: what the rows are for, if it is not what they seem to be")(
      "question", po::value<std::string>()->value_name("NAME"),
      "with --from, for logs of typed decisions: which of their questions to learn")(
      "start", po::value<std::string>()->value_name("FOLDER"),
      "with --from: begin with this pretrained encoder, a Hugging Face folder, as much of it as fits the budget")(
      "budget-mb", po::value<std::string>()->value_name("N"),
      "with --from: largest model.nog, in MB of 10^6 bytes (with --start 5, else any)")(
      "budget-us", po::value<std::string>()->value_name("N"),
      "with --from: longest answer on this machine, in microseconds: median of a text of median length, one thread")(
      "force", "overwrite an existing recipe.yaml");
  return options;
}

train::ExitCode init(const Arguments& arguments, Console& console) {
  arguments.refuse_overrides();
  if (arguments.has("from")) return init_from(arguments, console);
  for (const char* option : {"start", "budget-mb", "budget-us"})
    if (arguments.has(option))
      throw train::Failure(train::ExitCode::kUsage,
                           fmt::format("--{} shapes a recipe for logs. Fix: add --from LOG...", option));
  const std::string folder = arguments.only_file("folder");
  const std::string recipe = (fs::path(folder) / "recipe.yaml").string();
  const bool demo = arguments.has("demo");
  Summary summary;
  if (demo) {
    Result<std::vector<std::string>> files = data::write_demo(folder, {});
    if (!files) throw train::Failure::of_writing(files.error());
    summary.outputs = *std::move(files);
  }
  write_recipe(recipe, demo ? train::commented_yaml(demo_recipe()) : train::commented_template(),
               arguments.has("force"));
  summary.outputs.push_back(recipe);
  summary.next = shell_command({"noggin", demo ? "run" : "check", recipe});
  console.finish(summary, "");
  return train::ExitCode::kOk;
}

}  // namespace noggin::tool
