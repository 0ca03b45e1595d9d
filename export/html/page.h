// A page that is one file: no script, no font, no image, no address of anything else. The browser is told to fetch
// nothing (Content-Security-Policy), so that even a fault in escaping could not reach out.
#pragma once

#include <string>
#include <vector>

#include "export/html/markup.h"

namespace noggin::html {

// One part of a page, with a heading and a link to it at the top.
struct Section {
  std::string id;  // an identifier of ours
  std::string title;
  Markup content;
};

class Page {
 public:
  // `lead`: what stands above all parts.
  Page(std::string title, Markup lead) : title_(std::move(title)), lead_(std::move(lead)) {}
  // A part without content is left out.
  void add(Section section);
  std::string document() const;

 private:
  std::string title_;
  Markup lead_;
  std::vector<Section> sections_;
};

// A paragraph that must not be overlooked. good: what has been proven; bad: what failed; note: what to know.
enum class Tone { kGood, kBad, kNote };
Markup notice(Tone tone, const Markup& content);
// Charts side by side, as many as the screen has room for.
Markup row_of(const std::vector<Markup>& figures);

}  // namespace noggin::html
