#include "export/pages/page_parts.h"

#include <fmt/format.h>

#include "data/rows/excerpt.h"

namespace noggin::exporter {

html::Markup text_notice(const PageOptions& options, std::string_view what) {
  if (!options.texts) return html::notice(html::Tone::kNote, html::text("Without texts of rows (--without-texts)."));
  return html::notice(
      html::Tone::kBad,
      html::element("b", html::text("Texts of rows are private.")) +
          html::text(
              fmt::format(" This page quotes some ({}): pass it on only to readers who may see the data, or make it "
                          "with --without-texts.",
                          what)));
}

std::string shown_text(std::string_view text) {
  constexpr std::size_t kMostBytes = 300;
  return data::excerpt(text, kMostBytes);
}

html::Markup with_heading(std::string_view heading, const html::Markup& content) {
  return content.empty() ? content : html::element("h3", html::text(heading)) + content;
}

}  // namespace noggin::exporter
