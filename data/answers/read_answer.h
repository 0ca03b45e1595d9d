#pragma once

#include <cstdint>
#include <utility>
#include <vector>

#include "data/answers/logged_answer.h"
#include "data/rows/labels.h"
#include "data/rows/rejection.h"

namespace noggin::data {

struct AnswerOptions {
  double min_class_mass = 0.1;
  bool labels_only_allowed = true;
  std::uint32_t top_k = 32;
};
struct ClassMass {
  std::int32_t class_index;
  double probability;
};
struct AnswerReading {
  enum class From { kTokens, kText, kConfidence } from = From::kText;
  std::vector<ClassMass> classes;
  double mass = 0;
  std::uint32_t position = 0;
  bool agrees = true;
};
Checked<AnswerReading> read_answer(const LoggedAnswer& answer, const LabelSet& labels, const AnswerOptions& options);

}  // namespace noggin::data
