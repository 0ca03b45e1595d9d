// The answer to one typed question -> a complete distribution over its options.
#pragma once

#include <cstdint>
#include <optional>
#include <vector>

#include "data/decisions/question.h"
#include "data/json/json_row.h"

namespace noggin::data {

struct DecisionAnswerOptions {
  double min_class_mass = 0.5;     // answers with a smaller label_mass or option_mass are no teacher (read_answer.h)
  bool choice_as_label = false;    // a choice without probabilities is a label
  bool yes_no_is_clipped = false;  // a yes/no of 0.01 or 0.99 is a bound (Gemini)
};

struct Answer {
  // One per option, each in [0, 1], sum 1: the options are all there are, so what the logged numbers lack to 1, or have
  // beyond it, is rounding and divided out. Empty: the answer is a label, or no teacher.
  std::vector<double> p{};
  std::int32_t label = -1;                 // with choice_as_label: the option; else -1
  int decimals = 0;                        // of the logged numbers, 2 to 6 (decimals.h); 7: not rounded; 0: none
  bool was_rounded = false;                // the logged numbers did not sum to 1
  bool clipped = false;                    // p is a bound: no loss beyond it, no calibration against it
  bool has_zero = false, has_one = false;  // a logged probability is exactly 0, or 1
  std::optional<double> label_mass{};      // share of the teacher's probability that was on the options, if logged
  // What the answer says of itself and its probabilities contradict; those are believed.
  bool choice_differs = false;         // choice is no option of the largest probability
  bool score_differs = false;          // score is not the mean level, by more than rounding explains
  bool legend_differs = false;         // the answer's names of levels are not those asked
  std::optional<Rejection> missing{};  // why there is neither p nor label
};

// `found`: the answer, or nothing if the response has none. The answer's own `confidence` means something else with
// every server and is not read.
Answer read_answer(const Question& question, std::optional<JsonValue> found, const DecisionAnswerOptions& options);

}  // namespace noggin::data
