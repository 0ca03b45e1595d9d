// What the documents of logs hold, file by file and in all, before anything is concluded from it (log_guess.h).
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "data/guess/class_guess.h"
#include "data/guess/edit_guess.h"
#include "data/guess/field_guess.h"
#include "data/guess/own_fields.h"
#include "data/guess/question_guess.h"
#include "data/guess/type_guess.h"
#include "data/logs/text_template.h"
#include "noggin/result.h"

namespace noggin::data {

struct FileFacts {
  std::string path;
  std::string family;           // what most of its documents are
  std::uint64_t documents = 0;  // that were looked at
  bool is_conll = false;        // a token and its tag on most lines
  // Rows of our own kind, or of a tool, and what they have:
  std::uint64_t own_rows = 0;
  std::uint64_t paired_rows = 0;  // {"labels": [...], "scores": [...]}
  OwnFields fields;
  FieldFinder finder;
  EditFields edits;
  bool has_spans = false;
  bool has_choices = false;  // as tools for tagging keep them
  // A teacher's requests and answers:
  std::uint64_t span_answers = 0;
  CommonTemplate prompts;

  bool has_own_rows() const { return own_rows > 0 && own_rows * 2 >= documents; }
  bool has_span_answers() const { return span_answers * 2 > documents; }
};

struct LogFacts {
  std::vector<FileFacts> files;  // in the order given
  QuestionGuess questions;
  EditAnswers edited;
  AnswerWords answers;
  TypeGuess types;
  WordCounts listed;         // classes of distributions
  std::uint64_t scores = 0;  // answers that state one
  bool has_levels = false;   // one of them neither 0 nor 1
  bool is_sample = false;    // not all documents were looked at
  // For messages: the first documents that are of no use, and files that end too early.
  std::vector<std::string> refusals, cut;

  // Nearly all answers are numbers from 0 to 1, some of them between.
  bool are_scores() const { return has_levels && scores * 10 >= answers.answers() * 9; }
};

// Looks at the documents of each file that document_sample.h takes. Errors: those of LineReader.
Result<LogFacts> look_at_logs(const std::vector<std::string>& paths, std::uint64_t dense_documents);

}  // namespace noggin::data
