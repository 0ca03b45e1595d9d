// Judges a page by reading it as an XML parser would, and by what a page may not hold: it fetches nothing and runs
// nothing.
#pragma once

#include <gtest/gtest.h>

#include <cctype>
#include <string>
#include <string_view>
#include <vector>

#include "bytes/utf8.h"

namespace noggin::test {

// What is wrong with the tags of a document; empty: every element is closed in order, every attribute has a value in
// double quotes, every & begins a known reference, and no character is one that XML forbids.
inline std::string fault_of_tags(std::string_view document) {
  std::vector<std::string> open;
  std::size_t at = 0;
  const auto fault = [&](const std::string& what) {
    return what + " near \"" + std::string(document.substr(at, 60)) + "\"";
  };
  const auto is_name = [](char c) { return std::isalnum(static_cast<unsigned char>(c)) != 0 || c == '-'; };
  const auto bad_text = [](std::string_view text) {
    for (std::size_t i = 0; i < text.size(); ++i) {
      const auto c = static_cast<unsigned char>(text[i]);
      if (c == '<' || c == '>' || (c < 0x20 && c != '\n' && c != '\t') || c == 0x7F) return true;
      if (c != '&') continue;
      bool known = false;
      for (const char* reference : {"&amp;", "&lt;", "&gt;", "&quot;", "&#39;"})
        known = known || text.substr(i).starts_with(reference);
      if (!known) return true;
    }
    return false;
  };
  if (!is_valid_utf8(document)) return "not UTF-8";
  constexpr std::string_view kDoctype = "<!DOCTYPE html>";
  if (document.starts_with(kDoctype)) at = kDoctype.size();
  while (at < document.size()) {
    const std::size_t tag = document.find('<', at);
    const std::string_view text = document.substr(at, tag == std::string_view::npos ? tag : tag - at);
    if (bad_text(text)) return fault("a character that is not escaped");
    if (tag == std::string_view::npos) break;
    at = tag + 1;
    const bool closes = document[at] == '/';
    if (closes) ++at;
    const std::size_t name_start = at;
    while (at < document.size() && is_name(document[at])) ++at;
    const std::string name(document.substr(name_start, at - name_start));
    if (name.empty()) return fault("no name of a tag");
    while (at < document.size() && document[at] == ' ') {
      ++at;
      while (at < document.size() && is_name(document[at])) ++at;
      if (document.substr(at, 2) != "=\"") return fault("an attribute without a quoted value");
      const std::size_t end = document.find('"', at + 2);
      if (end == std::string_view::npos || bad_text(document.substr(at + 2, end - at - 2)))
        return fault("the value of an attribute");
      at = end + 1;
    }
    const bool alone = document.substr(at, 2) == "/>";
    if (!alone && document.substr(at, 1) != ">") return fault("a tag that does not end");
    at += alone ? 2 : 1;
    if (alone) continue;
    if (!closes) {
      open.push_back(name);
    } else if (open.empty() || open.back() != name) {
      return fault("</" + name + "> closes nothing");
    } else {
      open.pop_back();
    }
  }
  return open.empty() ? "" : "<" + open.back() + "> is not closed";
}

inline void expect_well_formed(const std::string& page) { EXPECT_EQ(fault_of_tags(page), ""); }

// No script, nothing that a browser would fetch, a style for dark screens and one for paper.
inline void expect_self_contained(const std::string& page) {
  for (const char* forbidden :
       {"<script", "src=", "url(", "@import", "http:", "https:", "<img", "<link", "<iframe", "<object", "<form",
        "javascript:", " onload", " onclick", " onerror", "srcset", "<base"})
    EXPECT_EQ(page.find(forbidden), std::string::npos) << forbidden;
  for (std::size_t at = page.find("href="); at != std::string::npos; at = page.find("href=", at + 1))
    EXPECT_EQ(page.substr(at, 7), "href=\"#");
  for (const char* needed : {"prefers-color-scheme:dark", "@media print", "default-src &#39;none&#39;"})
    EXPECT_NE(page.find(needed), std::string::npos) << needed;
}

}  // namespace noggin::test
