#include "data/decisions/answer.h"

#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <map>
#include <string>
#include <utility>

#include "data/decisions/json_fields.h"
#include "data/rows/decimals.h"
#include "data/rows/excerpt.h"

namespace noggin::data {
namespace {

constexpr double kFloatNoise = 1e-6;  // a probability, or a sum of them, computed in single precision
constexpr double kScoreNoise = 0.02;  // a score's own rounding

// The level that a key stands for, or -1 if it is no whole number.
std::int64_t level_of(std::string_view text) {
  std::int64_t level = -1;
  const auto [end, code] = std::from_chars(text.data(), text.data() + text.size(), level);
  return code == std::errc() && end == text.data() + text.size() ? level : -1;
}

class AnswerReader {
 public:
  AnswerReader(const Question& question, const DecisionAnswerOptions& options)
      : question_(question), options_(options) {}

  Answer read(std::optional<JsonValue> found) && {
    answer_.missing = found ? read_found(*found) : Rejection{Reason::kQuestionUnanswered, excerpt(question_.name)};
    if (answer_.missing) {
      answer_.p.clear();
      answer_.label = -1;
    }
    return std::move(answer_);
  }

 private:
  Trouble read_found(JsonValue found) {
    JsonObject object;
    if (found.get_object().get(object) != simdjson::SUCCESS)
      return Rejection{Reason::kWrongType, fmt::format("the answer to {} must be an object", excerpt(question_.name))};
    if (Trouble trouble = check_keys(object, question_.name)) return trouble;
    if (const std::optional<std::string_view> type = string_of(found, "type")) {
      if (*type == "refusal") return Rejection{Reason::kQuestionRefused, excerpt(question_.name)};
      if (question_type(*type) != question_.type)
        return Rejection{Reason::kAnswerType, fmt::format("{}: {} asked, {} answered", excerpt(question_.name),
                                                          name_of(question_.type), excerpt(*type))};
    }
    if (const std::optional<JsonValue> error = field_of(found, "error"))
      return Rejection{Reason::kTeacherError,
                       fmt::format("{}: {}", excerpt(question_.name), excerpt(plain_text(*error)))};
    if (Trouble trouble = read_mass(found)) return trouble;
    logged_.assign(question_.options.size(), 0.0);
    seen_.assign(question_.options.size(), false);
    Trouble trouble = question_.type == QuestionType::kYesNo ? read_yes_no(found) : read_distribution(found);
    if (trouble) return trouble;
    if (answer_.label >= 0) return std::nullopt;
    if (Trouble off = normalize()) return off;
    check_consistency(found);
    return std::nullopt;
  }

  Trouble read_mass(JsonValue found) {
    for (const std::string_view name : {"label_mass", "option_mass"}) {
      const std::optional<JsonValue> value = field_of(found, name);
      if (!value) continue;
      double mass = 0;
      if (Trouble trouble = read_probability(*value, name, mass)) return trouble;
      answer_.label_mass = mass;
      if (mass < options_.min_class_mass)
        return Rejection{Reason::kLowClassMass, fmt::format("{} of {} is {:.4g}", name, excerpt(question_.name), mass)};
    }
    return std::nullopt;
  }

  // Into `probability`, which stays in [0, 1].
  Trouble read_probability(JsonValue value, std::string_view what, double& probability) const {
    const Checked<double> number = read_number(value, what);
    if (const auto* bad = std::get_if<Rejection>(&number))
      return Rejection{bad->reason == Reason::kNotFinite ? Reason::kProbabilityOutOfRange : bad->reason,
                       fmt::format("{}: {}", excerpt(question_.name), bad->detail)};
    const double p = std::get<double>(number);
    if (!(p >= -kFloatNoise && p <= 1.0 + kFloatNoise))
      return Rejection{Reason::kProbabilityOutOfRange, fmt::format("{}: {} is {}", excerpt(question_.name), what, p)};
    probability = std::clamp(p, 0.0, 1.0);
    return std::nullopt;
  }

