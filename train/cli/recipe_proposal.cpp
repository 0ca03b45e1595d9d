#include "train/cli/recipe_proposal.h"

#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <optional>

#include "data/ingest/row_survey.h"
#include "data/rows/excerpt.h"
#include "train/cli/recipe_check.h"
#include "train/run/failure.h"

namespace noggin::tool {
namespace {

namespace fs = std::filesystem;
using train::value_or_throw;

constexpr std::uint64_t kLookedAt = 20'000;  // documents of each file
constexpr std::size_t kNamedClasses = 12;

std::vector<std::string> names_of(const data::LogGuess& guess) {
  std::vector<std::string> names;
  for (const auto& [name, count] : guess.classes) names.push_back(name);
  return names;
}

data::LabelSet label_set_of(const data::LogGuess& guess) {
  return value_or_throw(data::LabelSet::create(names_of(guess), {}, {}, guess.task));
}

// "train", "dev" or "test", by the words of a file's name.
std::string split_of(const std::string& path) {
  std::string word;
  const auto role = [&word] {
    if (word == "dev" || word == "val" || word == "valid" || word == "validation") return "dev";
    return word == "test" || word == "eval" ? "test" : "";
  };
  std::string found;
  for (const char c : fs::path(path).filename().string() + ".") {
    if ((c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z')) {
      word += static_cast<char>(c >= 'A' && c <= 'Z' ? c - 'A' + 'a' : c);
      continue;
    }
    if (found.empty()) found = role();
    word.clear();
  }
  return found.empty() ? "train" : found;
}

// What a source's rejected rows need to be permitted; empty: nothing.
std::vector<std::string> permits_for(const data::SourceReport& source, double budget) {
  const auto rejected = static_cast<double>(source.rejected_lines());
  if (rejected <= budget * static_cast<double>(source.documents())) return {};
  std::vector<std::string> reasons;
  for (const auto& [reason, count] : source.rejected)
    if (!reason.starts_with("cut_")) reasons.push_back(reason);
  return reasons;
}

class Proposal {
 public:
  Proposal(const std::vector<std::string>& logs, const std::string& folder, const std::string& task)
      : folder_(fs::absolute(folder)) {
    const spec::TaskKind* given = nullptr;
    if (!task.empty()) {
      kind_ = spec::task_kind_of(task);
      if (!spec::is_known(*kind_))
        throw train::Failure(train::ExitCode::kUsage, fmt::format("there is no task \"{}\". Fix: see `noggin check "
                                                                  "--explain` for the names",
                                                                  task));
      given = &*kind_;
    }
    guess_ = value_or_throw(data::guess_logs(logs, kLookedAt, given));
  }

  RecipeProposal make() {
    train::Recipe& recipe = result_.recipe;
    recipe.name = folder_.filename().empty() ? folder_.parent_path().filename().string() : folder_.filename().string();
    recipe.task = guess_.task;
    if (!spec::traits_of(guess_.task).has_fixed_classes() && !spec::traits_of(guess_.task).is_number())
      recipe.data.labels = names_of(guess_);
    place_sources();
    describe_files();
    describe_classes();
    judge_sources();
    hold_out();
    choose_phases();
    for (const std::string& note : guess_.notes) comment(note);
    make_relative();
    return std::move(result_);
  }

 private:
  void comment(std::string text) { result_.comments.push_back(std::move(text)); }

  void place_sources() {
    const bool any_train =
        std::ranges::any_of(guess_.sources, [](const auto& s) { return split_of(s.path) == "train"; });
    for (const data::Source& source : guess_.sources) {
      const std::string split = any_train ? split_of(source.path) : "train";
      auto& sources = split == "dev"    ? result_.recipe.data.dev
                      : split == "test" ? result_.recipe.data.test
                                        : result_.recipe.data.train;
      sources.push_back(source);
    }
  }

  void describe_files() {
    for (std::size_t i = 0; i < guess_.sources.size(); ++i)
      comment(fmt::format("{}: {}", fs::path(guess_.sources[i].path).filename().string(), guess_.families[i]));
  }

  void describe_classes() {
    if (guess_.classes.empty()) return;
    std::vector<std::pair<std::string, std::uint64_t>> by_count(guess_.classes);
    std::stable_sort(by_count.begin(), by_count.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string text = fmt::format("{} classes in the first {} documents:", by_count.size(), guess_.documents);
    for (std::size_t i = 0; i < std::min(kNamedClasses, by_count.size()); ++i)
      text += fmt::format("{} {} {}", i == 0 ? "" : ",", data::excerpt(by_count[i].first), by_count[i].second);
    if (by_count.size() > kNamedClasses) text += fmt::format(", and {} more", by_count.size() - kNamedClasses);
    comment(text);
    const bool short_names = std::ranges::all_of(guess_.classes, [](const auto& c) { return c.first.size() <= 2; });
    if (short_names)
      comment(
          "the teacher answers with letters or numbers; to give the classes names, write labels: [billing, ...] and "
          "label_words: {billing: [A], ...}");
    if (guess_.unread_answers > 0)
      comment(fmt::format("{} answers are too long or too rare to name a class; see quarantine.jsonl after ingest",
                          guess_.unread_answers));
  }

  // Reads the rows as ingest will, once for each split's own files.
  void judge_sources() {
    const data::LabelSet labels = label_set_of(guess_);
    for (auto* sources : {&result_.recipe.data.train, &result_.recipe.data.dev, &result_.recipe.data.test}) {
      if (sources->empty()) continue;
      const bool training = sources == &result_.recipe.data.train;
      const data::RowSurvey survey = value_or_throw(
          data::survey_rows({"train", *sources, training}, labels, result_.recipe.data.ingest, guess_.task, kLookedAt));
      result_.rows.insert(result_.rows.end(), survey.shown.begin(), survey.shown.end());
      const data::SplitReport& counts = survey.summary.counts;
      if (training) {
        const data::TargetCounts& targets = survey.summary.targets;
        result_.recipe.data.ingest.measure_by_teacher = targets.gold * 2 < targets.all && targets.teacher > 0;
      }
      if (training) rows_ = survey.is_complete() ? counts.accepted : kLookedAt;
      for (const data::SourceReport& report : counts.sources) permit(report, *sources);
      if (survey.is_complete())
        train::throw_unless_ok(data::check_split({"train", *sources, training}, counts, result_.recipe.data.ingest));
    }
  }

  void permit(const data::SourceReport& report, std::vector<data::Source>& sources) {
    const std::uint64_t rejected = report.rejected_lines();
    if (rejected * 2 > report.documents()) return;  // not a log of this kind: check_split says so
    const std::vector<std::string> reasons = permits_for(report, result_.recipe.data.ingest.quarantine_budget);
    if (reasons.empty()) return;
    for (data::Source& source : sources)
      if (source.path == report.path || source.requests_path == report.path) source.permit = reasons;
    comment(fmt::format("{}: {} of {} documents cannot be used ({}); they are permitted by name below",
                        fs::path(report.path).filename().string(), rejected, report.documents(),
                        data::top_reasons(report.rejected)));
  }

  // Small sets give more of their texts away, because a dev set of a few rows says nothing.
  void hold_out() {
    train::DataRecipe& data = result_.recipe.data;
    const double share = rows_ < 100 ? 0.25 : rows_ < 1000 ? 0.15 : 0.1;
    if (data.dev.empty()) data.dev_share = share;
    if (data.test.empty()) data.test_share = share;
    if (data.dev_share > 0.0)
      comment(
          fmt::format("dev and test are {:.0f} % of the texts each, by hash; texts that differ only in case, spaces "
                      "and punctuation stay together",
                      100.0 * share));
    if (data.ingest.measure_by_teacher)
      comment(
          "most rows have no gold: dev and test measure how well the student agrees with the teacher, not how right it "
          "is");
  }

  void choose_phases() {
    train::Recipe& recipe = result_.recipe;
    recipe.tokenizer.training.min_frequency = rows_ < 2000 ? 1 : 2;
    recipe.phases = train::usual_phases();
    for (train::Phase& phase : recipe.phases) {
      phase.teacher_weight = guess_.has_teacher ? 1.0 : 0.0;
      phase.gold_weight = guess_.has_gold && !guess_.has_teacher ? 1.0 : 0.0;
    }
  }

  void make_relative() {
    for (auto* sources : {&result_.recipe.data.train, &result_.recipe.data.dev, &result_.recipe.data.test})
      for (data::Source& source : *sources)
        source.path =
            fs::absolute(source.path).lexically_normal().lexically_relative(folder_.lexically_normal()).string();
  }

  fs::path folder_;
  std::optional<spec::TaskKind> kind_;
  data::LogGuess guess_;
  RecipeProposal result_;
  std::uint64_t rows_ = 0;
};

}  // namespace

RecipeProposal propose_recipe(const std::vector<std::string>& logs, const std::string& folder,
                              const std::string& task) {
  return Proposal(logs, folder, task).make();
}

std::vector<data::ShownRow> rows_of_logs(const std::vector<std::string>& logs, std::uint64_t max_rows,
                                         data::SplitReport& counts) {
  const data::LogGuess guess = value_or_throw(data::guess_logs(logs, kLookedAt));
  const data::RowSurvey survey =
      value_or_throw(data::survey_rows({"log", guess.sources, false}, label_set_of(guess), {}, guess.task, kLookedAt,
                                       nullptr, 0.5F, static_cast<std::size_t>(max_rows)));
  counts = survey.summary.counts;
  return survey.shown;
}

}  // namespace noggin::tool
