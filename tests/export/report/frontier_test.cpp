#include "export/report/frontier.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <algorithm>
#include <sstream>

namespace noggin::exporter {
namespace {

using testing::HasSubstr;
using testing::Not;

Frontier example() {
  return {"two, \"names\" & <marks>",
          "accuracy",
          {0.2, 0.5, 1.0, 3.0},
          {{"linear", "linear", 300'000, 6.0, {0.80, 0.78, 0.82}},
           {"a \"small\", <odd> & one", "static", 450'000, 4.0, {0.85, 0.83, 0.87}},
           {"int8", "student", 2'000'000, 40.0, {0.93, 0.92, 0.94}},
           {"int4", "student", 900'000, 30.0, {0.92, 0.91, 0.93}},
           {"worse", "student", 2'500'000, 60.0, {0.91, 0.90, 0.92}}}};
}

std::vector<std::string> names(const std::vector<FrontierPoint>& points) {
  std::vector<std::string> found;
  for (const FrontierPoint& point : points) found.push_back(point.name);
  return found;
}

TEST(Frontier, TheBestOfASizeIsAtLeastEveryCandidateOfThatSize) {
  const Frontier frontier = example();
  EXPECT_EQ(best_within(frontier, 200'000), nullptr);
  EXPECT_EQ(best_within(frontier, 300'000)->name, "linear");
  EXPECT_EQ(best_within(frontier, 1'000'000)->name, "int4");
  EXPECT_EQ(best_within(frontier, 3'000'000)->name, "int8");
  EXPECT_EQ(best_within(frontier, 3'000'000, "static")->kind, "static");
  for (const std::uint64_t bytes : {300'000U, 500'000U, 1'000'000U, 3'000'000U})
    for (const char* kind : {"static", "linear", "student"}) {
      const FrontierPoint* rival = best_within(frontier, bytes, kind);
      if (rival != nullptr) {
        EXPECT_GE(best_within(frontier, bytes)->quality.value, rival->quality.value);
      }
    }
}

TEST(Frontier, KeepsWhatNothingCheaperBeats) {
  EXPECT_THAT(names(undominated(example(), Cost::kBytes)),
              testing::ElementsAre("linear", "a \"small\", <odd> & one", "int4", "int8"));
  EXPECT_THAT(names(undominated(example(), Cost::kTime)),
              testing::ElementsAre("a \"small\", <odd> & one", "int4", "int8"));
}

TEST(Frontier, TheTableHasARowPerSize) {
  const std::string text = to_markdown(example());
  EXPECT_THAT(text, HasSubstr("| 0.2 MB | nothing fits | - | - | - | - | - | - |"));
  EXPECT_THAT(text, HasSubstr("| 1 MB | int4 | 900000 | 30.0 | 92.00 [91.00, 93.00] |"));
}

// RFC 4180: each record has as many fields as the header.
TEST(Frontier, TheCsvHasAsManyFieldsInEachRecord) {
  const std::string text = to_csv(example());
  std::size_t fields = 1, records = 0, expected = 0;
  bool quoted = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    if (text[i] == '"') quoted = !quoted;
    if (quoted) continue;
    if (text[i] == ',') ++fields;
    if (text[i] != '\n') continue;
    EXPECT_EQ(text[i - 1], '\r');
    if (records == 0) expected = fields;
    EXPECT_EQ(fields, expected);
    fields = 1;
    ++records;
  }
  EXPECT_FALSE(quoted);
  EXPECT_EQ(records, 6U);
  EXPECT_THAT(text, HasSubstr("\"a \"\"small\"\", <odd> & one\",static,450000,4.00,0.850000,0.830000,0.870000,1\r\n"));
}

// Elements nest and close, attributes are quoted, and text holds no markup of its own.
void expect_well_formed(const std::string& xml) {
  std::vector<std::string> open;
  for (std::size_t at = xml.find('<'); at != std::string::npos; at = xml.find('<', at)) {
    const std::size_t end = xml.find('>', at);
    ASSERT_NE(end, std::string::npos);
    const std::string tag = xml.substr(at + 1, end - at - 1);
    ASSERT_FALSE(tag.empty());
    EXPECT_EQ(tag.find('<'), std::string::npos) << tag;
    EXPECT_EQ(std::ranges::count(tag, '"') % 2, 0) << tag;
    const std::string name = tag.substr(tag.front() == '/' ? 1 : 0, tag.find_first_of(" />", 1) - (tag.front() == '/'));
    if (tag.front() == '/') {
      ASSERT_FALSE(open.empty());
      EXPECT_EQ(open.back(), tag.substr(1));
      open.pop_back();
    } else if (tag.back() != '/') {
      open.push_back(tag.substr(0, tag.find(' ')));
    }
    at = end;
  }
  EXPECT_TRUE(open.empty());
  for (std::size_t at = xml.find('&'); at != std::string::npos; at = xml.find('&', at + 1)) {
    const std::string entity = xml.substr(at, xml.find(';', at) - at + 1);
    EXPECT_THAT(entity, testing::AnyOf("&amp;", "&lt;", "&gt;", "&quot;"));
  }
}

TEST(Frontier, TheDrawingIsWellFormedAndEscapesNames) {
  const std::string svg = to_svg(example());
  expect_well_formed(svg);
  EXPECT_THAT(svg, HasSubstr("two, &quot;names&quot; &amp; &lt;marks&gt;"));
  EXPECT_THAT(svg, Not(HasSubstr("<odd>")));
  EXPECT_THAT(svg, HasSubstr("prefers-color-scheme:dark"));
  EXPECT_THAT(svg, Not(HasSubstr("nan")));
}

TEST(Frontier, WithoutPointsOrOfOneThereIsStillADrawing) {
  Frontier frontier = example();
  frontier.points.resize(1);
  expect_well_formed(to_svg(frontier));
  EXPECT_THAT(to_svg(frontier), Not(HasSubstr("nan")));
  frontier.points.clear();
  expect_well_formed(to_svg(frontier));
  EXPECT_THAT(to_markdown(frontier), HasSubstr("nothing fits"));
}

}  // namespace
}  // namespace noggin::exporter
