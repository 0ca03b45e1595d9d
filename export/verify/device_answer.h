// A row as a device answers it: text in, answer out, through the runtime's session alone.
#pragma once

#include <string_view>
#include <vector>

#include "noggin/engine.h"
#include "train/task/task_reader.h"

namespace noggin::exporter {

// scratch: reused from call to call. Errors: those of the session.
Result<train::RowAnswer> device_answer(const Model& model, Session& session, std::string_view text,
                                       std::vector<TaggedSpan>& scratch);

}  // namespace noggin::exporter
