#include "engine/task_check.h"

#include <string>

#include "bytes/message.h"
#include "spec/task.h"

namespace noggin::runtime {

Status check_task(const char* call, TaskKind kind, std::initializer_list<TaskKind> suiting) {
  std::string names;
  for (const TaskKind one : suiting) {
    if (one == kind) return {};
    if (!names.empty()) names += " or ";
    names += spec::task_name(one);
  }
  return Error{ErrorCode::kInvalidArgument, message({call, ": is for the task ", names, ", this model's is ",
                                                     spec::task_name(kind), ". Fix: use a call for its task"})};
}

}  // namespace noggin::runtime
