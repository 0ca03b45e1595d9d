// What both loops are fed: shards for ours, and the same rows as text for the plain one.
#pragma once

#include <string>
#include <vector>

namespace noggin::experiments {

inline constexpr std::uint32_t kVocabulary = 5000, kClasses = 151, kMaxTokens = 64;

// Makes <folder>/synthetic (64 tokens a row) and, when the logs are there, <folder>/real; <folder>/<load>.rows beside
// them: `gold|token ids|class:probability ...` a line. clinc_folder: holds train.jsonl and labels.json.
// Throws train::Failure.
void prepare_loads(const std::string& folder, const std::string& clinc_folder);

// Shards of one load.
std::vector<std::string> shards_of(const std::string& folder, const std::string& load);

}  // namespace noggin::experiments
