// Rows as understood (data/ingest/shown_rows.h), as `init --from` and `check` show them.
#pragma once

#include <span>
#include <string>

#include "data/ingest/shown_rows.h"
#include "train/cli/console.h"

namespace noggin::tool {

std::string listing_of(std::span<const data::ShownRow> rows);  // an indented line each
Json json_of(std::span<const data::ShownRow> rows);            // an array of objects

}  // namespace noggin::tool
