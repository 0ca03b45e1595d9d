#include "tokenizer/ngram_tokenizer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <set>
#include <string>

#include "tokenizer/ngram_features.h"

namespace noggin::runtime {
namespace {

constexpr std::uint32_t kBuckets = 1U << 18;

struct Found {
  std::uint32_t bucket;
  TextSpan place;
};

std::vector<Found> ngrams_of(std::string_view text, std::uint32_t buckets = kBuckets) {
  std::vector<Found> found;
  for_each_ngram(text, buckets,
                 [&](std::uint32_t bucket, const TextSpan& place) { return found.push_back({bucket, place}), true; });
  return found;
}

// The same written with strings: words, then every n-gram as a string of its own.
std::vector<std::uint32_t> plain_buckets(const std::string& text) {
  std::vector<std::string> words;
  bool inside = false;
  for (const char byte : text) {
    const auto value = static_cast<unsigned char>(byte);
    const char low = value >= 'A' && value <= 'Z' ? static_cast<char>(byte + 32) : byte;
    const bool joins = value >= 0x80 || low == '\'' || (low >= '0' && low <= '9') || (low >= 'a' && low <= 'z');
    if (joins && inside)
      words.back() += low;
    else if (value > ' ' && value != 0x7F)
      words.emplace_back(1, low);
    inside = joins;
  }
  std::vector<std::uint32_t> buckets;
  const auto add = [&](NgramHash::Kind kind, const std::string& bytes) {
    NgramHash hash(kind);
    for (const char byte : bytes) hash.add(byte);
    buckets.push_back(hash.bucket(kBuckets));
  };
  for (std::size_t w = 0; w < words.size(); ++w) {
    add(NgramHash::kWord, words[w]);
    if (w > 0) add(NgramHash::kWordPair, words[w - 1] + " " + words[w]);
    const std::string padded = " " + words[w] + " ";
    std::vector<std::size_t> starts;
    for (std::size_t i = 0; i < padded.size(); ++i) {
      if ((static_cast<unsigned char>(padded[i]) & 0xC0U) != 0x80U) starts.push_back(i);
    }
    starts.push_back(padded.size());
    for (std::size_t length = 3; length <= 5; ++length) {
      for (std::size_t i = 0; i + length < starts.size(); ++i) {
        add(NgramHash::kCharacters, padded.substr(starts[i], starts[i + length] - starts[i]));
      }
    }
  }
  std::sort(buckets.begin(), buckets.end());
  return buckets;
}

const std::vector<std::string>& texts() {
  static const std::vector<std::string> all = {"",
                                               " \t\n",
                                               "a",
                                               "at it",
                                               "Where IS my parcel?",
                                               "don't -- 3 things",
                                               "\xE6\x9D\xB1\xE4\xBA\xAC tokyo",
                                               "\x80\x80\xFF\xC3",
                                               "x\x80\x80\x80\x80y",
                                               "na\xC3\xAFve \xF0\x9F\x98\x80!",
                                               "a\x7F"
                                               "b\x01"
                                               "c",
                                               std::string(300, 'A')};
  return all;
}

TEST(NgramFeatures, AreThoseOfThePlainForm) {
  for (const std::string& text : texts()) {
    std::vector<std::uint32_t> found;
    for (const Found& ngram : ngrams_of(text)) found.push_back(ngram.bucket);
    std::sort(found.begin(), found.end());
    EXPECT_EQ(found, plain_buckets(text)) << text;
  }
}

// A file means these numbers for ever.
TEST(NgramFeatures, HashToTheSameBucketsForEver) {
  std::vector<std::uint32_t> found;
  for (const Found& ngram : ngrams_of("At it")) found.push_back(ngram.bucket);
  EXPECT_EQ(found, (std::vector<std::uint32_t>{87635, 148319, 121549, 62047, 94792, 193489, 112914, 195563, 48839}));
}

TEST(NgramFeatures, SayWhereTheyLie) {
  const std::vector<Found> found = ngrams_of("At it");
  ASSERT_EQ(found.size(), 9U);  // at; " at", " at ", "at "; it; "at it"; the runs of "it"
  EXPECT_EQ(found[0].place, (TextSpan{0, 2}));
  EXPECT_EQ(found[5].place, (TextSpan{0, 5}));  // the pair
  for (const std::string& text : texts()) {
    for (const Found& ngram : ngrams_of(text)) {
      EXPECT_LT(ngram.place.begin, ngram.place.end);
      EXPECT_LE(ngram.place.end, text.size());
    }
  }
}

runtime::NgramContents contents_of(const std::string& text, std::uint32_t buckets) {
  std::set<std::uint32_t> known;
  for (const Found& ngram : ngrams_of(text, buckets)) known.insert(ngram.bucket);
  return {buckets, {known.begin(), known.end()}};
}

TEST(NgramTokenizer, NumbersTheKnownBucketsInRisingOrder) {
  for (const std::uint32_t buckets : {16U, 33U, 997U, kBuckets}) {
    const runtime::NgramContents contents = contents_of("where is my parcel", buckets);
    const auto section = serialize_ngrams(contents);
    ASSERT_TRUE(section);
    const auto tokenizer = NgramTokenizer::bind(*section);
    ASSERT_TRUE(tokenizer) << tokenizer.error().message;
    EXPECT_EQ(tokenizer->vocabulary_size(), contents.known_buckets.size());
    std::vector<std::uint32_t> ids(500), expected;
    std::vector<TextSpan> places(500);
    const std::string text = "where was my other parcel?";
    ids.resize(tokenizer->encode(text, ids, places));
    for (const Found& ngram : ngrams_of(text, buckets)) {
      const auto at = std::lower_bound(contents.known_buckets.begin(), contents.known_buckets.end(), ngram.bucket);
      if (at == contents.known_buckets.end() || *at != ngram.bucket) continue;
      EXPECT_EQ(places[expected.size()], ngram.place);
      expected.push_back(static_cast<std::uint32_t>(at - contents.known_buckets.begin()));
    }
    EXPECT_EQ(ids, expected) << buckets;
    EXPECT_GT(ids.size(), 8U);
  }
}

TEST(NgramTokenizer, StopsWhereTheRoomEnds) {
  const auto section = serialize_ngrams(contents_of("where is my parcel", 997));
  const auto tokenizer = NgramTokenizer::bind(*section);
  std::vector<std::uint32_t> all(100), few(5, 7);
  ASSERT_GT(tokenizer->encode("where is my parcel", all), 5U);
  EXPECT_EQ(tokenizer->encode("where is my parcel", std::span(few).first(4)), 4U);
  EXPECT_TRUE(std::equal(few.begin(), few.begin() + 4, all.begin()));
  EXPECT_EQ(few[4], 7U);
  EXPECT_EQ(tokenizer->encode("", all), 0U);
}

TEST(NgramTokenizer, RefusesABentSection) {
  const std::vector<std::byte> good = *serialize_ngrams(contents_of("where is my parcel", 997));
  const auto refused = [](std::vector<std::byte> section) {
    const auto tokenizer = NgramTokenizer::bind(section);
    return tokenizer ? std::string() : tokenizer.error().message;
  };
  const auto bent = [&](std::size_t at, int value) {
    std::vector<std::byte> section = good;
    section[at] = static_cast<std::byte>(value);
    return refused(section);
  };
  EXPECT_EQ(refused(good), "");
  EXPECT_NE(refused({}).find("at least 12"), std::string::npos);
  EXPECT_NE(bent(0, 2).find("version 2"), std::string::npos);
  EXPECT_NE(bent(4, 0).find("do not fit"), std::string::npos) << bent(4, 0);  // 768 buckets
  EXPECT_NE(bent(7, 255).find("must be 16 to"), std::string::npos);
  EXPECT_NE(bent(8, 1).find("are declared"), std::string::npos);
  EXPECT_NE(refused({good.begin(), good.end() - 1}).find("do not fit"), std::string::npos);
  std::vector<std::byte> beyond = good;  // bucket 1023 of 997: known instead of another
  beyond.back() |= std::byte{0x80};
  beyond[8] = static_cast<std::byte>(std::to_integer<int>(beyond[8]) + 1);
  EXPECT_NE(refused(beyond).find("beyond the last"), std::string::npos);
  EXPECT_FALSE(serialize_ngrams({15, {1}}));
  EXPECT_FALSE(serialize_ngrams({kMaxBuckets + 1, {1}}));
}

TEST(NgramSection, ABucketOutOfRangeIsAnError) {
  EXPECT_TRUE(serialize_ngrams({997, {3, 996}}));
  for (const std::uint32_t bucket : {997U, 0xFFFFFFFFU}) {  // within and beyond the last word of bits
    const auto section = serialize_ngrams({997, {3, bucket}});
    ASSERT_FALSE(section);
    EXPECT_EQ(section.error().code, ErrorCode::kInvalidArgument);
    EXPECT_NE(section.error().message.find(std::to_string(bucket)), std::string::npos) << section.error().message;
  }
}

}  // namespace
}  // namespace noggin::runtime
