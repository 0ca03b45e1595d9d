// What is known of a run's texts and vocabulary when the shipped file is planned: after ingest all of it, before only
// what the recipe gives or a look at the training texts shows.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "data/rows/labels.h"
#include "data/vocabulary/vocabulary_trim.h"
#include "tokenizer/contents.h"
#include "train/cli/stages.h"
#include "train/recipe/recipe.h"

namespace noggin::tool {

struct KnownTexts {
  runtime::TokenizerContents tokenizer;
  // Set where ingest will read more texts than were looked at: a vocabulary that takes more bytes than any that ingest
  // can make of a given one, and than it usually trains.
  std::optional<runtime::TokenizerContents> largest_tokenizer{};
  std::optional<data::VocabularyTrimmer> trimmer{};  // that has seen the texts; if the vocabulary is trimmed
  std::vector<std::string> samples{};                // training texts: the first ones
  std::uint64_t rows = 0;                            // training texts that were looked at
  std::vector<std::string> golden_texts{};           // of held-out rows; empty: made of the vocabulary
  std::vector<std::string> ingest_files{};           // names of the files that ingest writes
  std::vector<std::string> unknown{};                // what the size depends on and only ingest shows, in words
};

// Before ingest: reads the training texts, up to 100,000 of them, and makes the vocabulary that ingest will make.
// Throws Failure as ingest does for texts that give none.
KnownTexts look_at_texts(const train::Recipe& recipe, const data::LabelSet& labels);

// After ingest. with_samples: reads texts of the first training shard, too.
KnownTexts texts_of(const train::Recipe& recipe, const IngestedData& data, bool with_samples);

}  // namespace noggin::tool
