#include "data/logs/key_set.h"

#include <gtest/gtest.h>

#include <set>

#include "data/shards/sampler.h"

namespace noggin::data {
namespace {

TEST(KeySet, AgreesWithStdSetOverManyKeys) {
  KeySet keys;
  std::set<std::uint64_t> expected;
  for (std::uint64_t i = 0; i < 20000; ++i) {
    // Few distinct keys, some with equal low bits, zero among them.
    const std::uint64_t bits = random_bits(1, 0, i);
    const std::uint64_t key = i % 3 == 0 ? (bits % 500) << 32 : bits % 7000;
    EXPECT_EQ(keys.contains(key), expected.contains(key));
    EXPECT_EQ(keys.insert(key), expected.insert(key).second);
    EXPECT_EQ(keys.size(), expected.size());
  }
  for (const std::uint64_t key : expected) EXPECT_TRUE(keys.contains(key));
  EXPECT_TRUE(expected.contains(0));
}

TEST(KeySet, IsEmptyAtFirst) {
  const KeySet keys;
  EXPECT_FALSE(keys.contains(0));
  EXPECT_FALSE(keys.contains(17));
  EXPECT_EQ(keys.size(), 0U);
}

}  // namespace
}  // namespace noggin::data
