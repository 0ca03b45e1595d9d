#include "train/cli/compare/joint_task.h"

#include <fmt/format.h>

#include <algorithm>

#include "data/rows/labels.h"
#include "format/reader.h"
#include "spec/tag_scheme.h"
#include "train/run/failure.h"

namespace noggin::tool {
namespace {

using train::ExitCode;
using train::Failure;
using train::value_or_throw;

std::vector<std::string> names_in(const Model& model) { return {model.labels().begin(), model.labels().end()}; }

std::string none_name(const Model& model) {
  return model.none_class() < 0 ? std::string()
                                : std::string(model.labels()[static_cast<std::size_t>(model.none_class())]);
}

// Those of `names` that are not among `others`.
std::vector<std::string> without(const std::vector<std::string>& names, const std::vector<std::string>& others) {
  std::vector<std::string> result;
  std::ranges::copy_if(names, std::back_inserter(result),
                       [&](const std::string& name) { return std::ranges::find(others, name) == others.end(); });
  return result;
}

// The classes of a task that has one answer, a number, are the same whatever they are called.
std::vector<std::string> joint_names(const Model& before, const Model& after) {
  std::vector<std::string> names = names_in(after);
  if (spec::traits_of(after.task()).is_number()) return names;
  const std::vector<std::string> gone = without(names_in(before), names);
  names.insert(names.end(), gone.begin(), gone.end());
  return names;
}

// The none-class may be only the old model's.
std::string joint_none(const Model& before, const Model& after) {
  const std::string name = none_name(after);
  return name.empty() ? none_name(before) : name;
}

std::unique_ptr<const train::TaskReader> make_reader(const Model& before, const Model& after) {
  const data::LabelSet labels =
      value_or_throw(data::LabelSet::create(joint_names(before, after), {}, joint_none(before, after), after.task()));
  format::TaskContents task{labels.names(), labels.none_class()};
  task.kind = after.task();
  if (!spec::traits_of(task.kind).per_token()) return value_or_throw(train::TaskReader::create(task));
  return value_or_throw(train::TaskReader::create(task, after.tokenizer(), after.max_tokens()));
}

bool same_order(const std::vector<std::string>& before, const std::vector<std::string>& after) {
  return without(before, without(before, after)) == without(after, without(after, before));
}

}  // namespace

JointTask joint_task(const Model& before, const Model& after) {
  if (before.task() != after.task()) {
    throw Failure(ExitCode::kBadData,
                  fmt::format("the old model answers a {} task and the new one a {} task, so no row has an answer of "
                              "both to compare. Fix: two models of one task (noggin inspect shows it)",
                              spec::task_name(before.task()), spec::task_name(after.task())));
  }
  JointTask joint;
  joint.reader = make_reader(before, after);
  const std::vector<std::string> old_names = names_in(before), new_names = names_in(after);
  joint.changes.added = without(new_names, old_names);
  joint.changes.gone = without(old_names, new_names);
  joint.changes.reordered = !same_order(old_names, new_names);
  const bool is_number = joint.reader->traits().is_number();
  joint.from_old = is_number ? ClassMap{{0}, {}} : map_of(joint, old_names, "the old model");
  joint.from_new = is_number ? ClassMap{{0}, {}} : map_of(joint, new_names, "the new model");
  return joint;
}

ClassMap map_of(const JointTask& joint, const std::vector<std::string>& names, const std::string& where) {
  const std::vector<std::string> all = joint.class_names();
  ClassMap map;
  for (const std::string& name : names) {
    const auto found = std::ranges::find(all, name);
    if (found == all.end()) {
      throw Failure(ExitCode::kBadData,
                    fmt::format("{} has the class \"{}\", which neither model answers. Fix: rows of "
                                "the models' own task",
                                where, name));
    }
    map.classes.push_back(static_cast<std::int32_t>(found - all.begin()));
  }
  const std::vector<std::string_view> views(names.begin(), names.end());
  const auto types = joint.reader->types();
  for (const std::string_view type : value_or_throw(spec::make_tag_scheme(joint.reader->task().kind, views)).types) {
    map.types.push_back(static_cast<std::uint32_t>(std::ranges::find(types, type) - types.begin()));
  }
  return map;
}

train::Prediction in_joint_classes(const train::Prediction& answer, const ClassMap& map) {
  train::Prediction joint = answer;
  const auto joint_class = [&](std::uint32_t c) { return static_cast<std::uint32_t>(map.classes[c]); };
  if (auto* one = std::get_if<runtime::ClassAnswer>(&joint)) {
    one->label = joint_class(one->label);
  } else if (auto* several = std::get_if<runtime::LabelSetAnswer>(&joint)) {
    for (auto& given : several->labels) given.label = joint_class(given.label);
    std::ranges::sort(several->labels, {}, &runtime::LabelSetAnswer::Label::label);
  } else if (auto* spans = std::get_if<runtime::SpanAnswer>(&joint)) {
    for (TaggedSpan& span : spans->spans) span.type = map.types[span.type];
  }
  return joint;
}

}  // namespace noggin::tool
