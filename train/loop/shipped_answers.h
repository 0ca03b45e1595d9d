// The answers of the model that is on devices, as targets for the one that replaces it, so that what was right stays
// right: focal distillation of positive-congruent training (Yan et al. 2021, "Positive-Congruent Training: Towards
// Regression-Free Model Updates", section 3.3), with weight 0 on the rows that the old model gets wrong.
#pragma once

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <unordered_map>
#include <vector>

#include "data/shards/example_table.h"
#include "distill/losses.h"
#include "format/frozen_model.h"
#include "noggin/engine.h"
#include "train/recipe/recipe.h"

namespace noggin::train {

// For one thread at a time. The model reads texts with its own tokenizer; classes are matched by name.
class ShippedAnswers {
 public:
  // nullptr if nothing asks for it (asks_shipped_model()). Throws Failure (kBadData): the file cannot be opened, it
  // answers another kind of task, or it has none of the recipe's classes.
  static std::unique_ptr<ShippedAnswers> open(const Recipe& recipe, const format::TaskContents& task);

  // The probabilities that the shipped model gives to its most probable classes [R, K], K = 8 or fewer; the mass
  // missing to 1 is the tail. Rows without any (-1): the model is wrong there, by gold, or by the teacher's first
  // answer where there is no gold, or nothing says what is right. A text is read once, as long as 64 MiB hold the
  // answers; texts beyond that are read again each time they are drawn.
  distill::TeacherTargets targets(const data::ExampleTable& table, std::span<const std::uint32_t> rows);

 private:
  struct Listed {
    std::int32_t label;  // of the recipe; -1: none of them, or unused
    float probability;
  };

  ShippedAnswers(Model model, Session session, const format::TaskContents& task);
  const std::vector<Listed>& answer(std::uint64_t key, std::string_view text);

  Model model_;
  Session session_;
  std::vector<std::int32_t> label_of_;  // of each class of the model: the recipe's, or -1
  std::size_t width_;                   // K
  std::unordered_map<std::uint64_t, std::vector<Listed>> answers_;
  std::vector<Listed> uncached_;
};

}  // namespace noggin::train