  Trouble read_yes_no(JsonValue found) {
    std::optional<JsonValue> yes = field_of(found, "noul");
    if (!yes) yes = field_of(found, "probability");
    if (!yes && field_of(found, "probabilities")) return read_distribution(found);
    if (!yes) return Rejection{Reason::kNoProbabilities, excerpt(question_.name)};
    double p = 0;
    if (Trouble trouble = read_probability(*yes, "yes", p)) return trouble;
    logged_ = {1.0 - p, p};
    answer_.decimals = decimals_of(std::span(&p, 1));
    answer_.clipped = options_.yes_no_is_clipped && (p <= 0.01 || p >= 0.99);
    return std::nullopt;
  }

  Trouble read_distribution(JsonValue found) {
    const std::optional<JsonValue> listed = field_of(found, "probabilities");
    if (!listed) return read_label(found);
    Trouble trouble;
    if (JsonObject map; listed->get_object().get(map) == simdjson::SUCCESS) {
      for (const auto field : map)
        if (Trouble bad = add(option_of_key(field.key), field.key, field.value)) return bad;
    } else {
      trouble = for_each_element(*listed, question_.name, [this](JsonValue entry) { return add_entry(entry); });
    }
    if (!trouble && std::find(seen_.begin(), seen_.end(), true) == seen_.end())
      return Rejection{Reason::kNoProbabilities, excerpt(question_.name)};
    answer_.decimals = decimals_of(logged_);
    return trouble;
  }

  // {value, probability} of OpenAI.
  Trouble add_entry(JsonValue entry) {
    const std::optional<JsonValue> value = field_of(entry, "value"), probability = field_of(entry, "probability");
    if (!value || !probability)
      return Rejection{Reason::kWrongType,
                       fmt::format("a probability of {} lacks its value or number", excerpt(question_.name))};
    const std::string shown = plain_text(*value);
    const std::int64_t option =
        value->is_bool() && question_.type == QuestionType::kChoice ? option_named(shown, true) : option_of_key(shown);
    const auto label = string_of(entry, "label");
    if (label && is_option(option) && question_.options[static_cast<std::size_t>(option)].name != *label)
      answer_.legend_differs = true;
    return add(option, shown, *probability);
  }

  Trouble add(std::int64_t option, std::string_view shown, JsonValue value) {
    if (!is_option(option))
      return Rejection{Reason::kUnknownOption, fmt::format("{} of {}", excerpt(shown), excerpt(question_.name))};
    const auto at = static_cast<std::size_t>(option);
    if (seen_[at])
      return Rejection{Reason::kRepeatedField,
                       fmt::format("the probability of {} of {}", excerpt(shown), excerpt(question_.name))};
    seen_[at] = true;
    if (is_null(value)) return std::nullopt;  // no mass; the sum decides
    return read_probability(value, shown, logged_[at]);
  }

  bool is_option(std::int64_t option) const {
    return option >= 0 && static_cast<std::size_t>(option) < question_.options.size();
  }

  // Answers usually list the options in the order asked: the next one is tried first.
  std::int64_t option_named(std::string_view name, bool is_boolean) {
    const std::vector<Option>& options = question_.options;
    if (next_ < options.size() && options[next_].is_boolean == is_boolean && options[next_].name == name)
      return static_cast<std::int64_t>(next_++);
    if (by_name_.empty())
      for (std::size_t i = 0; i < options.size(); ++i)
        by_name_.emplace(name_key(options[i].name, options[i].is_boolean), i);
    const auto found = by_name_.find(name_key(name, is_boolean));
    return found == by_name_.end() ? -1 : static_cast<std::int64_t>(found->second);
  }

  // Booleans apart from the strings of their names.
  static std::pair<std::string_view, bool> name_key(std::string_view name, bool is_boolean) {
    return {name, is_boolean};
  }

  // Of an option by its name, of a level by its position. "true" is the string, else the boolean of that name: a map
  // has no booleans.
  std::int64_t option_of_key(std::string_view key) {
    if (question_.type == QuestionType::kScore && level_of(key) >= 0) return level_of(key);
    if (question_.type == QuestionType::kYesNo && (key == "true" || key == "false")) return key == "true" ? 1 : 0;
    const std::int64_t option = option_named(key, false);
    return option >= 0 ? option : option_named(key, true);
  }

