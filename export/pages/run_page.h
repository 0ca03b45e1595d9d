// report.html of a run: one page that says what was trained on, how it went, what came out, what proves it, and what
// was not measured. Only what the run has recorded; parts that do not apply are left out.
#pragma once

#include <string>

#include "export/pages/run_record.h"

namespace noggin::exporter {

struct PageOptions {
  bool texts = true;  // false: no text of any row is on the page, for readers who may not see the data
};

std::string run_page(const RunRecord& run, const PageOptions& options);

}  // namespace noggin::exporter
