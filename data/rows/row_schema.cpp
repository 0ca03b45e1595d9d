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
  if (spec::is_per_token(task)) {
    Result<spec::TagScheme> tags =
        spec::make_tag_scheme(task, std::vector<std::string_view>(labels.names().begin(), labels.names().end()));
    if (!tags) return tags.error();
    schema.tags = *std::move(tags);
  }
  if (task == spec::TaskKind::kScore && labels.names().size() != 1)
    return Error{
        ErrorCode::kInvalidArgument,
        fmt::format("a score task has one class, {} given. Fix: leave data.labels out", labels.names().size())};
  if (task == spec::TaskKind::kEdit) schema.deletions = std::make_shared<const DeletionFinder>();
  return schema;
}

}  // namespace noggin::data
