// spec::attention_exponent over sixteen lanes: the same polynomial, the same bits. Include after a lanes_*.h.
#pragma once

#include "spec/formulas_coefficients.h"
#include "spec/quant.h"

namespace noggin::runtime {
namespace {

// Below this exp(x) * 127 is far below one half, so spec::exp's handling of tiny results is not needed.
constexpr float kExponentLowest = -80.0F;

// round_half_even(exp(float(dot_minus_max) * score_scale) * 127), for lanes <= 0.
NOGGIN_LANES Ints attention_exponents(Ints dot_minus_max, Floats score_scale) {
  const Floats x = larger(multiply(to_float(dot_minus_max), score_scale), all(kExponentLowest));
  const Ints n = round_half_even(multiply(x, all(spec::kLog2E)));
  const Floats whole = to_float(n);
  const Floats r = subtract(subtract(x, multiply(whole, all(spec::kLn2High))), multiply(whole, all(spec::kLn2Low)));
  Floats p = add(all(spec::kExp5), multiply(r, all(spec::kExp6)));
  p = add(all(spec::kExp4), multiply(r, p));
  p = add(all(spec::kExp3), multiply(r, p));
  p = add(all(0.5F), multiply(r, p));
  const Floats e = add(all(1.0F), add(r, multiply(multiply(r, r), p)));
  return round_half_even(multiply(multiply(e, power_of_two(n)), all(spec::kExponentSteps)));
}

}  // namespace
}  // namespace noggin::runtime
