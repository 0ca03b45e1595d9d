// Which sections of a recipe each stage depends on: the one table behind cache keys, the fingerprint of a training and
// the question whether two recipes are of the same run.
#pragma once

#include <span>
#include <string>
#include <string_view>

#include "train/recipe/recipe.h"

namespace noggin::train {

// kStatic: what only the recipe of the static student is made from (cli/static_student.h); it has stages of its own.
enum class Stage { kIngest, kStatic, kTrain, kBaseline, kExport, kVerify };
inline constexpr Stage kStages[] = {Stage::kIngest,   Stage::kStatic, Stage::kTrain,
                                    Stage::kBaseline, Stage::kExport, Stage::kVerify};

// Sections ("data"), or single keys of one ("init.folder"). What a stage reads through the files of an earlier stage is
// not listed: those files are part of its cache key. The shards and the ingest report hold labels, score threshold and
// tokenizer.max_tokens.
std::span<const std::string_view> sections_of(Stage stage);

// Whether a dotted key ("data.labels", "phases") belongs to one of `sections`.
bool in_sections(std::string_view key, std::span<const std::string_view> sections);

// The settings of a stage that change its results, for its cache key: to_yaml() of its sections. Whatever other
// sections say, equal settings give equal text. Left out is what only says how fast and where the work is done
// (train.threads, train.device, train.checkpoint_minutes) and where files lie: their contents are inputs of the stage.
std::string stage_settings(Stage stage, const Recipe& recipe);

// The recipe that ends after its first `count` phases. How weights are stored has its default until a phase depends on
// it: float phases learn the same whatever comes after them.
Recipe first_phases(Recipe recipe, std::size_t count);

// What data/ and checkpoints/ of a run directory are made from: the settings of ingest and training, as text. Recipes
// that differ only in later stages, such as in a gate, belong to the same run.
std::string run_settings(const Recipe& recipe);

}  // namespace noggin::train
