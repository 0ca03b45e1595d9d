// Searches the best student within a budget, or the best for each of several sizes.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>

#include "bytes/atomic_file.h"
#include "export/report/text_table.h"
#include "train/cli/compress/open_search.h"
#include "train/cli/compress/search.h"
#include "train/cli/compress/search_report.h"
#include "train/cli/recipe_arguments.h"
#include "train/cli/recipe_check.h"
#include "train/cli/shell_words.h"
#include "train/cli/verbs.h"
#include "train/run/stop_signal.h"

namespace noggin::tool {
namespace {

namespace fs = std::filesystem;
using train::ExitCode;
using train::Trial;

constexpr const char* kUsualSizes = "0.3,0.5,0.8,1.2,2,3.2,5,10";

std::vector<double> sizes_of(const std::string& list) {
  std::vector<double> sizes;
  const char* at = list.data();
  const char* const end = at + list.size();
  while (true) {
    double size = 0.0;
    const auto [next, error] = std::from_chars(at, end, size);
    if (error != std::errc() || !(size > 0.0 && size <= 1e6) || (next != end && *next != ','))
      throw train::Failure(ExitCode::kUsage, "--frontier=" + list + " is not a list of sizes in MB. Fix: --frontier=" +
                                                 std::string(kUsualSizes));
    sizes.push_back(size);
    if (next == end) break;
    at = next + 1;
  }
  std::ranges::sort(sizes);
  sizes.erase(std::ranges::unique(sizes).begin(), sizes.end());
  return sizes;
}

void write_result(const std::string& path, const std::string& text) {
  train::throw_unless_written(write_file_atomically(path, text.data(), text.size()));
}

// The folder `best` leads to the run of the winner, so that a script need not know its name.
void point_to(const std::string& run, const std::string& link) {
  std::error_code error;
  fs::remove(link, error);
  if (!error) fs::create_directory_symlink(run, link, error);
  if (error)
    throw train::Failure(ExitCode::kOutput, link + " cannot be made a link to " + run + ": " + error.message() +
                                                ". Fix: remove what lies there");
}

// What measures the winner on test, once.
std::string final_command(const Trial& trial, const train::RunDirectory& search) {
  const std::string run = search.file(trial.run);
  if (trial.kind == train::CandidateKind::kStudent)
    return shell_command({"noggin", "run", run + "/recipe.yaml", "--out", run, "--final"});
  return shell_command({"noggin", "eval", search.file(trial.model), "--data", run + "/data/shards/test-00000.h5"});
}

std::string sentence_of(const Trial& best, const std::string& metric, const std::string& reason) {
  return fmt::format("{}: {} {} % on dev, {} bytes, {:.0f} us; {}", best.shape, metric, exporter::percent(best.dev),
                     train::format_count(best.bytes), best.measured_us, reason);
}

// The largest difference between what the latency model said and the clock, of the trials in the table.
std::string latency_error(const std::vector<Trial>& trials) {
  double worst = 0.0;
  for (const Trial& trial : trials)
    if (trial.predicted_us > 0.0 && trial.measured_us > 0.0)
      worst = std::max(worst, std::abs(trial.predicted_us / trial.measured_us - 1.0));
  return fmt::format("off by {:.0f} % at most, of the clock's time for the written files", 100.0 * worst);
}

// What the rows of a search say before training.
struct Prepared {
  Prepared(OpenSearch& search)
      : data(ingest_stage(search.context)),
        labels(train::value_or_throw(labels_of(search.context.recipe))),
        known(texts_of(search.context.recipe, data, true)),
        metric(reader_of(search.context, data)->primary_metric_name()) {}

