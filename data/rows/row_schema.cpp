#include "data/rows/row_schema.h"

#include <fmt/format.h>

#include <string_view>
#include <vector>

namespace noggin::data {

Result<RowSchema> RowSchema::create(spec::TaskKind task, const LabelSet& labels, std::uint32_t top_k) {
  RowSchema schema;
  schema.task = task;
  schema.labels = &labels;
  schema.top_k = top_k;
  const std::vector<std::string_view> names(labels.names().begin(), labels.names().end());
  Result<spec::TagScheme> tags = spec::make_tag_scheme(task, names);
  if (!tags) return tags.error();
  schema.tags = *std::move(tags);
  if (spec::traits_of(task).is_number() && labels.names().size() != 1)
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("a score task has one class, {} given. Fix: leave data.labels out", labels.names().size())};
  if (spec::traits_of(task).has_target) schema.deletions = std::make_shared<const DeletionFinder>();
  return schema;
}

}  // namespace noggin::data
