#include "train/assess/cost.h"

namespace noggin::assess {
namespace {

std::optional<double> price_of_request(const Prices& prices, const std::optional<Tokens>& tokens,
                                       std::optional<double> logged) {
  constexpr double kMillion = 1e6;
  if (prices.per_request) return prices.per_request;
  if (!prices.input_per_million && !prices.output_per_million) return logged;
  if (!tokens) return std::nullopt;
  return (prices.input_per_million.value_or(0.0) * tokens->input +
          prices.output_per_million.value_or(0.0) * tokens->output) /
         kMillion;
}

}  // namespace

Cost cost_of(const Prices& prices, const std::optional<Tokens>& tokens, std::optional<double> logged, double answered) {
  Cost cost;
  cost.per_request = price_of_request(prices, tokens, logged);
  if (cost.per_request && prices.requests_per_day)
    cost.per_month = *cost.per_request * *prices.requests_per_day * kDaysPerMonth;
  cost.training = prices.training;
  if (!cost.training && prices.training_hours && prices.price_per_hour)
    cost.training = *prices.training_hours * *prices.price_per_hour;
  if (!cost.training || !cost.per_request || *cost.per_request <= 0.0 || answered <= 0.0) return cost;
  cost.break_even = *cost.training / (*cost.per_request * answered);
  if (prices.requests_per_day) cost.break_even_days = *cost.break_even / *prices.requests_per_day;
  return cost;
}

}  // namespace noggin::assess
