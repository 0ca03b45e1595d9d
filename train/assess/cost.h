// What the teacher's answers cost, and when a model of one's own has paid for itself. In the user's currency.
#pragma once

#include <optional>

namespace noggin::assess {

// All given by the user; 0 is refused where they are read.
struct Prices {
  std::optional<double> input_per_million, output_per_million;  // tokens
  std::optional<double> per_request;
  std::optional<double> requests_per_day;
  std::optional<double> training;                        // once, or
  std::optional<double> training_hours, price_per_hour;  // of the machine that trains
};

// Means per request.
struct Tokens {
  double input = 0.0, output = 0.0;
};

inline constexpr double kDaysPerMonth = 365.25 / 12.0;

struct Cost {
  std::optional<double> per_request;
  std::optional<double> per_month;        // needs requests_per_day
  std::optional<double> training;         // one training
  std::optional<double> break_even;       // requests that cost the teacher as much as one training
  std::optional<double> break_even_days;  // needs requests_per_day
};

// logged: what the log says that a request cost, used where no price is given. answered: the share of requests that the
// device answers by itself, in (0, 1]; the others still cost.
Cost cost_of(const Prices& prices, const std::optional<Tokens>& tokens, std::optional<double> logged, double answered);

}  // namespace noggin::assess
