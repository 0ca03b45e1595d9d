#include "export/html/markup.h"

#include <gtest/gtest.h>

#include "export/html/page.h"
#include "export/html/stylesheet.h"
#include "export/html/table.h"
#include "tests/support/html_check.h"

namespace noggin::html {
namespace {

TEST(Markup, EscapesWhatWouldEndATextOrAValue) {
  EXPECT_EQ(escaped("a < b & \"c\" > 'd'"), "a &lt; b &amp; &quot;c&quot; &gt; &#39;d&#39;");
  EXPECT_EQ(text("</style><script>alert(1)</script>").str(), "&lt;/style&gt;&lt;script&gt;alert(1)&lt;/script&gt;");
  EXPECT_EQ(leaf("meta", {{"content", "\"/><script>"}}).str(), "<meta content=\"&quot;/&gt;&lt;script&gt;\"/>");
}

TEST(Markup, ShowsWhatMayNotBeShownAsText) {
  EXPECT_EQ(escaped(std::string("a\0b\x1b[31m\r\x7f", 10)), "a\\u0000b\\u001b[31m\\u000d\\u007f");
  EXPECT_EQ(escaped("abc\u202edef\u2066\u061c"), "abc\\u202edef\\u2066\\u061c");
  EXPECT_EQ(escaped("\xff\xc3"), "\uFFFD\uFFFD");
  EXPECT_EQ(escaped("a\uFFFEb\uFFFF"), "a\\ufffeb\\uffff");
  EXPECT_EQ(escaped("schön 漢字 🙂"), "schön 漢字 🙂");
}

TEST(Markup, EveryByteAndPairOfBytesStaysWellFormed) {
  for (int first = 0; first < 256; ++first)
    for (int second = 0; second < 256; ++second) {
      const std::string bytes = {static_cast<char>(first), static_cast<char>(second)};
      const std::string page = element("p", {{"title", bytes}}, text(bytes)).str();
      ASSERT_EQ(test::fault_of_tags(page), "") << first << " " << second;
    }
}

TEST(Markup, TheCheckSeesFaults) {
  for (const char* faulty : {"<p>", "<p></b></p>", "<p title=x></p>", "<p>&</p>", "<p>a < b</p>", "</p>",
                             "<p title=\"<\"></p>", "<b><i></b></i>", "<p\x01></p>", "\xff"})
    EXPECT_NE(test::fault_of_tags(faulty), "") << faulty;
  EXPECT_EQ(test::fault_of_tags("<!DOCTYPE html>\n<p a=\"b\">c<br/></p>\n"), "");
}

// A browser reads the content of <style> as it stands: an escaped character in it would be another one.
TEST(Markup, TheStylesheetHoldsNothingToEscape) { EXPECT_EQ(escaped(kStylesheet), kStylesheet); }

TEST(Page, IsOneFileThatFetchesNothing) {
  Page page("a <b> \"title\"", paragraph("lead & more"));
  page.add({"first", "First", paragraph("content")});
  page.add({"empty", "Empty part", {}});
  const std::string document = page.document();
  test::expect_well_formed(document);
  test::expect_self_contained(document);
  EXPECT_TRUE(document.starts_with("<!DOCTYPE html>\n<html lang=\"en\">"));
  EXPECT_NE(document.find("<a href=\"#first\">First</a>"), std::string::npos);
  EXPECT_EQ(document.find("Empty part"), std::string::npos);
}

TEST(Table, AlignsNumbersAndShadesCounts) {
  Table table({{"name", false}, {"n"}});
  table.add_texts({"<x>", "3"}, true);
  const std::string markup = table.markup().str();
  test::expect_well_formed(markup);
  EXPECT_NE(markup.find("<tr class=\"chosen\"><td>&lt;x&gt;</td><td class=\"number\">3</td></tr>"), std::string::npos);
  const std::string heat = heat_table({"gold", {"a", "b"}, {{3, 1}, {0, 0}}}).str();
  test::expect_well_formed(heat);
  EXPECT_NE(heat.find("style=\"--share:0.750\">3<"), std::string::npos);
  EXPECT_NE(heat.find("style=\"--share:0.250\">1<"), std::string::npos);
}

}  // namespace
}  // namespace noggin::html
