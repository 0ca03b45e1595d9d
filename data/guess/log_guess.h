// What logs seem to be, before anybody has said a word about them: for `noggin init --from` and `noggin inspect
// --rows`. A guess is written into a recipe, where a person sees and corrects it; ingest itself never guesses.
#pragma once

#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "data/decisions/question_classes.h"
#include "data/logs/source.h"
#include "noggin/result.h"
#include "spec/task.h"

namespace noggin::data {

struct GuessedFile {
  std::string path;
  std::string family;  // what most of its rows are
};

struct LogGuess {
  std::vector<GuessedFile> files;  // in the order given
  std::vector<Source> sources;     // in the same order; two files that are read side by side are one
  spec::TaskKind task = spec::TaskKind::kSingleLabel;
  // Class names (tag: BIO tags) with how often they were seen, in order of their names (of a typed question: in the
  // order asked); empty for score and edit.
  std::vector<std::pair<std::string, std::uint64_t>> classes;
  // Other words for a class: of a server that logs tokens as numbers ("token_id:362").
  std::map<std::string, std::vector<std::string>> label_words;
  // Of typed decisions: what the rows ask, and which question is to be learnt ("" if they ask none).
  std::vector<ProposedQuestion> questions;
  std::string question;
  bool has_gold = false, has_teacher = false;
  std::uint64_t documents = 0;       // that were looked at
  bool is_sample = false;            // not all: counts are not in the proportions of the log
  std::uint64_t unread_answers = 0;  // answers in words that are too long, or too rare, to be the name of a class
  std::vector<std::string> notes;    // for the recipe's comments, one line each
};

struct GuessOptions {
  std::uint64_t dense_documents = 20'000;  // of each file; more are sampled (document_sample.h)
  const spec::TaskKind* task = nullptr;    // given, or guessed
  std::string question{};                  // of typed decisions; "": the one that most rows answer
};

// Looks at the first documents of each file, and at some of the others. Errors: kBadData if nothing could be
// recognised, with what the files hold instead and some of the refused documents; kInvalidArgument if no row asks
// `question`; those of LineReader.
Result<LogGuess> guess_logs(const std::vector<std::string>& paths, const GuessOptions& options = {});

}  // namespace noggin::data
