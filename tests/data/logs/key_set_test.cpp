#include "data/logs/key_set.h"

#include <gtest/gtest.h>

#include <map>
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

TEST(KeyMap, KeepsTheFirstValueOfEachKeyWhileItGrows) {
  KeyMap<std::uint32_t> map;
  std::map<std::uint64_t, std::uint32_t> expected;
  EXPECT_EQ(map.find(0), nullptr);
  for (std::uint32_t i = 0; i < 20000; ++i) {
    const std::uint64_t key = random_bits(2, 0, i) % 5000;  // 0, too; slots of neighbours collide
    const auto [kept, is_new] = map.insert(key, i);
    EXPECT_EQ(is_new, expected.emplace(key, i).second);
    EXPECT_EQ(kept, expected.at(key));
  }
  EXPECT_EQ(map.size(), expected.size());
  for (std::uint64_t key = 0; key < 6000; ++key) {
    const std::uint32_t* value = map.find(key);
    ASSERT_EQ(value != nullptr, expected.contains(key)) << key;
    if (value != nullptr) {
      EXPECT_EQ(*value, expected.at(key));
    }
  }
  map.insert(7, 0).first = 99;
  EXPECT_EQ(*map.find(7), 99U);
}

}  // namespace
}  // namespace noggin::data
