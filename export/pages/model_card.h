// MODEL_CARD.md: the card that goes with a model, in the form of Hugging Face's hub: YAML between two lines of "---"
// (license, language, tags, figures as model-index), then Markdown. Names from outside are data in both: YAML strings
// are quoted, and Markdown's own characters are escaped.
#pragma once

#include <string>
#include <string_view>

#include "export/pages/run_record.h"

namespace noggin::exporter {

// Quotes no text of any row.
std::string model_card(const RunRecord& run);

// A YAML string in double quotes, which is JSON's form; what may not be shown is visible text (bytes/foreign_text.h).
std::string yaml_quoted(std::string_view text);
// One line that Markdown shows as it stands: its punctuation escaped, no tags, line feeds as spaces.
std::string markdown_text(std::string_view text);

}  // namespace noggin::exporter
