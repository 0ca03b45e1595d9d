#include "train/baseline/hashed_ngrams.h"

#include <gtest/gtest.h>

#include <numeric>

namespace noggin::train {
namespace {

constexpr std::uint32_t kBuckets = 1U << 18;

std::uint32_t total(const std::vector<NgramCount>& counts) {
  return std::accumulate(counts.begin(), counts.end(), 0U,
                         [](std::uint32_t sum, const NgramCount& ngram) { return sum + ngram.count; });
}

bool equal(const std::vector<NgramCount>& a, const std::vector<NgramCount>& b) {
  return std::equal(a.begin(), a.end(), b.begin(), b.end(), [](const NgramCount& x, const NgramCount& y) {
    return x.bucket == y.bucket && x.count == y.count;
  });
}

TEST(HashedNgrams, CountsWordsPairsAndCharacterRuns) {
  // " at ": 1 word, runs of 3 (2) and 4 (1) characters.
  EXPECT_EQ(total(hashed_ngrams("at", kBuckets)), 1U + 3U);
  // two words, one pair, " at " and " it "
  EXPECT_EQ(total(hashed_ngrams("at it", kBuckets)), 2U + 1U + 3U + 3U);
  // " a ": one run of 3
  EXPECT_EQ(total(hashed_ngrams("a", kBuckets)), 1U + 1U);
}

TEST(HashedNgrams, ARepeatedWordIsOneBucketWithACount) {
  bool found = false;
  for (const NgramCount& ngram : hashed_ngrams("no no", kBuckets)) found = found || ngram.count == 2;
  EXPECT_TRUE(found);
}

TEST(HashedNgrams, BucketsRiseAndStayInside) {
  const std::vector<NgramCount> counts = hashed_ngrams("where is the parcel that i ordered last week", 97);
  ASSERT_FALSE(counts.empty());
  for (std::size_t i = 1; i < counts.size(); ++i) EXPECT_LT(counts[i - 1].bucket, counts[i].bucket);
  EXPECT_LT(counts.back().bucket, 97U);
}

TEST(HashedNgrams, CaseAndSpacingDoNotMatterButWordOrderDoes) {
  EXPECT_TRUE(equal(hashed_ngrams("Where IS it", kBuckets), hashed_ngrams("  where is\tit\n", kBuckets)));
  EXPECT_FALSE(equal(hashed_ngrams("where is it", kBuckets), hashed_ngrams("it is where", kBuckets)));
}

TEST(HashedNgrams, PunctuationIsAWordOfItsOwn) {
  EXPECT_TRUE(equal(hashed_ngrams("it?", kBuckets), hashed_ngrams("it ?", kBuckets)));
  EXPECT_FALSE(equal(hashed_ngrams("it?", kBuckets), hashed_ngrams("it", kBuckets)));
}

TEST(HashedNgrams, CharactersAreCodePointsNotBytes) {
  // Two code points of three bytes each: as many runs as "at" has.
  EXPECT_EQ(total(hashed_ngrams("\xE6\x9D\xB1\xE4\xBA\xAC", kBuckets)), 1U + 3U);
}

TEST(HashedNgrams, BytesThatAreNoTextAreSurvived) {
  EXPECT_TRUE(hashed_ngrams("", kBuckets).empty());
  EXPECT_TRUE(hashed_ngrams(" \t\n", kBuckets).empty());
  EXPECT_FALSE(hashed_ngrams("\x80\x80\xFF\xC3", kBuckets).empty());  // no code point starts before the first byte
}

}  // namespace
}  // namespace noggin::train
