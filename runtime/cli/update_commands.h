// `noggin-run update FOLDER STATE` and what belongs to it: noggin/update.h on the command line.
#pragma once

#include <optional>
#include <span>
#include <string>
#include <string_view>

#include "bytes/exit_code.h"
#include "cli/arguments.h"
#include "streams/output.h"

namespace noggin::run_tool {

// If the first word is update, rollback, confirm or current: does it and returns the exit code, or an Error for one.
// No value: the words are something else. A model file of such a name is written ./update.
std::optional<Result<ExitCode>> update_command(std::span<const std::string_view> words, Output& output);

// If `model` names a state folder of updates: the file to open now (Updater::start); else `model` itself.
Result<std::string> model_of(const std::string& model);

// After a run that has succeeded with the model of that state folder; nothing if it is none.
Status confirm_model(const std::string& model);

}  // namespace noggin::run_tool
