#include "engine/task_check.h"

#include <string>

#include "bytes/message.h"

namespace noggin::runtime {

Status check_call(spec::Call call, TaskKind kind) {
  if (spec::traits_of(kind).answers(call)) return {};
  std::string names;
  for (const spec::TaskTraits& task : spec::all_tasks()) {
    if (!task.answers(call)) continue;
    if (!names.empty()) names += " or ";
    names += task.name;
  }
  return Error{ErrorCode::kInvalidArgument,
               message({spec::call_name(call), ": is for the task ", names, ", this model's is ", spec::task_name(kind),
                        ". Fix: use a call for its task"})};
}

}  // namespace noggin::runtime
