#include "spec/tag_scheme.h"

#include <algorithm>
#include <cstddef>
#include <string>

#include "bytes/message.h"

namespace noggin::spec {
namespace {

constexpr std::uint32_t kNone = 0xFFFFFFFF;

Error wrong_label(std::string_view label, const char* why) {
  return Error{ErrorCode::kInvalidArgument, message({"label \"", label, "\" ", why})};
}

// Sets the class of a type's B or I, adding the type if it is new. False: it already had one.
bool claim(TagScheme& scheme, std::string_view type, bool begins, std::uint32_t c) {
  std::size_t index =
      static_cast<std::size_t>(std::find(scheme.types.begin(), scheme.types.end(), type) - scheme.types.begin());
  if (index == scheme.types.size()) {
    scheme.types.push_back(type);
    scheme.begin_class.push_back(kNone);
    scheme.inside_class.push_back(kNone);
  }
  std::uint32_t& place = begins ? scheme.begin_class[index] : scheme.inside_class[index];
  if (place != kNone) return false;
  place = c;
  scheme.type_of[c] = static_cast<std::uint32_t>(index);
  return true;
}

Result<TagScheme> read_iob2(std::span<const std::string_view> labels) {
  TagScheme scheme;
  scheme.type_of.assign(labels.size(), TagScheme::kOutside);
  bool has_outside = false;
  for (std::uint32_t c = 0; c < labels.size(); ++c) {
    const std::string_view label = labels[c];
    if (label == "O") {
      if (has_outside) return wrong_label(label, "occurs twice");
      has_outside = true;
      scheme.outside = c;
      continue;
    }
    if (label.size() < 3 || label[1] != '-' || (label[0] != 'B' && label[0] != 'I'))
      return wrong_label(label, "is not \"O\", \"B-type\" or \"I-type\". Fix: rename this class of the tag task");
    if (!claim(scheme, label.substr(2), label[0] == 'B', c)) return wrong_label(label, "occurs twice");
  }
  if (!has_outside) return Error{ErrorCode::kInvalidArgument, "a tag task has no label \"O\". Fix: add it"};
  if (scheme.types.empty())
    return wrong_label("O", "is the only one of a tag task. Fix: add \"B-type\" and \"I-type\"");
  for (std::size_t type = 0; type < scheme.types.size(); ++type) {
    if (scheme.begin_class[type] == kNone || scheme.inside_class[type] == kNone) {
      return Error{ErrorCode::kInvalidArgument,
                   message({"type \"", scheme.types[type], "\" of a tag task has no label \"",
                            scheme.begin_class[type] == kNone ? "B-" : "I-", scheme.types[type], "\". Fix: add it"})};
    }
  }
  return scheme;
}

Result<TagScheme> read_keep_delete(std::span<const std::string_view> labels) {
  if (labels.size() != 2 || labels[0] != "keep" || labels[1] != "delete")
    return Error{ErrorCode::kInvalidArgument, "the labels of an edit task must be \"keep\", \"delete\", in this order"};
  TagScheme scheme;
  scheme.outside = 0;
  scheme.types = {labels[1]};
  scheme.type_of = {TagScheme::kOutside, 0};
  scheme.begin_class = scheme.inside_class = {1};
  return scheme;
}

}  // namespace

Result<TagScheme> make_tag_scheme(TaskKind kind, std::span<const std::string_view> labels) {
  const TaskTraits& task = traits_of(kind);
  if (!task.per_token()) return TagScheme{};
  if (labels.size() > kMaxTagClasses) {
    return Error{ErrorCode::kInvalidArgument,
                 message({labels.size(), " labels of a ", task.name, " task, the limit is ", kMaxTagClasses})};
  }
  return task.classes == ClassNames::kIob2 ? read_iob2(labels) : read_keep_delete(labels);
}

}  // namespace noggin::spec
