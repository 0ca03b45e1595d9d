// The modes of noggin-run, one function each: everything after the command line is parsed and the model is open.
#pragma once

#include <functional>
#include <string_view>

#include "cli/arguments.h"
#include "cli/opened_session.h"
#include "noggin/engine.h"
#include "streams/line_input.h"
#include "streams/output.h"

namespace noggin::run_tool {

// An Error determines the exit code (bytes/exit_code.h); `passed` is false when a verification failed.
struct Outcome {
  bool passed = true;
  Status output{};  // of writing a file beside standard output
};

// Tells the user something that is no error.
using Warn = std::function<void(std::string_view)>;

// The session that the command line asks for, on the CPU or a GPU.
Result<OpenedSession> open_session(const Arguments& arguments, const Model& model);

// prediction/answer_lines.h with the options of the command line.
Status answer_lines(const Arguments& arguments, const Model& model, Session& session, LineInput& input, Output& output,
                    const Warn& warn);

// Golden vectors of the file.
Result<Outcome> run_self_test(const Arguments& arguments, Session& session, Output& output);

// Rows of arguments.parity against this session (parity.h).
Result<Outcome> run_verify(const Arguments& arguments, const Model& model, Session& session, Output& output,
                           const Warn& warn);

// What a device can prove of arguments.certificate; with arguments.parity its rows, too.
Result<Outcome> run_certificate(const Arguments& arguments, const Model& model, Session& session, Output& output,
                                const Warn& warn);

// answer_lines, and arguments.counters gets what was asked and answered (prediction/counts_json.h): at the end,
// whatever ended it; every arguments.counters_every seconds, so that a service that is killed has told most of it; and
// before the first answer, so that a file that cannot be written is known at once.
Result<Outcome> answer_counted(const Arguments& arguments, const Model& model, Session& session, Output& output,
                               const Warn& warn);

// Opens the model once more, because opening is part of what is measured.
Status run_bench(const Arguments& arguments, LineInput* input, Output& output);

// Config, labels, versions, sections, provenance, kernel sets.
Status show_info(const Arguments& arguments, const Model& model, Output& output);

}  // namespace noggin::run_tool
