// HTML and SVG put together from parts that are well-formed, so that the whole is: a document that an XML parser reads,
// too. A Markup can only be made from escaped text and from elements around other Markup; labels, texts and names from
// outside cannot become tags, attributes or styles. Values; no errors; thread-safe as strings are.
#pragma once

#include <initializer_list>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace noggin::html {

// The one escaping rule, for content and for values in double quotes: & < > " ' as references; what may not be shown
// (bytes/foreign_text.h: control characters, marks that turn the direction of writing, bytes that are not UTF-8) as
// visible text like \u202e; the two noncharacters that XML forbids (U+FFFE, U+FFFF) as \ufffe, \uffff.
std::string escaped(std::string_view text);

// Names and values; values are escaped. Names are literals of ours.
using Attributes = std::vector<std::pair<std::string_view, std::string>>;

class Markup {
 public:
  Markup() = default;
  const std::string& str() const { return text_; }
  bool empty() const { return text_.empty(); }
  Markup& operator+=(const Markup& more) {
    text_ += more.text_;
    return *this;
  }
  friend Markup operator+(Markup first, const Markup& second) { return std::move(first += second); }

 private:
  explicit Markup(std::string text) : text_(std::move(text)) {}
  friend Markup text(std::string_view content);
  friend Markup element(std::string_view name, const Attributes& attributes, const Markup& content);
  friend Markup leaf(std::string_view name, const Attributes& attributes);

  std::string text_;
};

Markup text(std::string_view content);
// <name attributes>content</name>. `name` is a literal of ours.
Markup element(std::string_view name, const Attributes& attributes, const Markup& content);
// <name attributes/>: a void element of HTML, or a shape of SVG.
Markup leaf(std::string_view name, const Attributes& attributes);

inline Markup element(std::string_view name, const Markup& content) { return element(name, {}, content); }
inline Markup paragraph(std::string_view content) { return element("p", text(content)); }

}  // namespace noggin::html
