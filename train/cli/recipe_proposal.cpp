#include "train/cli/recipe_proposal.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <set>

#include "data/ingest/row_survey.h"
#include "data/rows/excerpt.h"
#include "train/cli/check_counter.h"
#include "train/cli/loss_mix.h"
#include "train/cli/recipe_check.h"
#include "train/run/failure.h"
#include "train/search/training_plan.h"

namespace noggin::tool {
namespace {

namespace fs = std::filesystem;
using train::value_or_throw;

constexpr std::uint64_t kLookedAt = 20'000;  // documents of each file, the first ones
constexpr std::size_t kWholeFiles = 4;       // of more files in a split fewer rows of each are read
constexpr std::size_t kNamedClasses = 12;
constexpr std::size_t kNamedQuestions = 20;
constexpr std::uint64_t kManyTexts = 1000;  // a share of so many has about as many texts as it says

data::LogGuess guess_of(const LogsToRead& logs, std::optional<spec::TaskKind>& kind) {
  data::GuessOptions options{.dense_documents = kLookedAt, .question = logs.question};
  if (!logs.task.empty()) {
    kind = spec::task_kind_of(logs.task);
    if (!spec::is_known(*kind))
      throw train::Failure(
          train::ExitCode::kUsage,
          fmt::format("there is no task \"{}\". Fix: see `noggin check --explain` for the names", logs.task));
    options.task = &*kind;
  }
  return value_or_throw(data::guess_logs(logs.files, options));
}

// A number in (low, high] with few decimals.
double cut_between(double low, double high) {
  for (double scale = 100.0; scale < 1e15; scale *= 10.0) {
    const double cut = (std::floor(low * scale) + 1.0) / scale;
    if (cut > low && cut <= high) return cut;
  }
  return high;
}

std::vector<std::string> names_of(const data::LogGuess& guess) {
  std::vector<std::string> names;
  for (const auto& [name, count] : guess.classes) names.push_back(name);
  return names;
}

data::LabelSet label_set_of(const data::LogGuess& guess) {
  return value_or_throw(data::LabelSet::create(names_of(guess), guess.label_words, {}, guess.task));
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

// What is wrong with a source's rejected rows, by reason.
std::map<std::string, std::uint64_t> faults_of(const data::SourceReport& source) {
  std::map<std::string, std::uint64_t> faults(source.rejected);
  std::erase_if(faults, [](const auto& fault) { return data::is_no_fault(fault.first); });
  return faults;
}

class Proposal {
 public:
  Proposal(const LogsToRead& logs, const std::string& folder)
      : folder_(fs::absolute(folder)),
        guess_(guess_of(logs, kind_)),
        pretrained_(logs.pretrained),
        fitted_(logs.fitted) {}

  RecipeProposal make() {
    train::Recipe& recipe = result_.recipe;
    recipe.name = folder_.filename().empty() ? folder_.parent_path().filename().string() : folder_.filename().string();
    recipe.task = guess_.task;
    if (!spec::traits_of(guess_.task).has_fixed_classes() && !spec::traits_of(guess_.task).is_number())
      recipe.data.labels = names_of(guess_);
    recipe.data.label_words = guess_.label_words;
    recipe.data.ingest.question = guess_.question;
    place_sources();
    describe_files();
    describe_questions();
    const RecipeProposal before = result_;
    judge_sources();
    if (const std::size_t left_out = leave_out_unanswered(); left_out > 0) {
      result_ = before;
      recipe.data.labels = names_of(guess_);
      judge_sources();
      comment(
          fmt::format("{} classes are left out: the teacher lists them, but of no row are they the answer; their "
                      "probability counts as none of the classes",
                      left_out));
    }
    describe_classes();
    hold_out();
    declare_checks();
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
    for (const data::GuessedFile& file : guess_.files)
      comment(fmt::format("{}: {}", fs::path(file.path).filename().string(), file.family));
  }

  void describe_questions() {
    if (guess_.questions.empty()) return;
    comment("typed decisions; the log holds these questions, of which one is learnt (--question NAME takes another):");
    std::size_t shown = 0;
    for (const data::ProposedQuestion& question : guess_.questions) {
      if (shown++ == kNamedQuestions) return comment(fmt::format("  and {} more", guess_.questions.size() - shown + 1));
      std::string text = fmt::format("  {}: {} of {}, asked on {} rows", data::excerpt(question.name),
                                     data::name_of(question.type), question.options, question.rows);
      if (question.answered > 0) text += fmt::format(", answered on {}", question.answered);
      if (question.name == guess_.question) text += " (learnt here)";
      comment(std::move(text));
    }
  }

  void describe_classes() {
    if (guess_.classes.empty()) return;
    std::vector<std::pair<std::string, std::uint64_t>> by_count(guess_.classes);
    std::stable_sort(by_count.begin(), by_count.end(),
                     [](const auto& a, const auto& b) { return a.second > b.second; });
    std::string text = fmt::format(
        "{} classes in {} documents{}:", by_count.size(), guess_.documents,
        guess_.is_sample ? fmt::format(" (all of the first {} of a file, fewer and fewer of the others)", kLookedAt)
                         : "");
    for (std::size_t i = 0; i < std::min(kNamedClasses, by_count.size()); ++i) {
      text += fmt::format("{} {}", i == 0 ? "" : ",", data::excerpt(by_count[i].first));
      if (by_count[i].second > 0) text += fmt::format(" {}", by_count[i].second);
    }
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

  // Classes that stand only among a teacher's alternatives: a student could not learn them nor be measured on them. Few
  // rows do not tell; questions name their options. Returns how many were left out.
  std::size_t leave_out_unanswered() {
    const bool can_tell =
        spec::traits_of(guess_.task).is_classification() && guess_.question.empty() && rows_ >= kManyTexts;
    const auto is_answer = [this](const auto& one) {
      return answers_.contains(one.first) || (!all_rows_seen_ && one.second > 0);
    };
    const auto answered = std::ranges::count_if(guess_.classes, is_answer);
    if (!can_tell || answered < 2) return 0;
    for (const auto& [name, count] : guess_.classes)
      if (!is_answer(std::pair(name, count))) guess_.label_words.erase(name);
    return std::erase_if(guess_.classes, std::not_fn(is_answer));
  }

  // Reads the rows as ingest will, once for each split's own files.
  void judge_sources() {
    rows_ = 0;
    places_.clear();
    training_.clear();
    dev_.clear();
    const data::LabelSet labels = label_set_of(guess_);
    if (spec::traits_of(guess_.task).classes == spec::ClassNames::kIob2) checks_.emplace(guess_.task, labels);
    for (auto* sources : {&result_.recipe.data.train, &result_.recipe.data.dev, &result_.recipe.data.test}) {
      if (sources->empty()) continue;
      const bool training = sources == &result_.recipe.data.train;
      const bool test = sources == &result_.recipe.data.test;
      const data::RowSurvey survey =
          value_or_throw(data::survey_rows({"train", *sources, training}, labels, result_.recipe.data.ingest,
                                           guess_.task, kLookedAt * std::min(sources->size(), kWholeFiles), nullptr,
                                           0.5F, data::kShownRows, [&](const data::Record& record) {
                                             if (checks_ && !test) checks_->add(record);
                                             if (has_both() && !test) (training ? training_ : dev_).push_back(record);
                                           }));
      result_.rows.insert(result_.rows.end(), survey.shown.begin(), survey.shown.end());
      const data::SplitReport& counts = survey.summary.counts;
      const data::ClassCounts& classes = survey.summary.classes;
      for (std::size_t i = 0; i < classes.names.size(); ++i)
        if (classes.gold[i] + classes.teacher[i] > 0) answers_.insert(classes.names[i]);
      if (training) {
        const data::TargetCounts& targets = survey.summary.targets;
        result_.recipe.data.ingest.measure_by_teacher = targets.gold * 2 < targets.all && targets.teacher > 0;
      }
      if (sources == &result_.recipe.data.dev) dev_rows_ = counts.accepted;
      if (sources == &result_.recipe.data.test) test_rows_ = counts.accepted;
      if (training) {
        all_rows_seen_ = survey.is_complete();
        rows_ = all_rows_seen_ ? counts.accepted : kLookedAt;
        places_ = survey.places;
      }
      for (const data::SourceReport& report : counts.sources) permit(report, *sources);
      if (survey.is_complete())
        train::throw_unless_ok(data::check_split({"train", *sources, training}, counts, result_.recipe.data.ingest));
    }
  }

  void permit(const data::SourceReport& report, std::vector<data::Source>& sources) {
    const std::map<std::string, std::uint64_t> faults = faults_of(report);
    std::uint64_t rejected = 0;
    std::vector<std::string> reasons;
    for (const auto& [reason, count] : faults) {
      rejected += count;
      if (!reason.starts_with("cut_")) reasons.push_back(reason);
    }
    const auto documents = static_cast<double>(report.documents());
    if (static_cast<double>(rejected) <= result_.recipe.data.ingest.quarantine_budget * documents) return;
    if (rejected * 2 > report.documents()) return;  // not a log of this kind: check_split says so
    for (data::Source& source : sources)
      if (source.path == report.path || source.requests_path == report.path) source.permit = reasons;
    comment(fmt::format("{}: {} of {} documents cannot be used ({}); they are permitted by name below",
                        fs::path(report.path).filename().string(), rejected, report.documents(),
                        data::top_reasons(faults)));
  }

  // Small sets give more of their texts away, because a dev set of a few rows says nothing.
  void hold_out() {
    train::DataRecipe& data = result_.recipe.data;
    const double share = rows_ < 100 ? 0.25 : rows_ < 1000 ? 0.15 : 0.1;
    std::sort(places_.begin(), places_.end());
    places_.erase(std::unique(places_.begin(), places_.end()), places_.end());
    const std::size_t held_out = (data.dev.empty() ? 1 : 0) + (data.test.empty() ? 1 : 0);
    if (places_.size() <= held_out)
      throw train::Failure(train::ExitCode::kBadData,
                           fmt::format("{} different texts are too few to hold some of them out for dev and test. Fix: "
                                       "give more rows, or files with \"dev\" and \"test\" in their names",
                                       places_.size()));
    if (data.dev.empty()) data.dev_share = cut_after(share, 1);
    if (data.test.empty())
      data.test_share = cut_after(data.dev.empty() ? 2.0 * share : share, held_out) - data.dev_share;
    if (held_out > 0)
      comment(
          fmt::format("dev and test are {:.0f} % of the texts each, by hash; texts that differ only in case, spaces "
                      "and punctuation stay together",
                      100.0 * share));
    if (data.ingest.measure_by_teacher)
      comment(
          "most rows have no gold: dev and test measure how well the student agrees with the teacher, not how right it "
          "is");
  }

  // Those that find what gold has, in training and dev rows.
  void declare_checks() {
    if (!checks_) return;
    train::Recipe& recipe = result_.recipe;
    const double dev = recipe.data.dev_share, test = recipe.data.test_share;
    for (const CheckAgreement& found : checks_->agreements({dev, dev + test})) {
      const auto number = static_cast<std::size_t>(found.kind);
      const std::string of_type = found.type.empty() ? "" : " of " + data::excerpt(found.type);
      if (found.agrees()) recipe.checks.types[number - 1] = found.type;
      comment(fmt::format("checks.{}: {} of {} matches in the gold rows of train and dev are exactly spans{}; {}",
                          spec::check_name(found.kind), found.exact, found.matches, of_type,
                          found.agrees() ? "declared below" : "not declared, which takes 20 matches, 99 of 100 exact"));
    }
  }

  // The share below which `share` of the texts lie, `fewest` at least, and not all.
  double cut_after(double share, std::size_t fewest) const {
    if (rows_ >= kManyTexts) return share;
    const auto wanted = static_cast<std::size_t>(share * static_cast<double>(places_.size()));
    const std::size_t count = std::clamp(wanted, fewest, places_.size() - 1);
    return cut_between(places_[count - 1], places_[count]);
  }

  // Of files of their own, or of a share of the training texts.
  std::uint64_t held_out_rows(double share, std::uint64_t of_files) const {
    return share > 0.0 ? static_cast<std::uint64_t>(share * static_cast<double>(rows_)) : of_files;
  }

  void choose_phases() {
    train::Recipe& recipe = result_.recipe;
    recipe.tokenizer.training.min_frequency = rows_ < 2000 ? 1 : 2;
    train::TrainingFacts facts;
    facts.dev_rows = held_out_rows(recipe.data.dev_share, dev_rows_);
    facts.test_rows = held_out_rows(recipe.data.test_share, test_rows_);
    facts.rows = rows_;
    facts.has_teacher = guess_.has_teacher;
    facts.has_gold = guess_.has_gold;
    facts.pretrained = pretrained_;
    facts.fitted = fitted_;
    facts.tags = spec::traits_of(guess_.task).classes == spec::ClassNames::kIob2;
    const LossMix mix = has_both() ? mix_by_dev() : LossMix();
    facts.gold_share = mix.gold_share;
    for (const std::string& reason : train::plan_training(facts, recipe)) comment(reason);
    if (has_both()) comment(mix.reason());
  }

  bool has_both() const { return guess_.has_teacher && guess_.has_gold; }

  LossMix mix_by_dev() {
    const train::DataRecipe& data = result_.recipe.data;
    const auto is_below = [](double share) {
      return [share](const data::Record& record) { return data::TextShare::place_of(record.text) < share; };
    };
    if (data.dev.empty()) std::ranges::copy_if(training_, std::back_inserter(dev_), is_below(data.dev_share));
    std::erase_if(training_, is_below(data.dev_share + data.test_share));
    return choose_loss_mix(result_.recipe, label_set_of(guess_), training_, dev_);
  }

  void make_relative() {
    for (auto* sources : {&result_.recipe.data.train, &result_.recipe.data.dev, &result_.recipe.data.test})
      for (data::Source& source : *sources)
        for (std::string* path : {&source.path, &source.requests_path})
          if (!path->empty())
            *path = fs::absolute(*path).lexically_normal().lexically_relative(folder_.lexically_normal()).string();
  }

  fs::path folder_;
  std::optional<spec::TaskKind> kind_;
  data::LogGuess guess_;
  bool pretrained_, fitted_;
  RecipeProposal result_;
  bool all_rows_seen_ = true;                              // of the training texts
  std::uint64_t rows_ = 0, dev_rows_ = 0, test_rows_ = 0;  // the last two: of files of their own
  std::vector<double> places_;                             // of the training texts
  std::vector<data::Record> training_, dev_;               // where rows have both teacher and gold
  std::optional<CheckCounter> checks_;                     // task tag
  std::set<std::string> answers_;                          // classes that are gold or the teacher's first of some row
};

}  // namespace

RecipeProposal propose_recipe(const LogsToRead& logs, const std::string& folder) {
  return Proposal(logs, folder).make();
}

std::vector<data::ShownRow> rows_of_logs(const LogsToRead& logs, std::uint64_t max_rows, data::SplitReport& counts) {
  std::optional<spec::TaskKind> kind;
  const data::LogGuess guess = guess_of(logs, kind);
  data::IngestOptions options;
  options.question = guess.question;
  const data::RowSurvey survey =
      value_or_throw(data::survey_rows({"log", guess.sources, false}, label_set_of(guess), options, guess.task,
                                       kLookedAt, nullptr, 0.5F, static_cast<std::size_t>(max_rows)));
  counts = survey.summary.counts;
  return survey.shown;
}

}  // namespace noggin::tool
