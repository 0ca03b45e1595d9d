// What `noggin assess` looks at: the rows of a recipe, ingested into a folder that goes with the object, and the same
// rows as their log has them.
#pragma once

#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "data/ingest/ingest_plan.h"
#include "data/rows/labels.h"
#include "data/shards/example_table.h"
#include "export/report/statistics.h"
#include "train/assess/log_facts.h"
#include "train/assess/log_rows.h"
#include "train/cli/arguments.h"
#include "train/cli/console.h"
#include "train/cli/known_texts.h"
#include "train/recipe/recipe.h"
#include "train/run/temporary_folder.h"
#include "train/task/task_reader.h"

namespace noggin::tool {

struct AssessedJob {
  train::TemporaryFolder folder;
  train::Recipe recipe;
  std::vector<std::string> files;  // that the recipe names
  data::LabelSet labels;
  data::IngestReport report;
  format::TaskContents task;
  data::ExampleTable training, dev;
  std::unique_ptr<const train::TaskReader> reader;
  assess::LogFacts facts;  // of all files
  assess::LogRows log;     // of the training sources

  const data::SplitSummary& split(const std::string& name) const;
  std::uint64_t rows_with_gold_on_dev() const;  // rows that have gold of their own, not the teacher's
  // The teacher's quality on dev, by the same measure as a student's; nothing unless it answered every row, and gold is
  // not its own answer.
  std::optional<exporter::Interval> teacher_quality() const;
};

// The recipe that the arguments name, or the one that is guessed from the logs of --from. Throws Failure as `check` and
// ingest do, and kBadData if all training rows have one and the same class.
std::unique_ptr<const AssessedJob> subject_of(const Arguments& arguments, Console& console);

// The paths of its shards.
std::vector<std::string> shards_of(const data::SplitSummary& split);

// For plans of files (model_plan.h).
KnownTexts known_texts(const AssessedJob& subject);

}  // namespace noggin::tool
