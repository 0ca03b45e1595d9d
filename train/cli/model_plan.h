// The file that a recipe will give, before it is trained: its shape, its bytes, the memory and time of a session.
#pragma once

#include <chrono>
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "data/rows/labels.h"
#include "export/plan/latency.h"
#include "export/plan/planned_model.h"
#include "export/plan/pruned_shape.h"
#include "train/cli/console.h"
#include "train/cli/known_texts.h"
#include "train/recipe/recipe.h"

namespace noggin::tool {

struct ModelPlan {
  exporter::ShapeRange shape;
  exporter::PlannedFile smallest, largest;  // files between which the recipe's will be; equal sizes: exactly that size
  std::vector<std::string> unknown;         // why the size may differ from these
  std::optional<exporter::TimedSession> timed{};  // of `largest`; texts of median and of 95th percentile length

  bool exact() const { return unknown.empty() && smallest.parts.total == largest.parts.total; }
  // "485,123 bytes", "485,123 to 491,000 bytes"
  std::string size_text() const;
};

// Throws Failure for a shape or a vocabulary that no file can hold.
ModelPlan plan_model(const train::Recipe& recipe, const data::LabelSet& labels, const KnownTexts& known);

// Of median and of 95th percentile length; without samples made of the vocabulary, of half and of all tokens.
std::vector<std::string> texts_to_time(const train::Recipe& recipe, const KnownTexts& known);

// How long to time where many shapes are compared.
inline constexpr std::chrono::milliseconds kShortLook{40};

// Times the planned file on this machine, about `each` for each of two texts.
void time_plan(const train::Recipe& recipe, const KnownTexts& known, ModelPlan& plan,
               std::chrono::milliseconds each = std::chrono::milliseconds(150));

// The rows of a command's summary, and the same as JSON:
// {"layers", "width", "heads", "neurons", "pieces", "max_tokens",
//  "file_bytes": {"least", "most", "exact", "unknown": [...]},
//  "parts": {"word_table", "layers", "classifier", "vocabulary", "rest"},
//  "latency": {"kernel_set", "threads", "session_bytes", "texts": [{"tokens", "lower_quartile_us", "median_us",
//  "upper_quartile_us", "answers"}]}}
std::vector<std::pair<std::string, std::string>> figures_of(const ModelPlan& plan);
Json to_json(const ModelPlan& plan);

// "word table 264,000, layers 190,000, classifier 2,304, vocabulary 20,000, the rest 9,000"
std::string parts_text(const exporter::FileParts& parts);

}  // namespace noggin::tool
