#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "export/report/cascade.h"
#include "export/report/text_table.h"
#include "train/assess/class_balance.h"
#include "train/cli/assess/questions.h"
#include "train/run/progress.h"

namespace noggin::tool {
namespace {

using assess::Json;
using assess::Question;
using exporter::Interval;
using train::format_count;

constexpr double kMultiples[] = {2.0, 10.0};
constexpr std::size_t kNamedClasses = 5;

std::string percent(const Interval& interval) { return exporter::percent(interval) + " %"; }

void add_classes(const AssessedJob& subject, Question& question) {
  const data::ClassCounts& counts = subject.split("train").classes;
  const auto sum = [](const std::vector<std::uint64_t>& of) { return std::accumulate(of.begin(), of.end(), 0ULL); };
  const bool by_gold = 2 * sum(counts.gold) >= sum(counts.teacher);  // else too few rows have it
  const assess::ClassBalance balance = assess::class_balance(counts.names, by_gold ? counts.gold : counts.teacher);
  const bool spans = spec::traits_of(subject.recipe.task).per_token();
  question.measured("classes", spans ? "types of spans" : "classes",
                    fmt::format("{}, {} of which occur", balance.classes, balance.answered),
                    {{"classes", balance.classes}, {"answered", balance.answered}},
                    fmt::format("{} of {} training rows", by_gold ? "gold" : "the teacher's first answer",
                                format_count(subject.training.rows())));
  question.measured("entropy", "entropy", fmt::format("{:.2f} bits", balance.entropy_bits), balance.entropy_bits,
                    "of these answers, -sum p log2 p");
  question.measured("effective_classes", "effective number", fmt::format("{:.1f}", balance.effective),
                    balance.effective, "2^entropy: as many equally frequent ones");
  question.measured("largest_share", "most frequent one", fmt::format("{:.1f} %", 100.0 * balance.largest_share),
                    balance.largest_share,
                    spans ? "its share of all" : "its share: what always answering it would reach");
  const std::vector<std::string> named(
      balance.rare.begin(),
      balance.rare.begin() + static_cast<std::ptrdiff_t>(std::min(balance.rare.size(), kNamedClasses)));
  question.measured("rare_classes", "rare ones",
                    balance.rare.empty() ? "none"
                                         : fmt::format("{}: {}{}", balance.rare.size(), fmt::join(named, ", "),
                                                       balance.rare.size() > named.size() ? ", ..." : ""),
                    balance.rare, fmt::format("fewer than {} rows", assess::kRareBelow));
}

void add_agreement(const AssessedJob& subject, const std::string& name, Question& question) {
  const data::SplitSummary& split = subject.split(name);
  const std::string key = "teacher_gold_" + name, title = fmt::format("teacher and gold, {}", name);
  const data::AgreementCounts& counts = split.agreement;
  if (split.counts.measured_by_teacher > 0)
    return question.not_known(key, title, "gold is the teacher's own answer here; label some rows");
  if (counts.rows == 0) return question.not_known(key, title, "no row has both; label some of the teacher's rows");
  const Interval share = assess::share_of(counts.rows_agree, counts.rows);
  Json value = assess::json_of(share);
  value["n"] = counts.rows;
  question.measured(key, title, percent(share), value,
                    fmt::format("rows that agree in {}, n = {}; 95 % interval of Clopper and Pearson",
                                subject.reader->per_token() ? "every word" : "the answer", format_count(counts.rows)));
}

void add_self_agreement(const AssessedJob& subject, Question& question) {
  const assess::SelfAgreement self = assess::self_agreement(subject.log.rows);
  if (self.texts == 0)
    return question.not_known("teacher_self", "teacher and itself",
                              "no text was answered twice; ask the teacher some texts again");
  const Interval share = assess::share_of(self.same, self.answers);
  const data::AnswerSpread& spread = subject.split("train").spread;
  Json value = assess::json_of(share);
  value.update({{"texts", self.texts},
                {"answers", self.answers},
                {"mean_distance", spread.mean},
                {"largest_distance", spread.largest}});
  question.measured(
      "teacher_self", "teacher and itself", percent(share), value,
      fmt::format(
          "answers that are their text's most frequent one, n = {} to {} texts; distance from their mean {:.3f}, "
          "at most {:.3f} (total variation)",
          format_count(self.answers), format_count(self.texts), spread.mean, spread.largest));
}

// The quality that would do: given, or the teacher's.
void add_target(const Assessment& given, Question& question, assess::Evidence& evidence) {
  const AssessedJob& subject = given.subject;
  const std::string measure = subject.reader->primary_metric_name();
  const std::optional<Interval> teacher = subject.teacher_quality();
  if (teacher)
    question.measured("teacher_quality", "teacher on dev", percent(*teacher), assess::json_of(*teacher),
                      fmt::format("{}, n = {}; bootstrap over rows", measure, format_count(subject.dev.rows())));
  else
    question.not_known("teacher_quality", "teacher on dev",
                       "needs the teacher's answer to every dev row, and gold that is not its own");
  const double gate = subject.recipe.gates.min_primary_metric, margin = subject.recipe.compare.margin;
  const auto text = [](double target) { return fmt::format("{:.2f} %", 100.0 * target); };
  if (given.options.target) {
    evidence.target = given.options.target;
    question.given("target", "target", text(*evidence.target), *evidence.target, "--target, of " + measure);
  } else if (gate > 0.0) {
    evidence.target = gate;
    question.given("target", "target", text(gate), gate, "gates.min_primary_metric, of " + measure);
  } else if (teacher) {
    evidence.target = teacher->value - margin;
    question.estimated(
        "target", "target", text(*evidence.target), *evidence.target,
        fmt::format("the teacher on dev less compare.margin, {} points; --target says otherwise", 100.0 * margin));
  } else {
    question.not_known("target", "target", "give --target X, or gates.min_primary_metric in the recipe");
  }
}

// One kind of small students, with keys of its own: "linear" and "static" for the largest size, others with a prefix.
struct Curve {
  const SmallStudents& students;
  std::string key, prefix;
};

// What the largest size reaches; the best kind is the floor.
void add_floor(const Assessment& given, const Curve& curve, Question& question, assess::Evidence& evidence) {
  const AssessedJob& subject = given.subject;
  const SmallStudents& students = curve.students;
  exporter::BootstrapOptions options;
  options.seed = subject.recipe.seed;
  const Interval reached = exporter::bootstrap_ratio(students.sizes.back().draws.front(), options);
  question.measured(curve.key, students.kind + " on dev", percent(reached), assess::json_of(reached),
                    fmt::format("{}, learnt from {} rows, n = {}; bootstrap over rows; a floor for every student",
                                subject.reader->primary_metric_name(), format_count(students.used),
                                format_count(subject.dev.rows())));
  if (evidence.floor_by.empty() || reached.value > evidence.floor.value) {
    evidence.floor = reached;
    evidence.floor_by = students.kind;
  }
  if (students.confidences.empty() || !evidence.target) return;
  const auto point =
      exporter::threshold_for_accuracy(students.confidences, *evidence.target, exporter::AccuracyRule::kLowerBound);
  const double answered = point ? point->coverage() : 0.0;
  evidence.answered_at_target = std::max(answered, evidence.answered_at_target.value_or(0.0));
  question.measured(curve.prefix + "answered_at_target", "answered at the target",
                    fmt::format("{:.1f} %", 100.0 * answered), answered,
                    fmt::format("of dev, by the {} where it is sure; one-sided 95 % bound at the target, "
                                "threshold chosen on the same n = {}",
                                students.kind, format_count(students.confidences.size())));
}

void add_curve(const Curve& curve, Question& question) {
  const SmallStudents& students = curve.students;
  std::vector<std::string> points;
  Json json = Json::array();
  for (const assess::MeasuredSize& size : students.sizes) {
    points.push_back(fmt::format("{}: {:.2f}", format_count(size.rows), 100.0 * size.quality()));
    json.push_back({{"rows", size.rows}, {"quality", size.quality()}, {"draws", size.draws.size()}});
  }
  const std::string sample =
      students.used < students.usable
          ? fmt::format(" of {} drawn from {} rows", format_count(students.used), format_count(students.usable))
          : "";
  question.measured(curve.prefix + "curve", "learning curve", fmt::format("{}", fmt::join(points, "  ")), json,
                    fmt::format("rows: %, {} on dev; {} nested draw{} a size{}; {:.0f} s", students.kind,
                                students.draws, students.draws == 1 ? "" : "s", sample, students.seconds));
}

std::string rows_text(double rows, double largest) {
  constexpr double kBeyond = 1000.0;
  if (!std::isfinite(rows)) return "not reached";
  if (rows > kBeyond * largest) return "more than " + format_count(static_cast<std::uint64_t>(kBeyond * largest));
  return format_count(static_cast<std::uint64_t>(std::ceil(rows)));
}

// The quality with ten times the rows.
Interval add_forecast(const Assessment& given, const Curve& curve, Question& question,
                      const assess::Evidence& evidence) {
  exporter::BootstrapOptions options;
  options.seed = given.subject.recipe.seed;
  const SmallStudents& students = curve.students;
  const assess::Forecast found = assess::forecast(students.sizes, kMultiples, evidence.target, options);
  const auto largest = static_cast<double>(students.used);
  const std::string law =
      fmt::format("{:.4f} - {:.3g} n^-{:.2f} by least squares", found.law.a, found.law.b, found.law.c);
  for (std::size_t i = 0; i < std::size(kMultiples); ++i)
    question.estimated(fmt::format("{}at_{:.0f}_times", curve.prefix, kMultiples[i]),
                       fmt::format("with {:.0f} times the rows", kMultiples[i]), percent(found.at_more[i]),
                       assess::json_of(found.at_more[i]),
                       fmt::format("{}; 95 % interval over dev rows and draws, if the law holds", law));
  if (!found.has_target) {
    question.not_known(curve.prefix + "rows_for_target", "rows for the target", "needs a target; --target X");
  } else {
    question.estimated(
        curve.prefix + "rows_for_target", "rows for the target",
        fmt::format("{} [{}, {}]", rows_text(found.rows_for_target, largest), rows_text(found.fewest, largest),
                    rows_text(found.most, largest)),
        assess::json_of({found.rows_for_target, found.fewest, found.most}),
        fmt::format("by the same law, for the {}; it has {}", students.kind, format_count(students.used)));
  }
  return found.at_more.back();
}

}  // namespace

Question how_bounded(const Assessment& given, assess::Evidence& evidence) {
  const AssessedJob& subject = given.subject;
  Question question{"bounded", "How bounded is the task?"};
  add_classes(subject, question);
  for (const char* split : {"train", "dev"}) add_agreement(subject, split, question);
  add_self_agreement(subject, question);
  evidence.dev_rows = subject.rows_with_gold_on_dev();
  add_target(given, question, evidence);
  if (given.linear.sizes.empty()) {
    question.not_known(
        "linear", "linear model on dev",
        fmt::format("{} training rows have an answer, {} are needed", given.linear.usable, kFewestLearnt));
    return question;
  }
  for (const Curve& curve : {Curve{given.linear, "linear", ""}, Curve{given.statics, "static", "static_"}}) {
    if (curve.students.sizes.empty()) continue;
    add_floor(given, curve, question, evidence);
    add_curve(curve, question);
    const Interval at_ten = add_forecast(given, curve, question, evidence);
    if (!evidence.at_ten) evidence.at_ten = at_ten;  // the linear one's: kLargestLead is a lead over it
  }
  return question;
}

}  // namespace noggin::tool
