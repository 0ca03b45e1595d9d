// What a reader of rows must know: the task, its classes, and what becomes of gold.
#pragma once

#include <cstdint>
#include <memory>

#include "data/rows/deletion.h"
#include "data/rows/labels.h"
#include "noggin/result.h"
#include "spec/task.h"

namespace noggin::data {

struct RowSchema {
  spec::TaskKind task = spec::TaskKind::kSingleLabel;
  const LabelSet* labels = nullptr;  // outlives the schema
  spec::TagScheme tags{};            // tag, edit
  std::uint32_t top_k = 1;           // teacher classes kept per row or token at most
  bool training = false;             // rows that nothing can be learnt from are refused
  bool keep_gold = true;             // false: gold is not looked at
  std::shared_ptr<const DeletionFinder> deletions{};  // edit

  // Fails (kInvalidArgument) where the labels are not those of the task.
  static Result<RowSchema> create(spec::TaskKind task, const LabelSet& labels, std::uint32_t top_k);
};

}  // namespace noggin::data
