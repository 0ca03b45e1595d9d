// How the reader of each kind of task is made, for task_reader.cpp's table. Each is defined in the file of its kind.
#pragma once

#include <memory>

#include "train/task/task_reader.h"

namespace noggin::train {

using MakeReader = std::unique_ptr<TaskReader>(TaskReader::Parts parts);
MakeReader make_single_label, make_multi_label, make_tag, make_score, make_edit;

}  // namespace noggin::train
