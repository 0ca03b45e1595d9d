#include "export/html/page.h"

#include "export/html/stylesheet.h"

namespace noggin::html {

void Page::add(Section section) {
  if (!section.content.empty()) sections_.push_back(std::move(section));
}

std::string Page::document() const {
  const Markup head = leaf("meta", {{"charset", "utf-8"}}) +
                      leaf("meta", {{"name", "viewport"}, {"content", "width=device-width, initial-scale=1"}}) +
                      leaf("meta", {{"name", "color-scheme"}, {"content", "light dark"}}) +
                      leaf("meta", {{"name", "referrer"}, {"content", "no-referrer"}}) +
                      leaf("meta", {{"http-equiv", "Content-Security-Policy"},
                                    {"content", "default-src 'none'; style-src 'unsafe-inline'"}}) +
                      element("title", text(title_)) + element("style", text(kStylesheet));
  Markup links, parts;
  for (const Section& section : sections_) {
    links += element("a", {{"href", "#" + section.id}}, text(section.title)) + text(" ");
    parts += element("section", {{"id", section.id}}, element("h2", text(section.title)) + section.content);
  }
  const Markup body = element("main", element("h1", text(title_)) + lead_ + element("nav", links) + parts);
  return "<!DOCTYPE html>\n" + element("html", {{"lang", "en"}}, element("head", head) + element("body", body)).str() +
         "\n";
}

Markup notice(Tone tone, const Markup& content) {
  const char* name = tone == Tone::kGood ? "notice good" : tone == Tone::kBad ? "notice bad" : "notice";
  return element("p", {{"class", name}}, content);
}

Markup row_of(const std::vector<Markup>& figures) {
  Markup all;
  for (const Markup& figure : figures) all += figure;
  return all.empty() ? all : element("div", {{"class", "charts"}}, all);
}

}  // namespace noggin::html
