// A cascade: the student answers when it is confident enough and passes the rest on to the teacher. Evaluates
// thresholds on dev rows and chooses the one to store in the file. The rule is the runtime's: an answer whose
// probability is below `abstain_below` is passed on. Pure functions, O(n log n); a NaN probability counts as 0.
#pragma once

#include <cstdint>
#include <nlohmann/json_fwd.hpp>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "data/metrics/classification_metrics.h"
#include "export/report/statistics.h"

namespace noggin::exporter {

// The effect of one threshold. coverage = answered / rows, escalation = 1 - coverage.
struct OperatingPoint {
  float abstain_below = 0.0F;
  std::uint64_t rows = 0, answered = 0, right = 0;  // right: among the answered ones

  double coverage() const;
  double accuracy() const;      // of the answered ones; 0 if there are none
  double accuracy_low() const;  // its one-sided 95 % lower bound (binomial_bound.h)
};
OperatingPoint operating_point(std::span<const data::Confidence> answers, float abstain_below);

// A threshold cannot separate rows of equal probability, so they are one step of the curve. A threshold is half-way
// between two steps, so that a last-bit difference in a probability does not cross it; the last threshold, which
// answers all, is 0.
struct RiskCoverage {
  static constexpr std::size_t kMaxPoints = 200;
  std::vector<OperatingPoint> points;  // by ascending coverage; thinned evenly, first and last kept
  // Area under risk (1 - accuracy of the answered) by coverage: its mean over the n coverages i/n (Geifman, El-Yaniv
  // 2017).
  // Among rows of equal probability the errors count as spread evenly. Smaller is better.
  double area = 0.0;
  double smallest_area = 0.0;  // of the same answers if all right ones were the more probable ones
};
RiskCoverage risk_coverage(std::span<const data::Confidence> answers);

// What is compared with the target: the measured accuracy, or its one-sided 95 % lower bound.
enum class AccuracyRule { kMeasured, kLowerBound };

// The largest coverage whose accuracy on the answered rows reaches the target `wish`; nullopt if no threshold does. The
// bound holds for one threshold; choosing among many on the same rows makes it somewhat optimistic. Promise the
// accuracy that the test split shows with the threshold fixed.
std::optional<OperatingPoint> threshold_for_accuracy(std::span<const data::Confidence> answers, double wish,
                                                     AccuracyRule rule);

// The smallest coverage that passes on at most this fraction of rows: the highest threshold within the budget. nullopt
// for no rows.
std::optional<OperatingPoint> threshold_for_escalation(std::span<const data::Confidence> answers, double max_escalated);

// Per request, in any currency. Each request pays for the student; one that is passed on also pays for the teacher.
struct Prices {
  double student = 0.0, teacher = 0.0;
};
double cost_per_thousand(const OperatingPoint& point, const Prices& prices);

// 1 for each row that the cascade answers correctly, with the student's answer or, if passed on, with the teacher's.
// teacher_right: one entry per row.
std::vector<std::uint8_t> cascade_correct(std::span<const data::Confidence> answers,
                                          std::span<const std::uint8_t> teacher_right, float abstain_below);

struct CascadeWishes {
  std::vector<double> accuracies, escalation_rates;  // targets; each gives a row of the table
  AccuracyRule rule = AccuracyRule::kLowerBound;
  std::optional<Prices> prices;
  BootstrapOptions bootstrap;  // for the accuracy of the whole cascade
};

struct CascadeRow {
  std::string name;                     // "student alone", "teacher alone", "accuracy >= 97 %", "escalation <= 10 %"
  std::optional<OperatingPoint> point;  // none: teacher alone, or a target that no threshold reaches
  std::optional<Interval> accuracy;     // of the whole; empty if the teacher's answers are needed and not known
  std::optional<double> cost_per_thousand;
  std::string note;
};

struct CascadeReport {
  std::uint64_t rows = 0;
  RiskCoverage curve;
  std::vector<CascadeRow> choices;
};

// teacher_right: empty if it is not known which rows the teacher gets right.
CascadeReport cascade_report(std::span<const data::Confidence> answers, std::span<const std::uint8_t> teacher_right,
                             const CascadeWishes& wishes);

std::string to_text(const CascadeReport& report);  // the choices and the area; the curve is for the JSON
nlohmann::ordered_json to_json(const CascadeReport& report);

}  // namespace noggin::exporter
