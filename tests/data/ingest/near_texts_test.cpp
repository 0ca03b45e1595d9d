#include "data/ingest/near_texts.h"

#include <gmock/gmock.h>

#include "bytes/content_hash.h"
#include "data/ingest/text_index.h"
#include "data/rows/near_key.h"

namespace noggin::data {
namespace {

TEST(NearKey, LeavesOutCaseSpacesAndPunctuation) {
  EXPECT_EQ(near_key("Where is it?"), near_key("where  is, it"));
  EXPECT_NE(near_key("where is it"), near_key("where is id"));
  EXPECT_NE(near_key("caf\xC3\xA9"), near_key("cafe")) << "an accent is a letter";
  EXPECT_EQ(near_key("?! ..."), 0U);
  EXPECT_EQ(near_key(""), 0U);
}

TEST(NearTexts, CountExactlyWhileThereAreFew) {
  NearTexts texts(8);
  texts.add(near_key("one"));
  EXPECT_EQ(texts.count(near_key("ONE!")), 1U);
  EXPECT_EQ(texts.count(near_key("two")), 0U);
  texts.add(near_key("!"));
  EXPECT_EQ(texts.count(near_key("?")), 0U) << "texts of punctuation are not all the same";
}

TEST(NearTexts, StandForSeveralWhereMemoryIsBounded) {
  constexpr std::uint64_t kTexts = 20'000;
  NearTexts texts(1000);
  const auto key = [](std::uint64_t i) { return content_hash(&i, sizeof i); };
  for (std::uint64_t i = 0; i < kTexts; ++i) texts.add(key(i));
  std::uint64_t sum = 0;
  for (std::uint64_t i = 0; i < kTexts; ++i) sum += texts.count(key(i));
  // At least 500 keys are kept: six standard deviations of their number are a quarter of it.
  EXPECT_NEAR(static_cast<double>(sum), kTexts, kTexts * 0.27);
  for (std::uint64_t i = kTexts; i < 2 * kTexts; ++i) EXPECT_EQ(texts.count(key(i)), 0U);
}

TEST(NearTexts, OfAnotherSplitAreNoExactRepeats) {
  TextIndex index;
  Repeats own, repeats;
  const auto row = [](const char* text) { return Record{.text = text, .label = 0, .file = "f", .line = 3}; };
  ASSERT_TRUE(index.add(row("where is it"), 0, own));
  ASSERT_TRUE(index.compare(row("where is it"), repeats));
  EXPECT_EQ(repeats.rows, 1U);
  EXPECT_EQ(repeats.near, 0U);
  ASSERT_TRUE(index.compare(row("Where is it?"), repeats));
  ASSERT_TRUE(index.compare(row("where was it"), repeats));
  EXPECT_EQ(repeats.rows, 1U);
  EXPECT_EQ(repeats.near, 1U);
  EXPECT_EQ(repeats.near_example.text, "Where is it?");
}

}  // namespace
}  // namespace noggin::data
