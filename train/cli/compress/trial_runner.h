// Trains, exports and measures the candidates of a search. Each is a run directory below the search's folder, which is
// itself a run directory of the recipe that was given: its `data` is that of all.
#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "train/cli/compress/shape_planner.h"
#include "train/cli/part_of_run.h"
#include "train/cli/stages.h"
#include "train/search/halving.h"
#include "train/search/trial_log.h"

namespace noggin::tool {

struct FloatStudent {
  exporter::Interval dev;
  std::uint64_t bytes = 0;
  std::string run;  // relative to the search's folder
};

// A signal has stopped a training; its state and every finished trial are saved.
struct SearchStopped {};

// Its methods throw SearchStopped.
class TrialRunner {
 public:
  // All must outlive the runner.
  TrialRunner(RunContext& search, const IngestedData& data, const KnownTexts& known, train::TrialLog& log);

  // The student before anything is removed or quantized, of so many layers; trained once.
  const FloatStudent& float_student(std::uint32_t layers);
  // That of all layers: what the others are compared with.
  const FloatStudent& whole_student() { return float_student(search_.recipe.student.layers); }
  // A candidate after a share of its steps, on from the float student of its layers. budget: that its file has to meet.
  // Nothing if it cannot be exported, such as where cascade.accuracy is out of its reach: warns.
  std::optional<train::Trial> student(const Candidate& candidate, const train::Rung& rung,
                                      const train::BudgetRecipe& budget);
  // The static student and the linear model of at most so many MB (0: of any size), where the task has them.
  std::vector<train::Trial> rivals(double size_mb);

  // The linear model's quality where it cannot be a file, for tasks that answer per token: no candidate, but what a
  // student has to beat. None where rivals() has it.
  std::optional<exporter::Interval> linear_tagger();

  // How each row of dev is scored, by the file of a trial.
  std::vector<data::RowScore> scores(const train::Trial& trial) const;
  exporter::BootstrapOptions bootstrap() const;

 private:
  RunContext open(const std::string& name, train::Recipe recipe);
  train::Trial measured(train::Trial trial);
  std::optional<train::Trial> static_student(const std::string& folder, const train::Recipe& recipe,
                                             train::Trial trial);
  const train::Trial* known_linear(const std::string& name, double size_mb) const;
  void write_linear(const std::string& folder, const train::Recipe& recipe);

  RunContext& search_;
  const IngestedData& data_;
  const KnownTexts& known_;
  train::TrialLog& log_;
  train::Progress& progress_;
  data::ExampleTable dev_;
  std::map<std::uint32_t, FloatStudent> floats_;
};

}  // namespace noggin::tool
