// Rows of a log or a shard as this program understands them, for people and for tests: `noggin inspect --rows`,
// `check`.
#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "data/ingest/ingest.h"
#include "data/rows/labels.h"
#include "noggin/result.h"

namespace noggin::data {

struct ShownRow {
  std::string id{}, text{};
  std::string label{};                                    // gold, in words; "" without
  std::vector<std::pair<std::string, double>> teacher{};  // most probable first; empty: none, or one for each word
  double mass = 1.0;                                      // RowNotes::class_mass
  std::uint32_t position = 0;                             // RowNotes::position
  std::string family{};                                   // RowNotes::family; "" for our own rows
  RowNotes::Reading reading = RowNotes::Reading::kGiven;
  std::string file{};
  std::uint64_t line = 0;
};

ShownRow shown_row(const Record& record, const RowNotes& notes, const LabelSet& labels, spec::TaskKind task);
// The rows of one shard. names: of the classes, or empty for their numbers.
Result<std::vector<ShownRow>> rows_of_shard(const std::string& path, const std::vector<std::string>& names,
                                            std::uint64_t max_rows);

// {"id", "text", "label", "teacher": {label: p}, "mass", "position", "family", "source", "line"}; label null without.
std::string to_json(const ShownRow& row);
// One line for a terminal, the text cut to fit.
std::string to_text(const ShownRow& row);

}  // namespace noggin::data
