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

constexpr TaskTraits kTasks[] = {
    {.kind = TaskKind::kSingleLabel,
     .name = "single_label",
     .activation = Activation::kSoftmax,
     .classes = ClassNames::kAnswers,
     .abstains = true,
     .has_thresholds = false,
     .has_target = false,
     .min_classes = 2,
     .max_classes = kMaxClasses,
     .fixed_classes = {},
     .calls = bits({Call::kClassify, Call::kProbabilities})},
    {.kind = TaskKind::kMultiLabel,
     .name = "multi_label",
     .activation = Activation::kSigmoid,
     .classes = ClassNames::kAnswers,
     .abstains = false,
     .has_thresholds = true,
     .has_target = false,
     .min_classes = 1,
     .max_classes = kMaxClasses,
     .fixed_classes = {},
     .calls = bits({Call::kProbabilities})},
    {.kind = TaskKind::kTag,
     .name = "tag",
     .activation = Activation::kSoftmax,
     .classes = ClassNames::kIob2,
     .abstains = false,
     .has_thresholds = false,
     .has_target = false,
     .min_classes = 3,
     .max_classes = kMaxTagClasses,
     .fixed_classes = {},
     .calls = bits({Call::kTag, Call::kMask})},
    {.kind = TaskKind::kScore,
     .name = "score",
     .activation = Activation::kSigmoid,
     .classes = ClassNames::kAnswers,
     .abstains = false,
     .has_thresholds = true,
     .has_target = false,
     .min_classes = 1,
     .max_classes = 1,
     .fixed_classes = {"score"},
     .calls = bits({Call::kClassify, Call::kProbabilities})},
    {.kind = TaskKind::kEdit,
     .name = "edit",
     .activation = Activation::kSoftmax,
     .classes = ClassNames::kKeepDelete,
     .abstains = false,
     .has_thresholds = false,
     .has_target = true,
     .min_classes = 2,
     .max_classes = 2,
     .fixed_classes = {"keep", "delete"},
     .calls = bits({Call::kTag, Call::kEdit})},
};

constexpr TaskTraits kUnknown = {.kind = TaskKind{},
                                 .name = "unknown",
                                 .activation = Activation::kSoftmax,
                                 .classes = ClassNames::kAnswers,
                                 .abstains = false,
                                 .has_thresholds = false,
                                 .has_target = false,
                                 .min_classes = 0,
                                 .max_classes = 0,
                                 .fixed_classes = {},
                                 .calls = 0};

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
