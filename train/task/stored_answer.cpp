#include "train/task/stored_answer.h"

#include <cstddef>

namespace noggin::train {
namespace {

std::int32_t number(std::size_t value) { return static_cast<std::int32_t>(value); }

StoredAnswer numbers_of(const runtime::ClassAnswer& answer) { return {number(answer.label), answer.abstained ? 1 : 0}; }
StoredAnswer numbers_of(const runtime::LabelSetAnswer& answer) {
  StoredAnswer numbers;
  for (const runtime::LabelSetAnswer::Label& label : answer.labels) numbers.push_back(number(label.label));
  return numbers;
}
StoredAnswer numbers_of(const runtime::ScoreAnswer& answer) {
  return {runtime::thousandths(answer.score), answer.positive ? 1 : 0};
}
StoredAnswer numbers_of(const runtime::SpanAnswer& answer) {
  StoredAnswer numbers;
  for (const TaggedSpan& span : answer.spans) {
    numbers.insert(numbers.end(), {number(span.place.begin), number(span.place.end), number(span.type)});
  }
  return numbers;
}
StoredAnswer numbers_of(const runtime::TextAnswer&) { return {}; }

}  // namespace

StoredAnswer stored(const runtime::Prediction& answer) {
  return std::visit([](const auto& given) { return numbers_of(given); }, answer);
}

runtime::Prediction from_stored(const StoredAnswer& numbers, const spec::TaskTraits& task) {
  const auto at = [&numbers](std::size_t i) { return static_cast<std::uint32_t>(numbers.at(i)); };
  if (task.is_classification()) return runtime::ClassAnswer{at(0), 0.0F, at(1) != 0};
  if (task.is_number()) return runtime::ScoreAnswer{static_cast<float>(at(0)) / 1000.0F, at(1) != 0};
  if (!task.per_token()) {
    runtime::LabelSetAnswer answer;
    for (std::size_t i = 0; i < numbers.size(); ++i) answer.labels.push_back({at(i), 0.0F});
    return answer;
  }
  runtime::SpanAnswer answer;
  for (std::size_t i = 0; i + 2 < numbers.size(); i += 3) {
    answer.spans.push_back({{at(i), at(i + 1)}, at(i + 2), 0.0F});
  }
  return answer;
}

}  // namespace noggin::train
