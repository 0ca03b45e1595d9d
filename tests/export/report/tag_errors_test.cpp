#include "export/report/tag_errors.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

#include <nlohmann/json.hpp>

namespace noggin::exporter {
namespace {

using testing::HasSubstr;
using Spans = std::vector<TypedSpan>;

const std::vector<std::string> kTypes = {"PERSON", "PLACE"};
constexpr std::uint32_t kPerson = 0, kPlace = 1;

TagErrors errors_of(const Spans& gold, const Spans& found) {
  const TaggedText text{"row", gold, found};
  return tag_errors(std::span(&text, 1), kTypes);
}

TEST(TagErrors, EachKindByItself) {
  EXPECT_EQ(errors_of({{0, 4, kPerson}}, {{0, 4, kPerson}}).total.right, 1U);
  EXPECT_EQ(errors_of({{0, 4, kPerson}}, {}).types[kPerson].missed, 1U);
  EXPECT_EQ(errors_of({}, {{0, 4, kPlace}}).types[kPlace].spurious, 1U);
  EXPECT_EQ(errors_of({}, {{0, 4, kPlace}}).wrong_texts, 1U);
  EXPECT_EQ(errors_of({}, {}).wrong_texts, 0U);
  const TagErrors type = errors_of({{0, 4, kPerson}}, {{0, 4, kPlace}});
  EXPECT_EQ(type.types[kPerson].wrong_type, 1U);
  EXPECT_EQ(type.total.missed + type.total.spurious, 0U);
  ASSERT_EQ(type.wrong_types.size(), 1U);
  EXPECT_EQ(type.wrong_types[0].gold, "PERSON");
  EXPECT_EQ(type.wrong_types[0].answered, "PLACE");
  EXPECT_EQ(type.wrong_types[0].example_id, "row");
  for (const TypedSpan& found :
       Spans{{0, 3, kPerson}, {1, 4, kPerson}, {3, 9, kPerson}, {1, 3, kPerson}, {0, 9, kPerson}}) {
    EXPECT_EQ(errors_of({{0, 4, kPerson}}, {found}).types[kPerson].wrong_borders, 1U)
        << found.begin << "-" << found.end;
  }
}

TEST(TagErrors, OtherTypeAndOtherBordersAreTwoErrors) {
  const TagErrors errors = errors_of({{0, 4, kPerson}}, {{0, 3, kPlace}});
  EXPECT_EQ(errors.types[kPerson].missed, 1U);
  EXPECT_EQ(errors.types[kPlace].spurious, 1U);
  EXPECT_EQ(errors.total.wrong_borders + errors.total.wrong_type, 0U);
}

TEST(TagErrors, TouchingSpansDoNotOverlap) {
  const TagErrors errors = errors_of({{0, 4, kPerson}}, {{4, 8, kPerson}});
  EXPECT_EQ(errors.total.missed, 1U);
  EXPECT_EQ(errors.total.spurious, 1U);
}

TEST(TagErrors, OneSpanFoundAsTwoIsOneWrongBorderAndOneSpurious) {
  const TagErrors errors = errors_of({{0, 9, kPerson}}, {{5, 9, kPerson}, {0, 4, kPerson}});
  EXPECT_EQ(errors.total.wrong_borders, 1U);
  EXPECT_EQ(errors.total.spurious, 1U);
  EXPECT_EQ(errors.total.missed, 0U);
}

TEST(TagErrors, ExactPairsComeBeforeOverlapsWhateverTheOrder) {
  // The found [4, 8) is exact for the third gold span; [3, 4) is left for the second.
  const TagErrors errors = errors_of({{10, 14, kPlace}, {0, 4, kPerson}, {4, 8, kPerson}},
                                     {{4, 8, kPerson}, {3, 4, kPerson}, {10, 14, kPlace}});
  EXPECT_EQ(errors.total.right, 2U);
  EXPECT_EQ(errors.total.wrong_borders, 1U);
}

// Random spans without overlaps.
Spans random_spans(std::uint64_t& state) {
  const auto next = [&](std::uint32_t below) {
    state = state * 6364136223846793005ULL + 1442695040888963407ULL;
    return static_cast<std::uint32_t>((state >> 33U) % below);
  };
  Spans spans;
  std::uint32_t at = next(4);
  while (at < 40) {
    const std::uint32_t end = at + 1 + next(4);
    spans.push_back({at, end, next(2)});
    at = end + next(4);
  }
  return spans;
}

TEST(TagErrors, EverySpanIsCountedOnceAndExactCountsAreBruteForce) {
  std::uint64_t state = 7;
  for (int trial = 0; trial < 2000; ++trial) {
    const Spans gold = random_spans(state), found = random_spans(state);
    const TagErrors errors = errors_of(gold, found);
    std::uint64_t right = 0, wrong_type = 0, overlapping = 0;
    for (const TypedSpan& g : gold) {
      bool meets = false;
      for (const TypedSpan& f : found) {
        right += g == f ? 1 : 0;
        wrong_type += g.begin == f.begin && g.end == f.end && g.type != f.type ? 1 : 0;
        meets = meets || (g.type == f.type && g.begin < f.end && f.begin < g.end);
      }
      overlapping += meets ? 1 : 0;
    }
    EXPECT_EQ(errors.total.right, right);
    EXPECT_EQ(errors.total.wrong_type, wrong_type);
    EXPECT_LE(errors.total.wrong_borders, overlapping - right);
    EXPECT_EQ(errors.total.gold, gold.size());
    EXPECT_EQ(right + wrong_type + errors.total.wrong_borders + errors.total.missed, gold.size());
    EXPECT_EQ(right + wrong_type + errors.total.wrong_borders + errors.total.spurious, found.size());
    EXPECT_EQ(errors.wrong_texts, gold == found ? 0U : 1U);
    for (const TypeErrors& type : errors.types) {
      EXPECT_EQ(type.right + type.wrong_type + type.wrong_borders + type.missed, type.gold);
    }
  }
}

TEST(TagErrors, AsTextAndJson) {
  const TagErrors errors = errors_of({{0, 4, kPerson}, {5, 9, kPerson}}, {{0, 4, kPlace}, {5, 9, kPerson}});
  const std::string text = to_text(errors);
  EXPECT_THAT(text, HasSubstr("spans (1 of 1 texts wrong)"));
  EXPECT_THAT(text, HasSubstr("PERSON"));
  EXPECT_THAT(text, HasSubstr("gold type"));
  const auto json = to_json(errors);
  EXPECT_EQ(json["total"]["right"], 1);
  EXPECT_EQ(json["types"][0]["wrong_type"], 1);
  EXPECT_EQ(json["wrong_types"][0]["share"], 0.5);
}

}  // namespace
}  // namespace noggin::exporter
