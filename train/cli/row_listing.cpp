#include "train/cli/row_listing.h"

namespace noggin::tool {

std::string listing_of(std::span<const data::ShownRow> rows) {
  std::string text;
  for (const data::ShownRow& row : rows) text.append("  ").append(data::to_text(row)).append("\n");
  return text;
}

Json json_of(std::span<const data::ShownRow> rows) {
  Json json = Json::array();
  for (const data::ShownRow& row : rows) json.push_back(Json::parse(data::to_json(row)));
  return json;
}

}  // namespace noggin::tool
