// What a search came to: tables, JSON, and the files of a frontier.
#pragma once

#include <string>
#include <vector>

#include "export/report/frontier.h"
#include "train/cli/compress/search.h"
#include "train/cli/console.h"

namespace noggin::tool {

// Every trial, and the float student: quality on dev, bytes, time, shape.
std::string table_of(const SearchResult& result, const std::string& metric);
Json to_json(const SearchResult& result);

// [{"size_mb", "best": name of the trial or null}]
Json sizes_json(const exporter::Frontier& frontier);

exporter::Frontier frontier_report(const SearchResult& result, const std::vector<double>& sizes_mb,
                                   const std::string& title, const std::string& metric);

}  // namespace noggin::tool
