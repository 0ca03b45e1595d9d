#include "data/logs/teacher_distribution.h"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <cmath>
#include <cstddef>
#include <limits>
#include <memory_resource>
#include <optional>
#include <utility>
#include <vector>

#include "data/rows/decimals.h"

namespace noggin::data {
namespace {

constexpr double kNoLogprob = -std::numeric_limits<double>::infinity();

// A logarithm may be -infinity: no mass.
std::optional<Rejection> check_value(ValueKind kind, double value) {
  if (value == kNoLogprob && kind != ValueKind::kProbs) return std::nullopt;
  if (!std::isfinite(value)) return Rejection{Reason::kNotFinite, fmt::format("{}", value)};
  if (kind == ValueKind::kProbs && value < 0) return Rejection{Reason::kNegativeProbability, fmt::format("{}", value)};
  if (kind == ValueKind::kLogprobs && value > kMaxLogprob)
    return Rejection{Reason::kPositiveLogprob, fmt::format("{}", value)};
  return std::nullopt;
}

using IndexedMass = std::pair<std::int32_t, double>;
using Masses = std::pmr::vector<IndexedMass>;

// Room for the classes of a usual answer, so that none is made for each row.
struct Room {
  std::array<std::byte, 64 * sizeof(IndexedMass)> bytes;
  std::pmr::monotonic_buffer_resource memory{bytes.data(), bytes.size()};
};

// Merges entries of the same class: add(mass so far, next mass).
template <typename Add>
void merge_equal(Masses& classes, const Add& add) {
  std::sort(classes.begin(), classes.end());
  std::size_t count = 0;
  for (const auto& [index, probability] : classes) {
    if (count > 0 && classes[count - 1].first == index)
      classes[count - 1].second = add(classes[count - 1].second, probability);
    else
      classes[count++] = {index, probability};
  }
  classes.resize(count);
}

// The order of classes: by probability; ties go to the lower class.
struct IsBefore {
  bool operator()(const IndexedMass& a, const IndexedMass& b) const {
    return a.second != b.second ? a.second > b.second : a.first < b.first;
  }
  bool operator()(const ClassMass& a, const ClassMass& b) const {
    return a.probability != b.probability ? a.probability > b.probability : a.class_index < b.class_index;
  }
};

// No class stands twice.
void most_probable(Masses& classes, std::uint32_t top_k, TeacherDistribution& teacher) {
  std::sort(classes.begin(), classes.end(), IsBefore());
  teacher.clear();
  const std::size_t count = std::min<std::size_t>(classes.size(), top_k);
  teacher.classes.reserve(count);
  teacher.probabilities.reserve(count);
  for (std::size_t i = 0; i < count; ++i) {
    teacher.classes.push_back(classes[i].first);
    teacher.probabilities.push_back(static_cast<float>(std::min(classes[i].second, 1.0)));
  }
}

// Drops classes whose probability is 0 as a float.
void merge(Masses& classes, std::uint32_t top_k, TeacherDistribution& teacher) {
  merge_equal(classes, [](double a, double b) { return a + b; });
  std::erase_if(classes, [](const auto& entry) { return !(static_cast<float>(entry.second) > 0.0F); });
  most_probable(classes, top_k, teacher);
}

// The largest sum that rounding explains.
double largest_sum(ValueKind kind, std::span<const ListedWord> words) {
  if (kind != ValueKind::kProbs) return kMaxSum;
  std::vector<double> values;
  for (const ListedWord& word : words) values.push_back(word.value);
  return std::max(kMaxSum, 1.0 + 1e-9 + rounding_of_sum(values.size(), decimals_of(values)));
}

}  // namespace

Checked<BuiltDistribution> build_distribution(ValueKind kind, std::span<const ListedWord> words, std::uint32_t top_k) {
  double largest = kNoLogprob;
  for (const ListedWord& word : words) {
    if (std::optional<Rejection> bad = check_value(kind, word.value)) return *std::move(bad);
    largest = std::max(largest, word.value);
  }
  const auto mass = [kind, largest](double value) {
    if (kind == ValueKind::kProbs) return value;
    return std::exp(kind == ValueKind::kLogits ? value - largest : value);
  };
  double sum = 0;
  for (const ListedWord& word : words) sum += mass(word.value);
  if (kind == ValueKind::kLogits && !words.empty() && largest == kNoLogprob) return Rejection{Reason::kNoMass, {}};
  if (kind != ValueKind::kLogits && sum > largest_sum(kind, words))
    return Rejection{Reason::kSumAboveOne, fmt::format("sum {:.6g}", sum)};

  BuiltDistribution built;
  built.renormalized = kind != ValueKind::kLogits && sum > 1.0;
  const double scale = kind == ValueKind::kLogits || built.renormalized ? 1.0 / sum : 1.0;
  Room room;
  Masses classes(&room.memory);
  classes.reserve(words.size());
  for (const ListedWord& word : words) {
    if (word.class_index < 0)
      ++built.unmapped_words;
    else
      classes.emplace_back(word.class_index, mass(word.value) * scale);
  }
  if (classes.empty()) return Rejection{Reason::kNoLabelWord, fmt::format("{} words listed", words.size())};
  merge(classes, top_k, built.teacher);
  if (built.teacher.empty()) return Rejection{Reason::kNoMass, {}};
  return built;
}

Checked<BuiltDistribution> build_independent(ValueKind kind, std::span<const ListedWord> words, std::uint32_t top_k) {
  BuiltDistribution built;
  Room room;
  Masses classes(&room.memory);
  for (const ListedWord& word : words) {
    if (std::optional<Rejection> bad = check_value(kind, word.value)) return *std::move(bad);
    if (kind == ValueKind::kProbs && word.value > kMaxSum)
      return Rejection{Reason::kProbabilityAboveOne, fmt::format("{}", word.value)};
    const double probability = kind == ValueKind::kProbs      ? word.value
                               : kind == ValueKind::kLogprobs ? std::exp(word.value)
                                                              : 1.0 / (1.0 + std::exp(-word.value));
    built.renormalized = built.renormalized || probability > 1.0;
    if (word.class_index < 0)
      ++built.unmapped_words;
    else
      classes.emplace_back(word.class_index, probability);
  }
  if (classes.empty()) return Rejection{Reason::kNoLabelWord, fmt::format("{} words listed", words.size())};
  merge_equal(classes, [](double a, double b) { return std::max(a, b); });
  most_probable(classes, top_k, built.teacher);
  return built;
}

TeacherDistribution distribution_of(std::span<const ClassMass> classes, std::uint32_t top_k) {
  Room room;
  Masses values(&room.memory);
  values.reserve(classes.size());
  for (const ClassMass& entry : classes) values.emplace_back(entry.class_index, entry.probability);
  TeacherDistribution teacher;
  merge(values, top_k, teacher);
  return teacher;
}

void settled_distribution(std::span<const ClassMass> classes, TeacherDistribution& teacher) {
  if (!std::is_sorted(classes.begin(), classes.end(), IsBefore())) {  // a division has made two of them equal
    teacher = distribution_of(classes, static_cast<std::uint32_t>(classes.size()));
    return;
  }
  teacher.clear();
  for (const ClassMass& entry : classes) {
    const auto probability = static_cast<float>(std::min(entry.probability, 1.0));
    if (!(probability > 0.0F)) continue;
    teacher.classes.push_back(entry.class_index);
    teacher.probabilities.push_back(probability);
  }
}

}  // namespace noggin::data
