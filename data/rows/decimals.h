// How many decimals a log's numbers were rounded to, and what that does to their sum.
#pragma once

#include <span>

namespace noggin::data {

// The largest sum of the probabilities of exclusive events that rounding explains, where nothing is known of decimals.
inline constexpr double kMaxSum = 1.0 + 1e-3;
// log(kMaxSum): no log-probability is larger.
inline constexpr double kMaxLogprob = 1e-3;

// The smallest d in [2, 6] at which all of `values` (in [0, 1]) are whole multiples of 10^-d, up to what a double can
// hold; 7 if none is. 0, 1, 0.25, 0.5 and 0.75 alone say nothing: they give 2.
int decimals_of(std::span<const double> values);

// By how much the sum of `count` values, each rounded by itself to d decimals, may differ from the sum of what they
// stand for: count / 2 * 10^-d. 0 for d > 6.
double rounding_of_sum(std::size_t count, int decimals);

}  // namespace noggin::data
