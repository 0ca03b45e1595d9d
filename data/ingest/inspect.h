// What is in a log or a shard, as a text table for people: `noggin inspect`.
#pragma once

#include <string>

#include "noggin/result.h"

namespace noggin::data {

// Counts of one log without knowing its labels: lines, fields and their types, distribution kinds, the most frequent
// labels and words, and for batch logs status codes and null logprobs. Reads the whole file.
Result<std::string> describe_log(const std::string& path);

// Rows, tokens, labels and teacher of one shard, after all its checks (read_shard).
Result<std::string> describe_shard(const std::string& path);

}  // namespace noggin::data
