// What logs seem to be, before anybody has said a word about them: for `noggin init --from` and `noggin inspect
// --rows`. A guess is written into a recipe, where a person sees and corrects it; ingest itself never guesses.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "data/logs/source.h"
#include "noggin/result.h"
#include "spec/task.h"

namespace noggin::data {

struct LogGuess {
  std::vector<Source> sources;        // one for each file, in the order given
  std::vector<std::string> families;  // of each file: what most of its rows are
  spec::TaskKind task = spec::TaskKind::kSingleLabel;
  // Class names (tag: BIO tags) with how often they were seen, in order of their names; empty for score and edit.
  std::vector<std::pair<std::string, std::uint64_t>> classes;
  bool has_gold = false, has_teacher = false;
  std::uint64_t documents = 0;       // that were looked at
  std::uint64_t unread_answers = 0;  // answers in words that are too long, or too rare, to be the name of a class
  std::vector<std::string> notes;    // for the recipe's comments, one line each
};

// Looks at the first `max_documents` of each file. task: given, or guessed. Errors: kBadData if nothing could be
// recognised, with what the files hold instead; those of LineReader.
Result<LogGuess> guess_logs(const std::vector<std::string>& paths, std::uint64_t max_documents,
                            const spec::TaskKind* task = nullptr);

}  // namespace noggin::data
