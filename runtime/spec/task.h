// The kinds of task and what sets them apart, as one table. What a kind needs elsewhere (fields of a log, scores,
// reports) asks these traits; it does not list kinds.
#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string_view>

#include "noggin/task_kind.h"

namespace noggin::spec {

enum class Activation : std::uint8_t {
  kSoftmax,  // one of the classes: their probabilities add up to 1
  kSigmoid,  // each class by itself; gold is a value from 0 to 1 for each
};

// What the classes of a task name.
enum class ClassNames : std::uint8_t {
  kAnswers,     // the answers themselves
  kIob2,        // "O", "B-type", "I-type": spans of a type
  kKeepDelete,  // "keep", "delete": spans to delete
};

// The calls of a Session that answer a task, as bits.
enum class Call : std::uint8_t { kClassify = 1, kProbabilities = 2, kTag = 4, kMask = 8, kEdit = 16 };
const char* call_name(Call call);  // "classify", ...

struct TaskTraits {
  TaskKind kind;
  const char* name;  // as spelled in recipes and reports
  Activation activation;
  ClassNames classes;
  bool abstains;        // has a confidence below which it hands the text on, and may have a class "none of these"
  bool has_thresholds;  // a class is given from a probability of its own up
  bool has_target;      // gold may be the text that the answer should be
  std::uint32_t min_classes, max_classes;
  std::array<std::string_view, 2> fixed_classes;  // names of the classes if the task gives them; empty: the user does
  std::uint8_t calls;

  // Logits are per token (Pooling::kEveryToken) and the answer is spans; else both are per text.
  bool per_token() const { return classes != ClassNames::kAnswers; }
  bool is_classification() const { return activation == Activation::kSoftmax && !per_token(); }
  bool is_number() const { return max_classes == 1; }  // its only probability is the answer
  bool has_fixed_classes() const { return !fixed_classes[0].empty(); }
  bool answers(Call call) const { return (calls & static_cast<std::uint8_t>(call)) != 0; }
};

// Every kind, by its value.
std::span<const TaskTraits> all_tasks();
// For a kind that is none of TaskKind's (a file may hold any number): the traits of none, named "unknown", which
// answer no call.
const TaskTraits& traits_of(TaskKind kind);
bool is_known(TaskKind kind);
inline const char* task_name(TaskKind kind) { return traits_of(kind).name; }
TaskKind task_kind_of(std::string_view name);  // TaskKind{0}: no such kind

}  // namespace noggin::spec
