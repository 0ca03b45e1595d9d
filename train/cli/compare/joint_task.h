// The classes of two models as one set, by name, so that their answers can be held against the same gold.
#pragma once

#include <cstdint>
#include <memory>
#include <vector>

#include "export/compare/comparison.h"
#include "noggin/engine.h"
#include "train/task/task_reader.h"

namespace noggin::tool {

// From the classes and span types of one model, or of rows, to those of the joint task.
struct ClassMap {
  std::vector<std::int32_t> classes;  // [C of the model]
  std::vector<std::uint32_t> types;   // [its span types]
};

struct JointTask {
  std::unique_ptr<const train::TaskReader> reader;  // classes of the new model in its order, then those only old has
  ClassMap from_old, from_new;
  exporter::LabelChanges changes;  // without the counts of rows

  std::vector<std::string> class_names() const { return reader->task().labels; }
};

// The reader views the new model's tokenizer: `after` must outlive it. Throws Failure (kBadData) for models of other
// tasks each.
JointTask joint_task(const Model& before, const Model& after);

// The map from these class names, which may be some of the joint ones in any order. Throws Failure (kBadData), naming
// `where`, for a name that neither model has.
ClassMap map_of(const JointTask& joint, const std::vector<std::string>& names, const std::string& where);

// The same answer in the joint classes.
train::Prediction in_joint_classes(const train::Prediction& answer, const ClassMap& map);

}  // namespace noggin::tool
