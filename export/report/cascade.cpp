#include "export/report/cascade.h"

#include <algorithm>
#include <cmath>

#include "export/report/binomial_bound.h"

namespace noggin::exporter {
namespace {

using data::Confidence;

constexpr double kLevel = 0.95;
constexpr double kRounding = 1e-9;  // in rows: 0.95 * 20 rows are 19 rows despite a rounding error

double fraction(std::uint64_t part, std::uint64_t whole) {
  return whole == 0 ? 0.0 : static_cast<double>(part) / static_cast<double>(whole);
}

float trusted(float probability) { return std::isnan(probability) ? 0.0F : probability; }

// Every coverage that a threshold can have, by descending threshold: one point per group of equal probabilities.
std::vector<OperatingPoint> every_point(std::span<const Confidence> answers) {
  std::vector<Confidence> sorted(answers.begin(), answers.end());
  for (Confidence& answer : sorted) answer.probability = trusted(answer.probability);
  std::sort(sorted.begin(), sorted.end(), [](const auto& a, const auto& b) { return a.probability > b.probability; });
  std::vector<OperatingPoint> points;
  std::uint64_t right = 0;
  for (std::size_t i = 0; i < sorted.size(); ++i) {
    right += sorted[i].right ? 1 : 0;
    const float here = sorted[i].probability;
    const bool last = i + 1 == sorted.size();
    if (!last && sorted[i + 1].probability == here) continue;
    const float next = last ? 0.0F : sorted[i + 1].probability;
    const auto middle = static_cast<float>(0.5 * (double{here} + double{next}));
    points.push_back({last ? 0.0F : (middle > next ? middle : here), sorted.size(), i + 1, right});
  }
  return points;
}

bool reaches(const OperatingPoint& point, double wish, AccuracyRule rule) {
  if (rule == AccuracyRule::kLowerBound) return binomial_tail(point.right, point.answered, wish) <= 1.0 - kLevel;
  return static_cast<double>(point.right) + kRounding >= wish * static_cast<double>(point.answered);
}

// Mean over coverages i/n of the fraction of errors among the first i rows.
double area_under_risk(const std::vector<OperatingPoint>& points) {
  double sum = 0.0;
  std::uint64_t before = 0;
  double wrong_before = 0.0;
  for (const OperatingPoint& point : points) {
    const auto wrong = static_cast<double>(point.answered - point.right);
    const double slope = (wrong - wrong_before) / static_cast<double>(point.answered - before);
    for (std::uint64_t i = before + 1; i <= point.answered; ++i) {
      sum += (wrong_before + slope * static_cast<double>(i - before)) / static_cast<double>(i);
    }
    before = point.answered;
    wrong_before = wrong;
  }
  return before == 0 ? 0.0 : sum / static_cast<double>(before);
}

std::vector<OperatingPoint> thinned(const std::vector<OperatingPoint>& points) {
  constexpr std::size_t kMaxPoints = RiskCoverage::kMaxPoints;
  if (points.size() <= kMaxPoints) return points;
  std::vector<OperatingPoint> kept;
  for (std::size_t i = 0; i < kMaxPoints; ++i) kept.push_back(points[i * (points.size() - 1) / (kMaxPoints - 1)]);
  return kept;
}

}  // namespace

double OperatingPoint::coverage() const { return fraction(answered, rows); }
double OperatingPoint::accuracy() const { return fraction(right, answered); }
double OperatingPoint::accuracy_low() const { return accuracy_lower_bound(right, answered, kLevel); }

OperatingPoint operating_point(std::span<const Confidence> answers, float abstain_below) {
  OperatingPoint point{abstain_below, answers.size(), 0, 0};
  for (const Confidence& answer : answers) {
    if (trusted(answer.probability) < abstain_below) continue;
    ++point.answered;
    point.right += answer.right ? 1 : 0;
  }
  return point;
}

RiskCoverage risk_coverage(std::span<const Confidence> answers) {
  const std::vector<OperatingPoint> points = every_point(answers);
  RiskCoverage curve;
  if (points.empty()) return curve;
  curve.points = thinned(points);
  curve.area = area_under_risk(points);
  const OperatingPoint& all = points.back();
  std::vector<OperatingPoint> best;
  if (all.right > 0) best.push_back({0.0F, all.rows, all.right, all.right});
  if (all.right < all.rows) best.push_back(all);
  curve.smallest_area = area_under_risk(best);
  return curve;
}

std::optional<OperatingPoint> threshold_for_accuracy(std::span<const Confidence> answers, double wish,
                                                     AccuracyRule rule) {
  const std::vector<OperatingPoint> points = every_point(answers);
  const auto found =
      std::find_if(points.rbegin(), points.rend(), [&](const auto& p) { return reaches(p, wish, rule); });
  return found == points.rend() ? std::nullopt : std::optional(*found);
}

std::optional<OperatingPoint> threshold_for_escalation(std::span<const Confidence> answers, double max_escalated) {
  const std::vector<OperatingPoint> points = every_point(answers);
  const auto found = std::find_if(points.begin(), points.end(), [&](const OperatingPoint& point) {
    return static_cast<double>(point.rows - point.answered) <=
           max_escalated * static_cast<double>(point.rows) + kRounding;
  });
  return found == points.end() ? std::nullopt : std::optional(*found);
}

double cost_per_thousand(const OperatingPoint& point, const Prices& prices) {
  return 1000.0 * (prices.student + (1.0 - point.coverage()) * prices.teacher);
}

std::vector<std::uint8_t> cascade_correct(std::span<const Confidence> answers,
                                          std::span<const std::uint8_t> teacher_right, float abstain_below) {
  std::vector<std::uint8_t> correct(std::min(answers.size(), teacher_right.size()));
  for (std::size_t i = 0; i < correct.size(); ++i) {
    const bool handed_on = trusted(answers[i].probability) < abstain_below;
    correct[i] = (handed_on ? teacher_right[i] != 0 : answers[i].right) ? 1 : 0;
  }
  return correct;
}

}  // namespace noggin::exporter
