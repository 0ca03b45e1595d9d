// Lines in, answers out: what noggin-run and `noggin predict` do, with the same rules.
#pragma once

#include <functional>
#include <string_view>

#include "noggin/engine.h"
#include "noggin/result.h"
#include "prediction/answer_printer.h"
#include "streams/line_input.h"
#include "streams/output.h"

namespace noggin::runtime {

inline constexpr std::size_t kTextsAtOnce = 64;  // answered together, if so many have arrived

struct LineOptions {
  PrintOptions print;
  // Each line is a JSON object with a "text" and perhaps an "id", a string or an integer, which stands first in its
  // answer. Otherwise each line is a text.
  bool objects = false;
  // Gets what the user should know and no answer tells: that lines look like JSON but are read as texts (at once), that
  // texts were longer than the model reads, or empty (at the end; the first one's line and how many).
  std::function<void(std::string_view)> warn = [](std::string_view) {};
};

// kInvalidArgument if the model's task cannot answer so (--mask, --edit, --logits of another task).
Status check_print_options(const PrintOptions& options, const Model& model);

// One line of output for each line of input, until the input ends or the reader of the output has gone. Answers what
// has arrived before it waits for more. Objects: blank lines are skipped. Errors: kBadData with the line for one that
// is not an object with a text, after answering all lines before it; those of the session; those of reading. Those of
// writing are in output.status().
Status answer_lines(const LineOptions& options, const Model& model, Session& session, LineInput& input, Output& output);

}  // namespace noggin::runtime
