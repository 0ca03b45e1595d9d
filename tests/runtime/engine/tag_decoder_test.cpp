// The decoder against every sequence of classes there is.
#include "engine/tag_decoder.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <random>
#include <string>

namespace noggin::runtime {
namespace {

using Classes = std::vector<std::uint32_t>;

constexpr float kInfinity = std::numeric_limits<float>::infinity();
constexpr float kNan = std::numeric_limits<float>::quiet_NaN();

struct NamedScheme {
  std::vector<std::string_view> labels;
  spec::TaskKind kind = spec::TaskKind::kTag;
  spec::TagScheme scheme = *spec::make_tag_scheme(kind, labels);
};

const std::vector<NamedScheme>& schemes() {
  static const std::vector<NamedScheme> all = {{{"O", "B-X", "I-X"}},
                                               {{"I-X", "B-X", "O"}},
                                               {{"O", "B-X", "B-Y", "I-X", "I-Y"}},
                                               {{"I-Y", "B-X", "O", "I-X", "B-Y"}},
                                               {{"keep", "delete"}, spec::TaskKind::kEdit}};
  return all;
}

Classes decode(const spec::TagScheme& scheme, const std::vector<float>& logits, const Classes& rows,
               std::uint32_t from) {
  std::vector<float> sums(2 * scheme.type_of.size());
  std::vector<std::uint32_t> best_before(rows.size());
  std::vector<std::uint8_t> after_begin(rows.size() * scheme.types.size());
  Classes classes(rows.size());
  decode_tags(scheme, logits, rows, from, {sums, best_before, after_begin}, classes);
  return classes;
}

// best[w][c]: the largest sum of all allowed sequences of words 0 .. w that end with c; found by trying them all.
struct BestSums {
  std::vector<std::vector<float>> best;
  std::vector<std::vector<bool>> reached;
};

void try_all(const spec::TagScheme& scheme, const std::vector<float>& logits, const Classes& rows, std::uint32_t from,
             std::size_t w, float sum, BestSums& found) {
  if (w == rows.size()) return;
  const std::uint32_t count = static_cast<std::uint32_t>(scheme.type_of.size());
  for (std::uint32_t c = 0; c < count; ++c) {
    if (!scheme.may_follow(from, c)) continue;
    float total = sum + logits[rows[w] * count + c];
    if (std::isnan(total)) total = -kInfinity;
    if (!found.reached[w][c] || total > found.best[w][c]) found.best[w][c] = total;
    found.reached[w][c] = true;
    try_all(scheme, logits, rows, c, w + 1, total, found);
  }
}

// The definition in tag_decoder.h, ties included, from the sums of all sequences.
Classes decode_by_trying(const spec::TagScheme& scheme, const std::vector<float>& logits, const Classes& rows,
                         std::uint32_t from) {
  const std::uint32_t count = static_cast<std::uint32_t>(scheme.type_of.size());
  BestSums found{std::vector(rows.size(), std::vector<float>(count)),
                 std::vector(rows.size(), std::vector<bool>(count))};
  try_all(scheme, logits, rows, from, 0, 0.0F, found);
  Classes classes(rows.size());
  for (std::size_t w = rows.size(); w-- > 0;) {
    std::uint32_t chosen = count;
    for (std::uint32_t c = 0; c < count; ++c) {
      if (!found.reached[w][c] || (w + 1 < rows.size() && !scheme.may_follow(c, classes[w + 1]))) continue;
      if (chosen == count || found.best[w][c] > found.best[w][chosen]) chosen = c;
    }
    classes[w] = chosen;
  }
  return classes;
}

enum class Numbers { kSmooth, kTied, kHostile };

float random_logit(Numbers numbers, std::mt19937& random) {
  if (numbers == Numbers::kSmooth) return std::normal_distribution<float>(0.0F, 3.0F)(random);
  static constexpr float kValues[] = {0.0F, -0.0F, 1.0F, -1.0F, 2.0F, kNan, -kInfinity, kInfinity, 3e38F, -3e38F};
  return kValues[random() % (numbers == Numbers::kTied ? 5 : std::size(kValues))];
}

TEST(TagDecoder, FindsTheBestOfAllSequences) {
  std::mt19937 random(5);
  for (int round = 0; round < 3000; ++round) {
    const spec::TagScheme& scheme = schemes()[random() % schemes().size()].scheme;
    const std::size_t count = scheme.type_of.size(), words = random() % (count > 3 ? 5 : 7);
    const auto numbers = static_cast<Numbers>(random() % 3);
    std::vector<float> logits(2 * words * count);
    for (float& logit : logits) logit = random_logit(numbers, random);
    Classes rows;  // not every row is a word's
    for (std::uint32_t w = 0; w < words; ++w) rows.push_back(2 * w + random() % 2);
    const auto from = static_cast<std::uint32_t>(random() % count);
    EXPECT_EQ(decode(scheme, logits, rows, from), decode_by_trying(scheme, logits, rows, from)) << "round " << round;
  }
}

TEST(TagDecoder, NeverGivesAClassThatMayNotStandThere) {
  std::mt19937 random(6);
  for (int round = 0; round < 2000; ++round) {
    const spec::TagScheme& scheme = schemes()[random() % schemes().size()].scheme;
    const std::size_t count = scheme.type_of.size(), words = 1 + random() % 60;
    std::vector<float> logits(words * count);
    for (float& logit : logits) logit = random_logit(static_cast<Numbers>(round % 3), random);
    Classes rows(words);
    for (std::uint32_t w = 0; w < words; ++w) rows[w] = w;
    std::uint32_t before = scheme.outside;
    for (const std::uint32_t c : decode(scheme, logits, rows, before)) {
      EXPECT_TRUE(scheme.may_follow(before, c));
      before = c;
    }
  }
}

TEST(TagDecoder, ALaterWordCanDecideAnEarlierOne) {
  const spec::TagScheme& scheme = schemes()[0].scheme;  // O B I
  const std::vector<float> logits = {1.0F, 0.0F, 9.0F, 0.0F, 0.0F, 5.0F};
  EXPECT_EQ(decode(scheme, logits, {0, 1}, 0), (Classes{1, 2}));  // B is worse for the first, but lets I follow
  EXPECT_EQ(decode(scheme, logits, {0, 1}, 1), (Classes{2, 2}));
}

TEST(TagDecoder, TiesGoToTheLowestClass) {
  const std::vector<float> zeros(15);
  EXPECT_EQ(decode(schemes()[2].scheme, zeros, {0, 1, 2}, 0), (Classes{0, 0, 0}));
  EXPECT_EQ(decode(schemes()[1].scheme, zeros, {0, 1, 2}, 2), (Classes{1, 0, 0}));  // I may not come first
}

TEST(TagDecoder, NanNeverWins) {
  EXPECT_EQ(decode(schemes()[0].scheme, {kNan, -7.0F, kNan}, {0}, 0), (Classes{1}));
  EXPECT_EQ(decode(schemes()[4].scheme, {kNan, -7.0F, -7.0F, kNan}, {0, 1}, 0), (Classes{1, 0}));
}

}  // namespace
}  // namespace noggin::runtime
