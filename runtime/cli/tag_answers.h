// What noggin-run answers if the model is a tagger: the spans of a line, or the line masked or edited.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"
#include "noggin/engine.h"

namespace noggin::run_tool {

// If options and model do not fit each other: kInvalidArgument before any line is read.
Status check_tag_arguments(const Arguments& arguments, const Model& model);

class TagAnswers {
 public:
  TagAnswers(const Arguments& arguments, const Model& model, Session& session)
      : arguments_(arguments), model_(model), session_(session) {}

  // Appends the answer to one text: a line and its line feed. On failure, including lack of memory, appends nothing: no
  // output shows part of a text that was not read completely.
  Status append(std::string_view text, std::string& out);

 private:
  Status append_spans(std::string_view text, std::string& out);
  Status append_rewritten(std::string_view text, std::string& out);
  Result<std::span<const TaggedSpan>> spans_of(std::string_view text);

  const Arguments& arguments_;
  const Model& model_;
  Session& session_;
  std::vector<TaggedSpan> spans_;
};

}  // namespace noggin::run_tool
