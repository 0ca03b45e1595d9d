// The page of a comparison (`noggin compare --json`, schema noggin-compare/1; export/compare): the verdict, the tests
// behind it, slices, and the answers that changed. What a later schema adds is shown by its name.
#pragma once

#include <string>

#include "export/pages/run_page.h"
#include "noggin/result.h"

namespace noggin::exporter {

inline constexpr const char* kCompareSchema = "noggin-compare/1";

// Errors: kCorrupt if `comparison` is not of that schema. Messages begin without the file's name.
Result<std::string> compare_page(const Json& comparison, const PageOptions& options);

}  // namespace noggin::exporter
