// For calls that support only some kinds of task.
#pragma once

#include "noggin/result.h"
#include "spec/task.h"

namespace noggin::runtime {

// Success if `call` answers tasks of this kind; else kInvalidArgument: "classify: is for the task single_label or
// score, this model's is tag".
Status check_call(spec::Call call, TaskKind kind);

}  // namespace noggin::runtime
