// For calls that support only some kinds of task.
#pragma once

#include <initializer_list>

#include "noggin/result.h"
#include "noggin/task_kind.h"

namespace noggin::runtime {

// Success if `kind` is one of `suiting`; else kInvalidArgument: "classify: is for the task single_label or score,
// this model's is tag".
Status check_task(const char* call, TaskKind kind, std::initializer_list<TaskKind> suiting);

}  // namespace noggin::runtime
