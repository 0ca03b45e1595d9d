#include "data/logs/tag_names.h"

#include <string>

#include "data/logs/class_fields.h"
#include "data/rows/record.h"

namespace noggin::data {
namespace {

std::int32_t find_with_prefix(std::string_view prefix, std::string_view type, const LabelSet& labels) {
  std::string tag(prefix);
  tag += type;
  return labels.find(tag);
}

bool is_in(char c, std::string_view set) { return set.find(c) != std::string_view::npos; }

}  // namespace

std::int32_t find_tag(std::string_view tag, const RowSchema& schema, bool& numbered) {
  const LabelSet& labels = *schema.labels;
  const std::int32_t named = find_class(tag, labels, numbered);
  if (named != kNoLabel || spec::traits_of(schema.task).classes != spec::ClassNames::kIob2) return named;
  if (tag.size() > 2 && is_in(tag[1], "-_")) {
    const std::string_view type = tag.substr(2);
    if (is_in(tag[0], "BSUbsu")) return find_with_prefix("B-", type, labels);
    if (is_in(tag[0], "IELMielm")) return find_with_prefix("I-", type, labels);
  }
  return find_with_prefix("I-", tag, labels);
}

}  // namespace noggin::data
