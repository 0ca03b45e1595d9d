// Whether a job belongs on the device, from what was found: the one home of the rules.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "export/report/statistics.h"

namespace noggin::assess {

enum class Verdict { kDevice, kCascade, kKeepTeacher, kCannotTell };
const char* name_of(Verdict verdict);  // "device", "cascade", "keep the teacher", "cannot tell"

struct Evidence {
  std::uint64_t dev_rows = 0;                // with gold
  std::optional<double> target;              // quality that would do
  exporter::Interval floor;                  // the best small model on dev
  std::string floor_by;                      // "linear model", "static student"; empty: none was measured
  std::optional<exporter::Interval> at_ten;  // the linear model's forecast with ten times the rows
  std::optional<double> answered_at_target;  // largest share of dev that one answers at the target's accuracy
  std::optional<double> round_trip_ms, student_us;
  std::optional<double> sensitive_share;  // rows in which the masking model finds something
  std::optional<double> break_even_days;
};

// The limits of the rules, all of them.
inline constexpr std::uint64_t kFewestDevRows = 100;  // fewer leave an interval of about 20 points
inline constexpr double kWorthwhileShare = 0.30;      // of requests: less saves less than a third of the teacher's bill
inline constexpr double kLongestPayback = 730.0;      // days
inline constexpr double kManyTimesFaster = 10.0;
inline constexpr double kManySensitive = 0.01;  // of the rows
// The largest lead over the linear model that a student has had in this project's experiments is 22 points
// (README.md); one that would have to gain more is not expected.
inline constexpr double kLargestLead = 0.25;

struct Advice {
  Verdict verdict = Verdict::kCannotTell;
  std::string reason;
};

// The first rule that applies decides:
//   1 cannot tell       fewer than kFewestDevRows rows with gold, or no target
//   2 keep the teacher  break-even after kLongestPayback, while the device is not kManyTimesFaster than the round trip,
//                       and fewer rows than kManySensitive are known to be sensitive
//   3 device            a small model, which every student is compared with, reaches the target already
//   4 cascade           one answers kWorthwhileShare of the requests at the target's accuracy
//   5 keep the teacher  even with ten times the rows, and with kLargestLead for a student, the upper end of the linear
//                       model's forecast is below the target
//   6 cannot tell       a student may or may not close the gap: train one
Advice advise(const Evidence& evidence);

// These rules in words, one line each.
std::vector<std::string> rules();

}  // namespace noggin::assess