  IngestedData data;
  data::LabelSet labels;
  KnownTexts known;
  std::string metric;
};

ExitCode search_budget(const Arguments& arguments, OpenSearch& search) {
  const RunContext& context = search.context;
  const train::BudgetRecipe& budget = context.recipe.budget;
  const Prepared rows(search);
  ShapePlanner planner(context.recipe, rows.labels, rows.known, search.state);
  const std::vector<Candidate> candidates = candidates_for(budget, context, rows.labels, rows.known, planner);
  TrialRunner runner(search.context, rows.data, rows.known, search.log);
  const SearchResult result = best_within(budget, candidates, runner);
  const std::string file = context.run.file("search_result.json");
  write_result(file, to_json(result).dump(2) + "\n");
  Summary summary{{arguments.files()[0]}, {context.run.file("trials.jsonl"), file}, {}, ""};
  summary.figures.emplace_back("latency model", latency_error(result.trials));
  if (result.best) {
    point_to(result.best->run, context.run.file("best"));
    summary.outputs.push_back(context.run.file(result.best->model));
    summary.figures.emplace_back("best", sentence_of(*result.best, rows.metric, result.reason));
    summary.next = final_command(*result.best, context.run);
  } else {
    summary.figures.emplace_back("nothing fits", result.reason);
  }
  context.console.finish(summary, table_of(result, rows.metric), to_json(result));
  return result.best ? ExitCode::kOk : ExitCode::kGate;
}

ExitCode search_frontier(const Arguments& arguments, OpenSearch& search, const std::vector<double>& sizes) {
  const RunContext& context = search.context;
  if (context.recipe.budget.size_mb + context.recipe.budget.drop > 0.0)
    context.console.progress().warn("--frontier has sizes of its own: budget.size_mb and budget.drop are not read");
  const Prepared rows(search);
  ShapePlanner planner(context.recipe, rows.labels, rows.known, search.state);
  std::vector<std::vector<Candidate>> candidates;  // per size; all before the first training
  for (const double size : sizes)
    candidates.push_back(
        candidates_for({size, context.recipe.budget.latency_us, 0.0}, context, rows.labels, rows.known, planner));
  TrialRunner runner(search.context, rows.data, rows.known, search.log);
  const SearchResult result = frontier_of(sizes, candidates, runner);
  const exporter::Frontier frontier = frontier_report(result, sizes, context.recipe.name, rows.metric);
  Summary summary{{arguments.files()[0]}, {context.run.file("trials.jsonl")}, {}, ""};
  for (const auto& [name, text] : {std::pair{"frontier.md", exporter::to_markdown(frontier)},
                                   {"frontier.csv", exporter::to_csv(frontier)},
                                   {"frontier.svg", exporter::to_svg(frontier)}}) {
    write_result(context.run.file(name), text);
    summary.outputs.push_back(context.run.file(name));
  }
  summary.figures.emplace_back("latency model", latency_error(result.trials));
  Json json = to_json(result);
  json["frontier"] = sizes_json(frontier);
  context.console.finish(summary, table_of(result, rows.metric) + "\n" + exporter::to_markdown(frontier), json);
  return ExitCode::kOk;
}

std::string continuation(const Arguments& arguments, const std::string& folder) {
  std::vector<std::string> more;
  if (const auto sizes = arguments.text("frontier")) more.push_back("--frontier=" + *sizes);
  return recipe_command("compress", arguments, folder, more);
}

}  // namespace

Options compress_options() {
  namespace po = boost::program_options;
  Options options = run_folder_options();
  options.add_options()("frontier", po::value<std::string>()->implicit_value(kUsualSizes)->value_name("MB,MB,..."),
                        "instead of one budget: the best file of each of these sizes, as table, CSV and SVG");
  return options;
}

ExitCode compress(const Arguments& arguments, Console& console) {
  const train::StopSignal signal;
  const bool frontier = arguments.has("frontier");
  const std::vector<double> sizes = frontier ? sizes_of(arguments.text_or("frontier", "")) : std::vector<double>();
  OpenSearch search = open_search(arguments, console, frontier);
  try {
    return frontier ? search_frontier(arguments, search, sizes) : search_budget(arguments, search);
  } catch (const SearchStopped&) {
    console.progress().warn("stopped; finished trials and the state of the last one are saved. To continue: " +
                            continuation(arguments, search.context.run.path()));
    return train::StopSignal::requested() ? train::StopSignal::exit_code() : ExitCode::kTerminated;
  }
}

}  // namespace noggin::tool
