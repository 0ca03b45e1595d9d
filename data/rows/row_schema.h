// What a reader of rows must know: the task, its classes, and what to do with gold.
#pragma once

#include <cstdint>
#include <memory>

#include "data/rows/deletion.h"
#include "data/rows/labels.h"
#include "noggin/result.h"
#include "spec/tag_scheme.h"

namespace noggin::data {

struct RowSchema {
  spec::TaskKind task = spec::TaskKind::kSingleLabel;
  const LabelSet* labels = nullptr;                   // must outlive the schema
  spec::TagScheme tags{};                             // tag, edit
  std::uint32_t top_k = 1;                            // at most this many teacher classes are kept per row or token
  bool training = false;                              // true: rows that nothing can be learnt from are rejected
  bool keep_gold = true;                              // false: gold is ignored
  std::shared_ptr<const DeletionFinder> deletions{};  // edit

  // Fails (kInvalidArgument) if the labels do not fit the task.
  static Result<RowSchema> create(spec::TaskKind task, const LabelSet& labels, std::uint32_t top_k);
};

}  // namespace noggin::data
