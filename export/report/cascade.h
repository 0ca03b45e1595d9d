// A cascade: the student answers where it is sure enough, and hands the rest on to the teacher. What a threshold is worth on
// dev rows, and which threshold to store in the file. The rule is the runtime's: an answer whose probability is below
// `abstain_below` is handed on. Pure functions, O(n log n); a probability that is not a number counts as 0.
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

// What one threshold does. coverage = answered / rows, escalation = 1 - coverage.
struct OperatingPoint {
  float abstain_below = 0.0F;
  std::uint64_t rows = 0, answered = 0, right = 0;  // right: of the answered ones

  double coverage() const;
  double accuracy() const;           // of the answered ones; 0 when none is
  double accuracy_low() const;       // its one-sided 95 % lower bound (binomial_bound.h)
};
OperatingPoint operating_point(std::span<const data::Confidence> answers, float abstain_below);

// Rows of equal probability cannot be told apart by a threshold, so they are one step of the curve. Thresholds lie half-way
// between two steps, which a last-bit difference of a probability does not cross; the last one, which answers all, is 0.
struct RiskCoverage {
  static constexpr std::size_t kMostPoints = 200;
  std::vector<OperatingPoint> points;  // by rising coverage; thinned evenly, first and last kept
  // Area under risk (1 - accuracy of the answered) by coverage: its mean over the n coverages i/n (Geifman, El-Yaniv 2017).
  // Among rows of equal probability the errors count as spread evenly. Smaller is better.
  double area = 0.0;
  double smallest_area = 0.0;          // of the same answers, had all right ones been the more probable ones
};
RiskCoverage risk_coverage(std::span<const data::Confidence> answers);

// What the wish is held against: the measured accuracy, or its one-sided 95 % lower bound.
enum class AccuracyRule { kMeasured, kLowerBound };

// The largest coverage whose accuracy of the answered rows reaches the wish; none when no threshold does. The bound is that
// of one threshold, and the choice among many on the same rows makes it somewhat optimistic: the test split, with the
// threshold fixed, tells the accuracy to promise.
std::optional<OperatingPoint> threshold_for_accuracy(std::span<const data::Confidence> answers, double wish,
                                                     AccuracyRule rule);

// The smallest coverage that hands on at most this share of rows: the highest threshold within the budget. None for no rows.
std::optional<OperatingPoint> threshold_for_escalation(std::span<const data::Confidence> answers, double most_escalated);

// Per request, in any currency. Each request pays the student; one that is handed on pays the teacher too.
struct Prices {
  double student = 0.0, teacher = 0.0;
};
double cost_per_thousand(const OperatingPoint& point, const Prices& prices);

// 1 per row that the cascade answers rightly: with the student's answer or, handed on, with the teacher's.
// teacher_right: one entry per row.
std::vector<std::uint8_t> cascade_correct(std::span<const data::Confidence> answers,
                                          std::span<const std::uint8_t> teacher_right, float abstain_below);

struct CascadeWishes {
  std::vector<double> accuracies, escalation_rates;  // a row of the table each
  AccuracyRule rule = AccuracyRule::kLowerBound;
  std::optional<Prices> prices;
  BootstrapOptions bootstrap;                        // for the accuracy of the whole cascade
};

struct CascadeRow {
  std::string name;                       // "student alone", "teacher alone", "accuracy >= 97 %", "escalation <= 10 %"
  std::optional<OperatingPoint> point;    // none: teacher alone, or a wish that no threshold reaches
  std::optional<Interval> accuracy;       // of the whole; empty where the teacher's answers are needed and not known
  std::optional<double> cost_per_thousand;
  std::string note;
};

struct CascadeReport {
  std::uint64_t rows = 0;
  RiskCoverage curve;
  std::vector<CascadeRow> choices;
};

// teacher_right: empty when the teacher's correctness on these rows is not known.
CascadeReport cascade_report(std::span<const data::Confidence> answers, std::span<const std::uint8_t> teacher_right,
                             const CascadeWishes& wishes);

std::string to_text(const CascadeReport& report);  // the choices and the area; the curve is for the JSON
nlohmann::ordered_json to_json(const CascadeReport& report);

}  // namespace noggin::exporter
