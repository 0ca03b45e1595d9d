// Exports of annotation tools whose rows keep gold elsewhere than ours do, or say whether it counts: Label Studio (JSON
// and JSON-MIN), Prodigy, spaCy's training tuples. What doccano writes has our own fields (field_aliases.h).
#pragma once

#include <string_view>

#include "data/json/json_path.h"
#include "data/logs/row_fields.h"
#include "data/rows/row_schema.h"

namespace noggin::data {

struct TagTool {
  std::string_view name;  // as reports call it
  bool (*wrote)(JsonValue row);
  // Fills the fields of a row that it wrote. kNotAnnotated for what an annotator rejected, skipped or did not look at.
  Trouble (*read)(JsonValue row, const RowSchema& schema, EmbeddedJson& inner, RowFields& fields);
};

// The tool that wrote a row, or null.
const TagTool* find_tag_tool(JsonValue row);

}  // namespace noggin::data
