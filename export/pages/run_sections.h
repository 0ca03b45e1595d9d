// The parts of a run's page, in their order. Each is empty where a run has nothing to show.
#pragma once

#include "export/html/page.h"
#include "export/pages/run_page.h"

namespace noggin::exporter {

html::Markup lead_of(const RunRecord& run, const PageOptions& options);
html::Markup data_section(const RunRecord& run);
html::Markup teacher_section(const RunRecord& run);  // where teacher and gold disagree
html::Markup training_section(const RunRecord& run);
html::Markup results_section(const RunRecord& run);
html::Markup figures_section(const RunRecord& run);  // what only this kind of task has
html::Markup probability_section(const RunRecord& run);
html::Markup abstaining_section(const RunRecord& run);
html::Markup errors_section(const RunRecord& run, const PageOptions& options);
html::Markup file_section(const RunRecord& run);
html::Markup proof_section(const RunRecord& run, const PageOptions& options);
html::Markup missing_section(const RunRecord& run);  // what was not measured
html::Markup environment_section(const RunRecord& run);

}  // namespace noggin::exporter