  Trouble read_label(JsonValue found) {
    const std::optional<JsonValue> choice = field_of(found, "choice");
    if (!options_.choice_as_label || question_.type != QuestionType::kChoice || !choice)
      return Rejection{Reason::kNoProbabilities, excerpt(question_.name)};
    answer_.label = static_cast<std::int32_t>(chosen(*choice));
    if (answer_.label >= 0) return std::nullopt;
    return Rejection{Reason::kUnknownOption,
                     fmt::format("{} of {}", excerpt(plain_text(*choice)), excerpt(question_.name))};
  }

  std::int64_t chosen(JsonValue choice) const {
    const std::string name = plain_text(choice);
    const auto place_of = [&](bool is_boolean) {
      const auto found = std::ranges::find(question_.options, Option{name, is_boolean});
      return found == question_.options.end() ? -1 : found - question_.options.begin();
    };
    const std::int64_t option = place_of(choice.is_bool());
    return option >= 0 ? option : place_of(true);  // through a format without booleans
  }

  // A closed set: all options are listed.
  Trouble normalize() {
    double sum = 0;
    for (const double p : logged_) sum += p;
    const double bound = rounding_of_sum(logged_.size(), answer_.decimals) + kFloatNoise;
    if (!(std::abs(sum - 1.0) <= bound) || !(sum > 0))
      return Rejection{Reason::kSumNotOne,
                       fmt::format("{}: {} of {} options listed, sum {:.6g}, rounding explains {:.2g}",
                                   excerpt(question_.name), std::ranges::count(seen_, true), seen_.size(), sum, bound)};
    answer_.was_rounded = std::abs(sum - 1.0) > 1e-9;
    answer_.has_zero = std::ranges::count(logged_, 0.0) > 0;
    answer_.has_one = std::ranges::count(logged_, 1.0) > 0;
    answer_.p = logged_;
    for (double& p : answer_.p) p /= sum;
    return std::nullopt;
  }

  void check_consistency(JsonValue found) {
    if (question_.type == QuestionType::kChoice) {
      if (const auto choice = field_of(found, "choice")) {
        const std::int64_t option = chosen(*choice);
        const double largest = *std::max_element(logged_.begin(), logged_.end());
        answer_.choice_differs = option < 0 || logged_[static_cast<std::size_t>(option)] < largest;
      }
    } else if (question_.type == QuestionType::kScore) {
      if (const auto score = field_of(found, "score")) answer_.score_differs = !is_mean_level(*score);
      if (const auto legend = field_of(found, "legend"))
        answer_.legend_differs = answer_.legend_differs || !is_legend(*legend);
    }
  }

  bool is_mean_level(JsonValue score) const {
    const Checked<double> number = read_number(score, "score");
    if (!std::holds_alternative<double>(number)) return false;
    double mean = 0;
    for (std::size_t i = 0; i < logged_.size(); ++i) mean += static_cast<double>(i) * logged_[i];
    const auto n = static_cast<double>(logged_.size());
    const double half_step = rounding_of_sum(1, answer_.decimals);
    return std::abs(std::get<double>(number) - mean) <= kScoreNoise + half_step * (1.0 + n * (n - 1.0) / 2.0);
  }

  bool is_legend(JsonValue legend) const {
    JsonObject map;
    if (legend.get_object().get(map) != simdjson::SUCCESS || map.size() != question_.options.size()) return false;
    for (const auto field : map) {
      const std::int64_t level = level_of(field.key);
      if (!is_option(level) || question_.options[static_cast<std::size_t>(level)].name != plain_text(field.value))
        return false;
    }
    return true;
  }

  const Question& question_;
  const DecisionAnswerOptions& options_;
  Answer answer_;
  std::vector<double> logged_;  // by option, as logged
  std::vector<bool> seen_;
  std::size_t next_ = 0;
  std::map<std::pair<std::string_view, bool>, std::size_t> by_name_;  // options; filled when an answer leaves the order
};

}  // namespace

Answer read_answer(const Question& question, std::optional<JsonValue> found, const DecisionAnswerOptions& options) {
  return AnswerReader(question, options).read(found);
}

}  // namespace noggin::data
