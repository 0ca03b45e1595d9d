#include "train/assess/recommendation.h"

#include <fmt/format.h>

namespace noggin::assess {
namespace {

double percent(double share) { return 100.0 * share; }

bool speed_argues_for_device(const Evidence& evidence) {
  constexpr double kMicroseconds = 1e3;
  return evidence.round_trip_ms && evidence.student_us &&
         *evidence.round_trip_ms * kMicroseconds >= kManyTimesFaster * *evidence.student_us;
}

bool privacy_argues_for_device(const Evidence& evidence) {
  return evidence.sensitive_share && *evidence.sensitive_share >= kManySensitive;
}

std::optional<Advice> too_little_known(const Evidence& evidence) {
  if (evidence.dev_rows < kFewestDevRows)
    return Advice{Verdict::kCannotTell, fmt::format("dev has {} rows with gold, and {} are needed to tell anything",
                                                    evidence.dev_rows, kFewestDevRows)};
  if (!evidence.target)
    return Advice{
        Verdict::kCannotTell,
        "no target is known: neither the teacher's quality nor gates.min_primary_metric nor --target says how "
        "good is good enough"};
  return std::nullopt;
}

std::optional<Advice> never_pays(const Evidence& evidence) {
  if (!evidence.break_even_days || *evidence.break_even_days <= kLongestPayback) return std::nullopt;
  if (speed_argues_for_device(evidence) || privacy_argues_for_device(evidence)) return std::nullopt;
  return Advice{
      Verdict::kKeepTeacher,
      fmt::format("one training costs as much as {:.0f} days of the teacher, and neither latency nor sensitive "
                  "rows are known to ask for the device",
                  *evidence.break_even_days)};
}

std::optional<Advice> floor_suffices(const Evidence& evidence) {
  if (evidence.floor.value < *evidence.target) return std::nullopt;
  return Advice{Verdict::kDevice,
                fmt::format("already the {} reaches {:.2f} % [{:.2f}, {:.2f}] on dev, and {:.2f} % are wanted",
                            evidence.floor_by, percent(evidence.floor.value), percent(evidence.floor.low),
                            percent(evidence.floor.high), percent(*evidence.target))};
}

std::optional<Advice> answers_a_part(const Evidence& evidence) {
  if (!evidence.answered_at_target || *evidence.answered_at_target < kWorthwhileShare) return std::nullopt;
  return Advice{Verdict::kCascade,
                fmt::format("already a small model answers {:.0f} % of dev at {:.2f} %, and passes the rest on; a "
                            "student answers more, and `noggin run` says whether it answers all",
                            percent(*evidence.answered_at_target), percent(*evidence.target))};
}

std::optional<Advice> out_of_reach(const Evidence& evidence) {
  if (!evidence.at_ten || evidence.at_ten->high + kLargestLead >= *evidence.target) return std::nullopt;
  return Advice{Verdict::kKeepTeacher,
                fmt::format("the linear model would reach at most {:.1f} % with ten times the rows, and no student is "
                            "expected to gain the {:.1f} points that are then missing",
                            percent(evidence.at_ten->high), percent(*evidence.target - evidence.at_ten->high))};
}

}  // namespace

const char* name_of(Verdict verdict) {
  switch (verdict) {
    case Verdict::kDevice:
      return "device";
    case Verdict::kCascade:
      return "cascade";
    case Verdict::kKeepTeacher:
      return "keep the teacher";
    case Verdict::kCannotTell:
      break;
  }
  return "cannot tell";
}

Advice advise(const Evidence& evidence) {
  for (const auto rule : {too_little_known, never_pays, floor_suffices, answers_a_part, out_of_reach})
    if (std::optional<Advice> advice = rule(evidence)) return *advice;
  return {Verdict::kCannotTell,
          fmt::format("the {} is {:.1f} points below the target, which a student may gain; `noggin run` tells",
                      evidence.floor_by, percent(*evidence.target - evidence.floor.value))};
}

std::vector<std::string> rules() {
  return {
      fmt::format("cannot tell: fewer than {} dev rows with gold, or no target", kFewestDevRows),
      fmt::format(
          "keep the teacher: break-even after {:.0f} days, the device less than {:.0f} times as fast as the round "
          "trip, and less than {:.0f} % of the rows known to be sensitive",
          kLongestPayback, kManyTimesFaster, percent(kManySensitive)),
      "device: the linear model or the static student reaches the target on dev",
      fmt::format("cascade: one of them answers {:.0f} % of dev at the target's accuracy", percent(kWorthwhileShare)),
      fmt::format("keep the teacher: {:.0f} points above the linear model's forecast for ten times the rows are below "
                  "the target",
                  percent(kLargestLead)),
      "cannot tell: everything else; train a student"};
}

}  // namespace noggin::assess
