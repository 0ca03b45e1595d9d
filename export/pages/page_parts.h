// What pages of a run and of a comparison have in common.
#pragma once

#include <string>
#include <string_view>

#include "export/html/page.h"
#include "export/pages/run_page.h"

namespace noggin::exporter {

// Says at the top that the page quotes rows (`what`: "worst rows, changed answers"), or that it does not.
html::Markup text_notice(const PageOptions& options, std::string_view what);
// A text of a row, cut where it is long.
std::string shown_text(std::string_view text);
// Nothing if there is no content.
html::Markup with_heading(std::string_view heading, const html::Markup& content);

}  // namespace noggin::exporter
