#include "spec/task.h"

#include <cstddef>
#include <initializer_list>
#include <iterator>

#include "spec/model_config.h"
#include "spec/tag_scheme.h"

namespace noggin::spec {
namespace {

constexpr std::uint8_t bits(std::initializer_list<Call> calls) {
  unsigned all = 0;
  for (const Call call : calls) all |= static_cast<unsigned>(call);
  return static_cast<std::uint8_t>(all);
}

// clang-format off
constexpr TaskTraits kTasks[] = {
    // kind, name, activation, classes,
    // abstains, has_thresholds, has_target, min_classes, max_classes, fixed_classes, calls
    {TaskKind::kSingleLabel, "single_label", Activation::kSoftmax, ClassNames::kAnswers,
     true, false, false, 2, kMaxClasses, {}, bits({Call::kClassify, Call::kProbabilities})},
    {TaskKind::kMultiLabel, "multi_label", Activation::kSigmoid, ClassNames::kAnswers,
     false, true, false, 1, kMaxClasses, {}, bits({Call::kProbabilities})},
    {TaskKind::kTag, "tag", Activation::kSoftmax, ClassNames::kIob2,
     false, false, false, 3, kMaxTagClasses, {}, bits({Call::kTag, Call::kMask})},
    {TaskKind::kScore, "score", Activation::kSigmoid, ClassNames::kAnswers,
     false, true, false, 1, 1, {"score"}, bits({Call::kClassify, Call::kProbabilities})},
    {TaskKind::kEdit, "edit", Activation::kSoftmax, ClassNames::kKeepDelete,
     false, false, true, 2, 2, {"keep", "delete"}, bits({Call::kTag, Call::kEdit})},
};
constexpr TaskTraits kUnknown = {TaskKind{}, "unknown", Activation::kSoftmax, ClassNames::kAnswers,
                                 false, false, false, 0, 0, {}, 0};
// clang-format on

}  // namespace

const char* call_name(Call call) {
  switch (call) {
    case Call::kClassify:
      return "classify";
    case Call::kProbabilities:
      return "probabilities";
    case Call::kTag:
      return "tag";
    case Call::kMask:
      return "mask";
    case Call::kEdit:
      break;
  }
  return "edit";
}

std::span<const TaskTraits> all_tasks() { return kTasks; }

const TaskTraits& traits_of(TaskKind kind) {
  static_assert(kTasks[std::size(kTasks) - 1].kind == TaskKind{std::size(kTasks)}, "a row for each kind, by its value");
  const std::size_t index = static_cast<std::size_t>(kind) - 1;  // 0 wraps around
  return index < std::size(kTasks) ? kTasks[index] : kUnknown;
}

bool is_known(TaskKind kind) { return &traits_of(kind) != &kUnknown; }

TaskKind task_kind_of(std::string_view name) {
  for (const TaskTraits& task : kTasks) {
    if (name == task.name) return task.kind;
  }
  return TaskKind{};
}

}  // namespace noggin::spec
