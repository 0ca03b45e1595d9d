#include "train/cli/assess/options.h"

#include <fmt/format.h>

#include <nlohmann/json.hpp>

#include "data/files/input_file.h"
#include "data/files/json_document.h"
#include "spec/task.h"
#include "train/cli/target_list.h"
#include "train/run/failure.h"

namespace noggin::tool {
namespace {

constexpr double kMostMoney = 1e12, kMostRequests = 1e12;

[[noreturn]] void usage_error(const std::string& message) { throw train::Failure(train::ExitCode::kUsage, message); }

void check_prices(const Arguments& arguments) {
  const auto exclude = [&](const char* one, const char* other) {
    if (arguments.has(one) && arguments.has(other))
      usage_error(fmt::format("--{} and --{} say the same in two ways. Fix: leave out one", one, other));
  };
  exclude("price-per-request", "price-in");
  exclude("price-per-request", "price-out");
  exclude("training-cost", "training-hours");
  if (arguments.has("price-in") != arguments.has("price-out"))
    usage_error("a price of tokens has two parts. Fix: give both --price-in and --price-out, or --price-per-request");
  if (arguments.has("training-hours") != arguments.has("price-per-hour"))
    usage_error("hours alone cost nothing. Fix: give both --training-hours and --price-per-hour, or --training-cost");
}

assess::Prices prices_of(const Arguments& arguments) {
  check_prices(arguments);
  assess::Prices prices;
  prices.input_per_million = arguments.positive("price-in", kMostMoney);
  prices.output_per_million = arguments.positive("price-out", kMostMoney);
  prices.per_request = arguments.positive("price-per-request", kMostMoney);
  prices.requests_per_day = arguments.positive("requests-per-day", kMostRequests);
  prices.training = arguments.positive("training-cost", kMostMoney);
  prices.training_hours = arguments.positive("training-hours");
  prices.price_per_hour = arguments.positive("price-per-hour", kMostMoney);
  return prices;
}

Model masking_model(const std::string& path) {
  Model model = train::value_or_throw(Model::open(path));
  if (spec::traits_of(model.task()).classes == spec::ClassNames::kIob2) return model;
  throw train::Failure(
      train::ExitCode::kBadData,
      fmt::format("--masking {}: its task is {}, which finds no private data. Fix: give a model of the "
                  "task tag, such as one of configs/presidio_pii.yaml",
                  path, spec::task_name(model.task())));
}

DeviceCounts read_counters(const std::vector<std::string>& files) {
  constexpr std::uint64_t kMostBytes = 1ULL << 26U;
  DeviceCounts sum;
  for (const std::string& file : files) {
    const train::Failure unusable(train::ExitCode::kBadData,
                                  file +
                                      ": is no object with \"counters\", \"requests\" and \"unanswered\", as a device "
                                      "writes its counters. Fix: name such a file");
    const auto json = data::parse_json<nlohmann::json>(train::value_or_throw(data::read_input_file(file, kMostBytes)));
    if (!json || !json->is_object() || !json->contains("counters")) throw unusable;
    const auto number = [&](const char* key) {
      if (!json->contains(key) || !json->at(key).is_number_unsigned()) throw unusable;
      return json->at(key).get<std::uint64_t>();
    };
    sum.requests += number("requests");
    sum.unanswered += number("unanswered");
    if (sum.unanswered > sum.requests) throw unusable;
  }
  return sum;
}

}  // namespace

boost::program_options::options_description assess_option_list() {
  namespace po = boost::program_options;
  po::options_description options("Options");
  const auto number = [](const char* name) { return po::value<std::string>()->value_name(name); };
  const auto files = [](const char* name) {
    return po::value<std::vector<std::string>>()->multitoken()->value_name(name);
  };
  options.add_options()("from", files("LOG..."),
                        "assess these logs; a recipe is guessed as `init --from` does. Its key=value come first")(
      "target", number("X"),
      "quality on dev that would do, 0 to 1 (default: gates.min_primary_metric, else the "
      "teacher's less compare.margin)")("round-trip-ms", number("X"),
                                        "how long an answer of the teacher takes, network included")(
      "price-in", number("X"), "price of a million input tokens, in any currency")("price-out", number("X"),
                                                                                   "price of a million output tokens")(
      "price-per-request", number("X"), "price of a request, instead of both")("requests-per-day", number("N"),
                                                                               "how many there are or will be")(
      "training-cost", number("X"), "price of one training, for the break-even")("training-hours", number("X"),
                                                                                 "or its hours, with --price-per-hour")(
      "price-per-hour", number("X"), "price of an hour of the machine that trains")(
      "masking", number("MODEL.nog"), "a tagger of private data: what it finds in the rows")(
      "counters", files("FILE..."), "what devices have counted (JSON): requests and abstentions")(
      "targets", number("LIST"), "what devices execute: avx2,amx,... (default: gates.required_targets)")(
      "out", number("FILE"), "also write the page there; JSON if the name ends in .json")("force",
                                                                                          "overwrite that file");
  return options;
}

AssessOptions assess_options_of(const Arguments& arguments) {
  constexpr double kMostMilliseconds = 1e9;
  AssessOptions options;
  options.round_trip_ms = arguments.positive("round-trip-ms", kMostMilliseconds);
  options.target = arguments.positive("target", 1.0);
  options.prices = prices_of(arguments);
  options.masking = arguments.text_or("masking", "");
  options.targets = targets_of(arguments);
  options.out = arguments.text_or("out", "");
  if (arguments.has("out") && options.out.empty()) usage_error("--out is empty. Fix: name a file");
  if (arguments.has("masking") && options.masking.empty()) usage_error("--masking is empty. Fix: name a model");
  if (!options.masking.empty()) options.masking_model = masking_model(options.masking);
  if (arguments.has("counters")) options.counted = read_counters(arguments.list("counters"));
  return options;
}

}  // namespace noggin::tool
