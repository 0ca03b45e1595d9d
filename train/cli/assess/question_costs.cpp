#include <fmt/format.h>

#include <cmath>
#include <cstdint>

#include "train/assess/cost.h"
#include "train/cli/assess/questions.h"
#include "train/run/progress.h"

namespace noggin::tool {
namespace {

using assess::Question;
using train::format_count;

// Four bytes a token, and the names of classes as answers.
assess::Tokens estimated_tokens(const AssessedJob& subject) {
  constexpr double kBytesPerToken = 4.0;
  std::size_t names = 0;
  for (const std::string& name : subject.task.labels) names += name.size();
  const double texts = std::max(1.0, static_cast<double>(subject.training.rows()));
  return {static_cast<double>(subject.training.text.size()) / texts / kBytesPerToken,
          std::max(1.0, static_cast<double>(names) / static_cast<double>(subject.task.labels.size()) / kBytesPerToken)};
}

assess::Tokens add_tokens(const AssessedJob& subject, Question& question) {
  const assess::LogFacts& facts = subject.facts;
  const assess::Tokens guess = estimated_tokens(subject);
  const auto add = [&](const char* key, const char* name, const assess::MeanOf& logged, double estimate,
                       const char* how) {
    if (logged.documents > 0)
      question.measured(key, name, fmt::format("{:.1f}", logged.mean()), logged.mean(),
                        fmt::format("mean of the log's usage fields, n = {} of {} documents",
                                    format_count(logged.documents), format_count(facts.documents)));
    else
      question.estimated(key, name, fmt::format("{:.1f}", estimate), estimate, how);
    return logged.documents > 0 ? logged.mean() : estimate;
  };
  assess::Tokens tokens;
  tokens.input = add("input_tokens", "input tokens a request", facts.input_tokens, guess.input,
                     "bytes of the text / 4, for the log has no usage fields; a prompt around it is not counted");
  tokens.output = add("output_tokens", "output tokens a request", facts.output_tokens, guess.output,
                      "bytes of a class's name / 4, for the log has no usage fields");
  return tokens;
}

// The share of requests that the device answers by itself.
double add_counted(const Assessment& given, Question& question) {
  if (!given.options.counted) {
    question.not_known("answered_share", "answered on devices",
                       "give --counters FILE... of devices; all requests are assumed below");
    return 1.0;
  }
  const DeviceCounts& counted = *given.options.counted;
  const exporter::Interval share = assess::share_of(counted.requests - counted.unanswered, counted.requests);
  assess::Json value = assess::json_of(share);
  value["n"] = counted.requests;
  question.measured(
      "answered_share", "answered on devices", fmt::format("{:.1f} %", 100.0 * share.value), value,
      fmt::format("counted by devices, n = {} requests; the others still cost", format_count(counted.requests)));
  return counted.requests > 0 ? share.value : 1.0;
}

std::string money(double amount) {
  return std::abs(amount) < 1.0 ? fmt::format("{:.3g}", amount) : fmt::format("{:.2f}", amount);
}

void add_price(const assess::Prices& prices, const assess::Cost& cost, Question& question) {
  if (!cost.per_request)
    return question.not_known("price_per_request", "price of a request",
                              "give --price-in and --price-out (a million tokens), or --price-per-request");
  const std::string text = money(*cost.per_request);
  if (prices.per_request)
    return question.given("price_per_request", "price of a request", text, *cost.per_request, "--price-per-request");
  if (prices.input_per_million)
    return question.given("price_per_request", "price of a request", text, *cost.per_request,
                          fmt::format("--price-in {:g} and --price-out {:g} a million tokens, times the tokens above",
                                      *prices.input_per_million, *prices.output_per_million));
  question.measured("price_per_request", "price of a request", text, *cost.per_request, "mean of the log's usage.cost");
}

void add_month(const assess::Prices& prices, const assess::Cost& cost, Question& question) {
  if (prices.requests_per_day)
    question.given("requests_per_day", "requests a day", fmt::format("{:g}", *prices.requests_per_day),
                   *prices.requests_per_day, "--requests-per-day");
  else
    question.not_known("requests_per_day", "requests a day", "give --requests-per-day N");
  if (cost.per_month)
    question.estimated(
        "per_month", "the teacher a month", money(*cost.per_month), *cost.per_month,
        fmt::format("price of a request x requests a day x {:.2f} days, in the currency given", assess::kDaysPerMonth));
  else
    question.not_known("per_month", "the teacher a month", "needs a price and the requests a day");
}

void add_break_even(const assess::Prices& prices, const assess::Cost& cost, double answered, Question& question) {
  if (!cost.training)
    question.not_known("training_cost", "one training",
                       "give --training-cost, or --training-hours and --price-per-hour");
  else
    question.given("training_cost", "one training", money(*cost.training), *cost.training,
                   prices.training ? "--training-cost" : "--training-hours x --price-per-hour");
  if (!cost.break_even)
    return question.not_known("break_even_requests", "break-even", "needs a price and the cost of a training");
  std::string text = fmt::format("{} requests", format_count(static_cast<std::uint64_t>(std::ceil(*cost.break_even))));
  if (cost.break_even_days) text += fmt::format(", {:.1f} days", *cost.break_even_days);
  question.estimated("break_even_requests", "break-even", text,
                     {{"requests", *cost.break_even},
                      {"days", cost.break_even_days ? assess::Json(*cost.break_even_days) : assess::Json(nullptr)}},
                     fmt::format("cost of a training / price of a request, {:.0f} % answered on the device; people's "
                                 "time is not counted",
                                 100.0 * answered));
}

}  // namespace

Question what_it_costs(const Assessment& given, assess::Evidence& evidence) {
  Question question{"cost", "What does it cost?"};
  const assess::Prices& prices = given.options.prices;
  const assess::Tokens tokens = add_tokens(given.subject, question);
  const assess::MeanOf& logged = given.subject.facts.cost;
  const double answered = add_counted(given, question);
  const assess::Cost cost =
      assess::cost_of(prices, tokens, logged.documents > 0 ? std::optional(logged.mean()) : std::nullopt, answered);
  add_price(prices, cost, question);
  add_month(prices, cost, question);
  add_break_even(prices, cost, answered, question);
  evidence.break_even_days = cost.break_even_days;
  return question;
}

}  // namespace noggin::tool
