// Two models answer the same rows, text by text as a device would, and are timed against each other.
#pragma once

#include <vector>

#include "data/shards/example_table.h"
#include "export/compare/compare.h"
#include "train/cli/compare/joint_task.h"
#include "train/run/progress.h"

namespace noggin::tool {

struct JointAnswers {
  exporter::ModelAnswers before, after;            // in joint classes
  exporter::ModelFacts before_facts, after_facts;  // without paths and bytes
  exporter::Latency latency;
  exporter::RowFacts facts;  // of the new model's tokenizer, or the old one's if only that has one; no fields
  std::uint64_t other_tokens = 0, tokenized = 0;
  std::vector<exporter::TokenChange> token_changes;  // the first ones
};

// Throws Failure for a text that cannot be answered.
JointAnswers answer_rows(const Model& before, const Model& after, const JointTask& joint,
                         const data::ExampleTable& rows, train::Progress& progress);

}  // namespace noggin::tool
