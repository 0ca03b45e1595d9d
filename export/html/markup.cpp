#include "export/html/markup.h"

#include "bytes/foreign_text.h"

namespace noggin::html {
namespace {

// U+FFFE and U+FFFF, the last code points of three bytes.
constexpr std::string_view kNoncharacters[] = {"\xEF\xBF\xBE", "\xEF\xBF\xBF"};

std::string opening(std::string_view name, const Attributes& attributes) {
  std::string tag = "<";
  tag += name;
  for (const auto& [key, value] : attributes) {
    tag += ' ';
    tag += key;
    tag += "=\"" + escaped(value) + '"';
  }
  return tag;
}

}  // namespace

std::string escaped(std::string_view text) {
  const std::string shown = printable(text);
  std::string safe;
  safe.reserve(shown.size());
  for (std::size_t i = 0; i < shown.size(); ++i) {
    const std::string_view rest = std::string_view(shown).substr(i);
    switch (shown[i]) {
      case '&':
        safe += "&amp;";
        break;
      case '<':
        safe += "&lt;";
        break;
      case '>':
        safe += "&gt;";
        break;
      case '"':
        safe += "&quot;";
        break;
      case '\'':
        safe += "&#39;";
        break;
      default:
        if (rest.starts_with(kNoncharacters[0]) || rest.starts_with(kNoncharacters[1])) {
          append_escaped(rest.starts_with(kNoncharacters[0]) ? 0xFFFE : 0xFFFF, safe);
          i += 2;
        } else {
          safe += shown[i];
        }
    }
  }
  return safe;
}

Markup text(std::string_view content) { return Markup(escaped(content)); }

Markup element(std::string_view name, const Attributes& attributes, const Markup& content) {
  return Markup(opening(name, attributes) + ">" + content.text_ + "</" + std::string(name) + ">");
}

Markup leaf(std::string_view name, const Attributes& attributes) { return Markup(opening(name, attributes) + "/>"); }

}  // namespace noggin::html
