#include <fmt/format.h>

#include "train/cli/assess/questions.h"

namespace noggin::tool {

assess::Question how_much_latency(const Assessment& given, assess::Evidence& evidence) {
  constexpr double kMicroseconds = 1e3;
  assess::Question question{"latency", "How much latency does it tolerate?"};
  evidence.round_trip_ms = given.options.round_trip_ms;
  evidence.student_us = given.shapes.front().timed.texts.front().median_us;
  if (evidence.round_trip_ms)
    question.given("round_trip_ms", "round trip to the teacher", fmt::format("{:g} ms", *evidence.round_trip_ms),
                   *evidence.round_trip_ms, "--round-trip-ms");
  else
    question.not_known("round_trip_ms", "round trip to the teacher", "give --round-trip-ms X");
  for (const ShapeFile& shape : given.shapes) {
    const exporter::TimedText &usual = shape.timed.texts.front(), &longer = shape.timed.texts.back();
    std::string text =
        fmt::format("{:.0f} us [{:.0f}, {:.0f}]", usual.median_us, usual.lower_quartile_us, usual.upper_quartile_us);
    assess::Json value{{"median_us", usual.median_us},
                       {"lower_quartile_us", usual.lower_quartile_us},
                       {"upper_quartile_us", usual.upper_quartile_us},
                       {"tokens", usual.tokens},
                       {"longer_median_us", longer.median_us},
                       {"longer_tokens", longer.tokens},
                       {"answers", usual.answers}};
    if (evidence.round_trip_ms) {
      const double times = *evidence.round_trip_ms * kMicroseconds / usual.median_us;
      text += fmt::format(", {:.4g} in a round trip", times);
      value["round_trip_per_answer"] = times;
    }
    question.measured(
        shape.key + "_us", shape.name, text, value,
        fmt::format("here, {}, one thread, {} answers; {} ids, median and quartiles; {:.0f} us for {} ids",
                    shape.timed.kernel_set, usual.answers, usual.tokens, longer.median_us, longer.tokens));
  }
  return question;
}

}  // namespace noggin::tool
